import io
import json
import zipfile

from conftest import still_needed

# A `provided` runtime that answers every invocation with its own environment.
BOOTSTRAP = """#!/usr/bin/env python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    invocation = urllib.request.urlopen(f"{api}/next").headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(f"{api}/{invocation}/response", json.dumps(dict(os.environ)).encode())
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def package():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        zipped.writestr(entry, BOOTSTRAP)
    return archive.getvalue()


def environment_of_a_function(emulator):
    role = emulator.client("iam").create_role(RoleName="environment", AssumeRolePolicyDocument=json.dumps(TRUST))
    client = emulator.client("lambda")
    client.create_function(
        FunctionName="environment",
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": package()},
        Environment={"Variables": {"OWN": "set"}},
    )
    return json.load(client.invoke(FunctionName="environment")["Payload"])


def probe(emulator):
    environment = environment_of_a_function(emulator)
    assert environment["OWN"] == "set"
    assert environment["AWS_ENDPOINT_URL"] == emulator.url
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_SESSION_TOKEN"]
    assert not {"AUTH", "STATE_DIR", "GATEWAY_PORT", "PERSIST_STATE"} & environment.keys()


def test_functions_see_none_of_the_emulators_settings(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
