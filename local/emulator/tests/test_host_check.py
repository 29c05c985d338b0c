import boto3
import pytest
from botocore.config import Config
from conftest import REGION, ROOT, still_needed

LIST_TABLES = {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}


def health(emulator, host):
    return emulator.http("GET", "/_ministack/ready", headers={"Host": host})[0]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:4600", "[::1]:4600", "bucket.s3.localhost", "s3.amazonaws.com"]
)
def test_names_of_this_machine_and_of_aws_are_answered(emulator, host):
    assert health(emulator, host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example:80"]
)
def test_other_names_are_not(emulator, host):
    assert health(emulator, host) == 421


def test_pages_may_not_call_services(emulator):
    evil = {"Origin": "https://evil.example"}
    assert emulator.http("POST", "/", b"{}", {**LIST_TABLES, **evil})[0] == 403
    assert emulator.http("GET", "/_ministack/ses/messages", headers=evil)[0] == 403
    preflight = {**evil, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-amz-target"}
    status, headers, _ = emulator.http("OPTIONS", "/", headers=preflight)
    assert status == 403 and "access-control-allow-origin" not in {name.lower() for name in headers}


def test_pages_send_parts_of_uploads(emulator):
    signed = {"region_name": REGION, "config": Config(signature_version="s3v4")}
    s3 = boto3.client(
        "s3", endpoint_url=emulator.url, aws_access_key_id=ROOT[0], aws_secret_access_key=ROOT[1], **signed
    )
    s3.create_bucket(Bucket="uploads")
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    s3.put_bucket_cors(Bucket="uploads", CORSConfiguration={"CORSRules": [rule]})
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "uploads", "Key": "part"})
    path = url[url.index("/uploads") :]
    page = {"Origin": "http://localhost:8080"}
    preflight = emulator.http("OPTIONS", path, headers={**page, "Access-Control-Request-Method": "PUT"})
    assert preflight[0] in (200, 204), preflight
    status, _, text = emulator.http("PUT", path, b"part", page)
    assert status == 200, text


def test_still_needed(plain):
    with still_needed():
        assert health(plain, "evil.example") == 421
