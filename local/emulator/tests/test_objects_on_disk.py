import errno
import hashlib
import os
from pathlib import Path

import pytest
from patches import objects_on_disk

MIB = 1 << 20


def random(length):
    return os.urandom(length)


@pytest.fixture
def s3(emulator):
    client = emulator.client("s3")
    client.create_bucket(Bucket="films")
    yield client


def begin(s3, key):
    return {"Bucket": "films", "Key": key, "UploadId": s3.create_multipart_upload(Bucket="films", Key=key)["UploadId"]}


def put(s3, upload, parts, order):
    """Sends these parts (number → bytes) in this order, and completes the upload."""
    for number in order:
        s3.upload_part(PartNumber=number, Body=parts[number], **upload)
    return complete(s3, upload, parts)


def complete(s3, upload, parts):
    listed = [
        {"PartNumber": number, "ETag": f'"{hashlib.md5(body).hexdigest()}"'} for number, body in sorted(parts.items())
    ]
    return s3.complete_multipart_upload(MultipartUpload={"Parts": listed}, **upload)


def assert_holds(s3, key, whole):
    got = s3.get_object(Bucket="films", Key=key)
    assert got["ContentLength"] == len(whole)
    assert got["Body"].read() == whole
    for start, end in [(0, 0), (5 * MIB - 3, 5 * MIB + 3), (len(whole) - 7, len(whole) - 1), (1, len(whole) - 2)]:
        got = s3.get_object(Bucket="films", Key=key, Range=f"bytes={start}-{end}")
        assert got["ContentRange"] == f"bytes {start}-{end}/{len(whole)}"
        assert got["Body"].read() == whole[start : end + 1]


@pytest.mark.parametrize(
    ("lengths", "order"),
    [
        pytest.param([5, 5, 5, 2], [1, 2, 3, 4], id="in order"),
        pytest.param([5, 5, 5, 2], [4, 2, 1, 3], id="the first one late"),
        pytest.param([5, 5, 5, 2], [1, 1, 2, 3, 2, 4], id="sent again"),
        pytest.param([5, 7, 6, 9], [1, 2, 3, 4], id="different lengths"),
        pytest.param([20], [1], id="one"),
        pytest.param([1], [1], id="small"),
    ],
)
def test_an_object_is_the_concatenation_of_its_parts(s3, lengths, order):
    parts = {number: random(length * MIB) for number, length in enumerate(lengths, 1)}
    answer = put(s3, begin(s3, "film"), parts, order)

    digests = b"".join(hashlib.md5(body).digest() for _, body in sorted(parts.items()))
    assert answer["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'
    whole = b"".join(body for _, body in sorted(parts.items()))
    if len(whole) > 6 * MIB:
        assert_holds(s3, "film", whole)
    assert s3.get_object(Bucket="films", Key="film")["Body"].read() == whole


def test_numbers_and_parts_may_be_skipped(s3):
    parts = {2: random(5 * MIB), 4: random(5 * MIB), 5: random(5 * MIB), 9: random(MIB)}
    upload = begin(s3, "gaps")
    for number in parts:
        s3.upload_part(PartNumber=number, Body=parts[number], **upload)
    del parts[5]
    complete(s3, upload, parts)

    assert_holds(s3, "gaps", b"".join(parts.values()))


def test_a_part_may_come_from_another_object(s3):
    source = random(12 * MIB)
    put(s3, begin(s3, "source"), {1: source}, [1])
    first = random(5 * MIB)
    upload = begin(s3, "copy")
    s3.upload_part(PartNumber=1, Body=first, **upload)
    copied = s3.upload_part_copy(PartNumber=2, CopySource={"Bucket": "films", "Key": "source"}, **upload)
    tags = [f'"{hashlib.md5(first).hexdigest()}"', copied["CopyPartResult"]["ETag"]]
    s3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]}, **upload
    )

    assert_holds(s3, "copy", first + source)


def test_an_object_can_be_copied_and_replaced_while_it_is_read(s3):
    old, new = random(20 * MIB), random(20 * MIB)
    put(s3, begin(s3, "read"), {1: old}, [1])
    s3.copy_object(Bucket="films", Key="again", CopySource={"Bucket": "films", "Key": "read"})
    body = s3.get_object(Bucket="films", Key="read")["Body"]
    beginning = body.read(MIB)
    put(s3, begin(s3, "read"), {1: new}, [1])

    assert beginning + body.read() == old
    assert_holds(s3, "read", new)
    assert_holds(s3, "again", old)


def test_nothing_is_left_of_uploads(emulator, s3):
    folder = Path(f"{emulator.home}/s3-parts")
    upload = begin(s3, "given-up")
    s3.upload_part(PartNumber=1, Body=random(5 * MIB), **upload)
    assert any(folder.iterdir())
    s3.abort_multipart_upload(**upload)
    put(s3, begin(s3, "done"), {1: random(10 * MIB), 2: random(MIB)}, [2, 1])

    assert not any(folder.iterdir())


def test_an_object_survives_a_restart(restartable):
    s3 = restartable.client("s3")
    s3.create_bucket(Bucket="films")
    whole = random(12 * MIB)
    put(s3, begin(s3, "durable"), {1: whole}, [1])
    s3.upload_part(PartNumber=1, Body=random(5 * MIB), **begin(s3, "unfinished"))
    restartable.stop()
    restartable.start()

    s3 = restartable.client("s3")
    assert_holds(s3, "durable", whole)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["films"]


def grown_by(emulator, do):
    """The growth of the emulator's peak memory in bytes."""
    process = Path(f"/proc/{emulator.process.pid}")
    (process / "clear_refs").write_text("5")

    def peak():
        line = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    before = peak()
    do()
    return peak() - before


def memory_of_a_large_object(emulator):
    """The growth of the emulator's memory in bytes while it handled an object of 320 MiB."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="films")
    part = random(16 * MIB)

    def handle():
        put(s3, begin(s3, "large"), {number: part for number in range(1, 21)}, range(1, 21))
        body = s3.get_object(Bucket="films", Key="large")["Body"]
        assert sum(len(piece) for piece in body.iter_chunks(MIB)) == 320 * MIB
        assert s3.get_object(Bucket="films", Key="large", Range="bytes=1-16")["Body"].read() == part[1:17]

    return grown_by(emulator, handle)


def test_a_large_object_is_never_in_memory(emulator):
    assert memory_of_a_large_object(emulator) < 160 * MIB


def test_a_plain_emulator_has_it_in_memory(plain):
    # The parts and the object.
    assert memory_of_a_large_object(plain) > 320 * MIB, "the emulator does this by itself now: remove the patch"


def copied(file, folder):
    """The content of another file after `file` was copied to its fourth byte."""
    path = folder / "copy"
    with objects_on_disk._writing(path) as descriptor:
        file.copy_to(descriptor, 3)
    return path.read_bytes()


def refuse_to_copy(monkeypatch, number):
    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "copy_file_range", refuse)


def test_a_file_is_copied_to_its_place(tmp_path):
    content = random(3 * MIB + 5)
    (tmp_path / "file").write_bytes(content)

    assert copied(objects_on_disk.File(tmp_path / "file", 7, 2 * MIB), tmp_path) == bytes(3) + content[7 : 7 + 2 * MIB]


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL])
def test_a_file_is_copied_without_copy_file_range(tmp_path, monkeypatch, number):
    content = random(3 * MIB + 5)
    (tmp_path / "file").write_bytes(content)
    refuse_to_copy(monkeypatch, number)

    assert copied(objects_on_disk.File(tmp_path / "file"), tmp_path) == bytes(3) + content


def test_other_errors_are_raised(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"film")
    refuse_to_copy(monkeypatch, errno.ENOSPC)

    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        copied(objects_on_disk.File(tmp_path / "file"), tmp_path)


@pytest.mark.parametrize("refused", [False, True], ids=["by the system", "by hand"])
def test_a_file_that_ends_too_early_is_an_error(tmp_path, monkeypatch, refused):
    (tmp_path / "file").write_bytes(b"film")
    if refused:
        refuse_to_copy(monkeypatch, errno.ENOSYS)

    with pytest.raises(EOFError):
        copied(objects_on_disk.File(tmp_path / "file", 1, 9), tmp_path)


def test_parts_read_the_file_that_was_opened(tmp_path):
    content = random(12 * MIB)
    path = tmp_path / "file"
    path.write_bytes(content)
    whole = objects_on_disk.File(path)
    path.rename(tmp_path / "renamed")
    path.write_bytes(b"another film")

    large = whole[MIB : 11 * MIB]
    assert isinstance(large, objects_on_disk.File)
    assert bytes(large) == content[MIB : 11 * MIB]
    assert whole[3:9] == content[3:9]
    (tmp_path / "file").unlink()
    assert bytes(large[MIB:]) == content[2 * MIB : 11 * MIB]
