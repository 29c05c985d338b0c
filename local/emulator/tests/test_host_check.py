import contextlib
import http.client

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
def test_host_names_of_this_machine_and_of_aws_are_accepted(emulator, host):
    assert health(emulator, host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example:80"]
)
def test_other_host_names_are_refused(emulator, host):
    assert health(emulator, host) == 421


def test_pages_may_not_call_services(emulator):
    evil = {"Origin": "https://evil.example"}
    assert emulator.http("POST", "/", b"{}", {**LIST_TABLES, **evil})[0] == 403
    assert emulator.http("GET", "/_ministack/ses/messages", headers=evil)[0] == 403
    preflight = {**evil, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-amz-target"}
    status, headers, _ = emulator.http("OPTIONS", "/", headers=preflight)
    assert status == 403 and "access-control-allow-origin" not in {name.lower() for name in headers}


SIGNED = "X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=" + 64 * "0"
PAGE = {"Origin": "https://evil.example"}


@pytest.mark.parametrize("query", ["", "?x=/s3/aws4_request", f"?{SIGNED}"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/%5Fministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/ses/messages"),
        ("PUT", "/_ministack/cfn-response/token"),
        ("OPTIONS", "/_ministack/cfn-response/token"),
        ("POST", "/_marquee/authorize"),
        ("POST", "/_aws/execute-api/..%2F..%2F_ministack/reset"),
        ("POST", "/_aws/execute-api/a/..%2F..%2F..%2F_ministack/reset"),
        ("PUT", "/_aws/lambda-url/a/"),
    ],
)
def test_no_page_uses_the_emulators_own_endpoints(emulator, method, path, query):
    bucket = "private"
    emulator.client("s3").create_bucket(Bucket=bucket)
    assert emulator.http(method, path + query, b"{}", PAGE)[0] == 403
    emulator.client("s3").head_bucket(Bucket=bucket)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_a_signature_is_for_uploads_only(emulator, method):
    assert emulator.http(method, f"/uploads/part?{SIGNED}", headers=PAGE)[0] == 403


@pytest.mark.parametrize(
    "query",
    [
        "x=/s3/aws4_request",
        SIGNED.replace("Signature", "Nothing"),
        SIGNED.replace("s3", "sqs"),
        SIGNED.replace(64 * "0", "0"),
        f"{SIGNED}&X-Amz-Signature=1",
    ],
)
def test_a_malformed_signature_is_refused(emulator, query):
    status, _, text = emulator.http("PUT", f"/uploads/part?{query}", b"", PAGE)
    assert (status, text) == (403, "Web pages may not use this address.\n")


@pytest.fixture(scope="module")
def distribution(emulator):
    origin = {"Id": "o", "DomainName": "o.example", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behaviour = {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    }
    config = {
        "CallerReference": "pages",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
    created = emulator.client("cloudfront").create_distribution(DistributionConfig=config)
    return created["Distribution"]["DomainName"]


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/_marquee/authorize"])
@pytest.mark.parametrize("below", ["net", "localhost"])
def test_a_distributions_host_name_does_not_expose_the_emulators_endpoints(emulator, distribution, path, below):
    host = distribution.replace(".net", f".{below}")
    status, _, text = emulator.http("POST", path, b"{}", {**PAGE, "Host": host})
    assert (status, text) == (403, "Web pages may not use this address.\n")


def test_pages_read_a_distributions_content_but_not_under_similar_names(emulator, distribution):
    served = emulator.http("GET", "/index.html", headers={**PAGE, "Host": distribution})
    assert served[2] != "Web pages may not use this address.\n"
    assert "x-amz-cf-id" in served[1], "the distribution answers, if only that its origin is not there"
    for host in ("unknown.cloudfront.net", "a.cloudfront.b.localhost"):
        assert emulator.http("GET", "/index.html", headers={**PAGE, "Host": host})[0] == 403


def test_no_page_opens_a_socket(emulator):
    upgrade = {
        "Host": "data.iot.us-east-1.localhost",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "mqtt",
    }
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)) as connection:
        connection.request("GET", "/mqtt", headers={**upgrade, **PAGE})
        assert connection.getresponse().status == 403


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
