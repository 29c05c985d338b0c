import json
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import still_needed


def probe(emulator):
    """Requests two stores as a user with rights to one of them; returns both statuses."""
    cloudfront, iam = emulator.client("cloudfront"), emulator.client("iam")
    mine, other = (cloudfront.create_key_value_store(Name=name)["KeyValueStore"]["ARN"] for name in ("mine", "other"))
    action = "cloudfront-keyvaluestore:DescribeKeyValueStore"
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": mine}]}
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="reader", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def status(store):
        path = "/key-value-stores/" + quote(store, safe="")
        request = AWSRequest("GET", emulator.url + path)
        SigV4Auth(reader, "cloudfront-keyvaluestore", "us-east-1").add_auth(request)
        return emulator.http("GET", path, headers=dict(request.headers))[0]

    return status(mine), status(other)


def test_a_policy_for_one_store_allows_only_that_store(emulator):
    assert probe(emulator) == (200, 403)


def test_it_is_still_needed(plain):
    with still_needed():
        assert probe(plain) == (200, 403)
