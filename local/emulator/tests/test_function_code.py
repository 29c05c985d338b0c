import io
import os
import zipfile
from pathlib import Path

MIB = 1 << 20


def package(length):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bootstrap", os.urandom(length))
    return file.getvalue()


def resident(emulator):
    status = Path(f"/proc/{emulator.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def memory_of_many(emulator):
    """The growth of the emulator's memory in bytes with twenty functions of one package of 10 MiB."""
    s3, functions = emulator.client("s3"), emulator.client("lambda")
    s3.create_bucket(Bucket="packages")
    s3.put_object(Bucket="packages", Key="area.zip", Body=package(10 * MIB))
    role = emulator.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    before = resident(emulator)
    for number in range(20):
        functions.create_function(
            FunctionName=f"function-{number}",
            Role=role,
            Runtime="provided.al2023",
            Handler=f"handler-{number}",
            Code={"S3Bucket": "packages", "S3Key": "area.zip"},
        )

    return resident(emulator) - before


def test_functions_of_one_package_share_it(emulator):
    assert memory_of_many(emulator) < 80 * MIB


def test_a_plain_emulator_has_a_copy_for_each(plain):
    # 200 MiB, minus memory that was free already.
    assert memory_of_many(plain) > 120 * MIB, "the emulator does this by itself now: remove the patch"
