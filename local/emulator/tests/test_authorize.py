import hashlib
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

JOB = "arn:aws:mediaconvert:us-east-1:000000000000:jobs/1"
ROLE = "arn:aws:iam::000000000000:role/transcodes"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "mediaconvert:GetJob", "Resource": JOB},
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}},
        },
    ],
}
BODY = b'{"a": 1}'


@pytest.fixture(scope="module")
def person(emulator):
    iam = emulator.client("iam")
    iam.create_user(UserName="caller")
    iam.put_user_policy(UserName="caller", PolicyName="caller", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def ask(emulator, key, action, resource=JOB, **more):
    question = {"access_key_id": key, "action": action, "resource": resource, **more}
    status, _, body = emulator.http("POST", "/_marquee/authorize", json.dumps(question).encode())
    assert status == 200, body
    return json.loads(body)


def signed(credentials, headers=None):
    """A signed request as a stand-in receives it."""
    url = "http://127.0.0.1:4601/2017-08-29/jobs?x=a%20b"
    request = AWSRequest("POST", url, data=BODY, headers=headers or {})
    SigV4Auth(credentials, "mediaconvert", "us-east-1").add_auth(request)
    return {
        "method": "POST",
        "path": "/2017-08-29/jobs",
        "query": "x=a%20b",
        "headers": [["Host", "127.0.0.1:4601"], *[list(pair) for pair in request.headers.items()]],
        "body_sha256": hashlib.sha256(BODY).hexdigest(),
    }


def test_the_callers_policy_decides(emulator, person):
    allowed = ask(emulator, person.access_key, "mediaconvert:GetJob")
    assert allowed == {"allowed": True, "principal_arn": "arn:aws:iam::000000000000:user/caller"}
    assert not ask(emulator, person.access_key, "mediaconvert:CreateJob")["allowed"]
    assert not ask(emulator, person.access_key, "mediaconvert:GetJob", JOB + "2")["allowed"]


def test_conditions_see_the_context(emulator, person):
    def passes(service):
        context = {"iam:PassedToService": service}
        return ask(emulator, person.access_key, "iam:PassRole", ROLE, context=context)["allowed"]

    assert passes("mediaconvert.amazonaws.com")
    assert not passes("sagemaker.amazonaws.com")
    assert not ask(emulator, person.access_key, "iam:PassRole", ROLE)["allowed"]


def test_an_unknown_key_is_refused(emulator):
    answer = ask(emulator, "AKIAUNKNOWNUNKNOWN00", "mediaconvert:GetJob")
    assert (answer["allowed"], answer["error"]["code"]) == (False, "UnrecognizedClientException")


def test_the_root_key_may_do_anything(emulator):
    assert ask(emulator, "test", "mediaconvert:CreateJob")["allowed"]


def test_a_good_signature_is_accepted(emulator, person):
    assert ask(emulator, person.access_key, "mediaconvert:GetJob", request=signed(person))["allowed"]


def test_a_forged_signature_is_refused(emulator, person):
    forged = signed(Credentials(person.access_key, "not the secret"))
    answer = ask(emulator, person.access_key, "mediaconvert:GetJob", request=forged)
    assert (answer["allowed"], answer["error"]["code"]) == (False, "SignatureDoesNotMatch")


def test_an_altered_body_is_refused(emulator, person):
    altered = signed(person) | {"body_sha256": hashlib.sha256(b"other").hexdigest()}
    assert not ask(emulator, person.access_key, "mediaconvert:GetJob", request=altered)["allowed"]


def test_the_digest_that_a_caller_claims_does_not_count(emulator, person):
    claimed = signed(person, {"X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()})
    assert ask(emulator, person.access_key, "mediaconvert:GetJob", request=claimed)["allowed"]

    altered = claimed | {"body_sha256": hashlib.sha256(b"other").hexdigest()}
    assert not ask(emulator, person.access_key, "mediaconvert:GetJob", request=altered)["allowed"]


def test_nonsense_is_a_bad_request(emulator):
    assert emulator.http("POST", "/_marquee/authorize", b"nonsense")[0] == 400
    assert emulator.http("POST", "/_marquee/authorize", b"{}")[0] == 400
    assert emulator.http("POST", "/_marquee/elsewhere", b"{}")[0] == 404


def test_a_policy_that_asks_for_tls_lets_this_machine_in(emulator, person):
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="tls-only")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls-only/*"}
    deny["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    caller = {"AWS": "arn:aws:iam::000000000000:user/caller"}
    allow = {**deny, "Effect": "Allow", "Principal": caller, "Action": "s3:GetObject", "Condition": {}}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny, allow]}))

    assert ask(emulator, person.access_key, "s3:GetObject", "arn:aws:s3:::tls-only/film")["allowed"]
