import json

from conftest import still_needed

BUCKET = "nothing-in-the-clear"


def probe(emulator):
    s3, iam = emulator.client("s3"), emulator.client("iam")
    s3.create_bucket(Bucket=BUCKET)
    objects = f"arn:aws:s3:::{BUCKET}/*"
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": objects}
    denial["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    permission = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects}
    iam.create_user(UserName=BUCKET)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [permission]})
    iam.put_user_policy(UserName=BUCKET, PolicyName=BUCKET, PolicyDocument=policy)
    key = iam.create_access_key(UserName=BUCKET)["AccessKey"]

    writer = emulator.client("s3", (key["AccessKeyId"], key["SecretAccessKey"]))
    writer.put_object(Bucket=BUCKET, Key="object", Body=b"")


def test_a_bucket_that_requires_tls_accepts_requests_from_this_machine(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
