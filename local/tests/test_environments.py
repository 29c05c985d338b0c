"""Several environments in one account, deployed by `marquee-local deploy` from independent checkouts.

The whole template is deployed; its functions do nothing, except those of the area that a deployment calls.
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess

import boto3
import pytest
from conftest import PROGRAM, PROJECT

# The area that a deployment calls.
REAL = "marquee-playback-functions"


class Checkout:
    """A folder that `make deploy` could run in, with a home of its own."""

    def __init__(self, folder, emulator):
        self.folder = folder
        self.emulator = emulator
        binaries = folder / "target/debug"
        binaries.mkdir(parents=True)
        for name in ("template.yaml", "stacks", "statemachines", "functions", "edge", "local", ".venv"):
            (folder / name).symlink_to((PROJECT / name).resolve())
        for source in PROJECT.glob("functions/*/src/main.rs"):
            name = f"marquee-{source.parent.parent.name}-functions"
            if name == REAL:
                (binaries / REAL).symlink_to(PROJECT / "target/debug" / REAL)
            else:
                (binaries / name).write_text("#!/bin/sh\n")
        # The functions are built already.
        cargo = folder / "bin/cargo"
        cargo.parent.mkdir()
        cargo.write_text("#!/bin/sh\n")
        cargo.chmod(0o755)

    def deploy(self, **environment):
        self._run("deploy", **environment)
        return self

    def undeploy(self, **environment):
        """The log of the command."""
        return self._run("undeploy", **environment)

    def _run(self, command, **environment):
        done = subprocess.run(
            [str(PROGRAM), command],
            cwd=self.folder,
            env={
                "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                "MARQUEE_EMULATOR_PORT": str(self.emulator.port),
                **environment,
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    def _read(self, name):
        return json.loads((self.folder / ".marquee" / name).read_text())

    @property
    def outputs(self):
        return self._read("outputs.json")

    @property
    def admin(self):
        return self._read("admin.json")


@pytest.fixture
def checkout(tmp_path, emulator):
    return lambda name: Checkout(tmp_path / name, emulator)


@pytest.fixture
def client(emulator):
    def client(service, region="us-east-1"):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=emulator.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return client


def signs_in(cognito, outputs, email, password):
    """Whether the pool lets the person in, and the groups that the token names."""
    pool, app = outputs["UserPoolId"], outputs["ApiClientId"]
    secret = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=app)["UserPoolClient"]["ClientSecret"]
    hashed = hmac.new(secret.encode(), (email + app).encode(), hashlib.sha256).digest()
    try:
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=app,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": email,
                "PASSWORD": password,
                "SECRET_HASH": base64.b64encode(hashed).decode(),
            },
        )
    except cognito.exceptions.NotAuthorizedException:
        return None
    claims = answer["AuthenticationResult"]["AccessToken"].split(".")[1]
    return set(json.loads(base64.urlsafe_b64decode(claims + "=="))["cognito:groups"])


def test_environments_and_regions_are_independent(checkout, client):
    first = checkout("first").deploy()
    made, admin = first.outputs, first.admin
    assert signs_in(client("cognito-idp"), made, **admin) == {"admin", "creator"}

    # The same environment from another checkout: another machine, or CI.
    second = checkout("second").deploy()
    assert second.outputs == made
    assert second.admin == {"email": admin["email"]}, "a password was chosen for an admin that has one"
    assert signs_in(client("cognito-idp"), made, **admin)
    # Only a given password replaces it.
    second.deploy(MARQUEE_ADMIN_PASSWORD="Another-Password-1")
    assert not signs_in(client("cognito-idp"), made, **admin)
    admin = {"email": admin["email"], "password": "Another-Password-1"}
    assert second.admin == admin
    assert signs_in(client("cognito-idp"), made, **admin)

    # Another environment of the account, and the same name in another region.
    staging = checkout("staging").deploy(MARQUEE_STACK="marquee-staging")
    abroad = checkout("abroad").deploy(MARQUEE_REGION="eu-central-1")
    everywhere = [
        (made, "us-east-1", "marquee", admin),
        (staging.outputs, "us-east-1", "marquee-staging", staging.admin),
        (abroad.outputs, "eu-central-1", "marquee", abroad.admin),
    ]
    for outputs, region, name, person in everywhere:
        found = {}
        for part in (name, f"{name}-recommender", f"{name}-edge"):
            (stack,) = client("cloudformation", region).describe_stacks(StackName=part)["Stacks"]
            assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
            found |= {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        assert found == outputs
        assert signs_in(client("cognito-idp", region), outputs, **person), f"{name} in {region}"
    # An environment accepts only its own admin.
    assert not signs_in(client("cognito-idp"), made, admin["email"], staging.admin["password"])

    # What belongs to the account, or would be lost with the other environment, is not shared.
    for key in ("DistributionId", "KeyValueStoreArn", "UserPoolId", "IngestStateMachineArn", "MediaBucketName"):
        assert len({outputs[key] for outputs, *_ in everywhere}) == 3, key


# The list operation of each service, and the member of an entry that has the name of its stack.
LISTS = {
    "lambda": ("list_functions", "Functions", "FunctionName"),
    "apigatewayv2": ("get_apis", "Items", "Name"),
    "events": ("list_rules", "Rules", "Name"),
    "iam": ("list_roles", "Roles", "RoleName"),
    "logs": ("describe_log_groups", "logGroups", "logGroupName"),
    "scheduler": ("list_schedules", "Schedules", "Name"),
    "ssm": ("describe_parameters", "Parameters", "Name"),
    "sns": ("list_topics", "Topics", "TopicArn"),
    "sqs": ("list_queues", "QueueUrls", None),
    "stepfunctions": ("list_state_machines", "stateMachines", "name"),
}
# The resources that an undeployment leaves.
DATA = {
    "dynamodb": ("list_tables", "TableNames", None),
    "s3": ("list_buckets", "Buckets", "Name"),
}


def named(client, lists, stack):
    """Everything that has the stack's name in its own."""
    found = []
    for service, (operation, entries, name) in lists.items():
        for entry in getattr(client(service), operation)().get(entries, []):
            text = entry[name] if name else entry
            if stack in text:
                found.append(f"{service}: {text}")
    return found


def test_what_is_undeployed_leaves_its_data_and_nothing_else(checkout, client):
    removed, other = {"MARQUEE_STACK": "marquee-removed"}, {"MARQUEE_STACK": "marquee-other"}
    environment = checkout("removed").deploy(**removed)
    outputs = environment.outputs
    checkout("other").deploy(**other)
    others = named(client, LISTS, "marquee-other")
    assert named(client, LISTS, "marquee-removed") and others
    data = named(client, DATA, "marquee-removed")

    log = environment.undeploy(**removed)

    assert named(client, LISTS, "marquee-removed") == []
    for id in ("DistributionId", "KeyValueStoreArn"):
        assert outputs[id] not in json.dumps(
            [
                client("cloudfront").list_distributions()["DistributionList"].get("Items", []),
                client("cloudfront").list_key_value_stores()["KeyValueStoreList"].get("Items", []),
            ],
            default=str,
        )
    # The log names what is left.
    assert named(client, DATA, "marquee-removed") == data
    for name in [outputs["TableName"], outputs["UserPoolId"], outputs["MediaBucketName"], outputs["UploadBucketName"]]:
        assert f" {name}\n" in log
    assert named(client, LISTS, "marquee-other") == others

    # Twice is harmless, and the environment can be deployed again.
    assert "marquee-removed is not deployed" in environment.undeploy(**removed)
    assert environment.deploy(**removed).outputs.keys() == outputs.keys()
