"""The SageMaker stand-in with boto3, IAM enforced by a real emulator, and a container for tests."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from access import client, refusal
from conftest import eventually
from sagemaker import IMAGE, started

DEFAULT = "marquee-recommendations"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("sagemaker")


@pytest.fixture(scope="module")
def sagemaker(emulator, home):
    stand_in = started(emulator, home)
    yield stand_in
    stand_in.stop()


@pytest.fixture
def control(sagemaker):
    return client(sagemaker, "sagemaker")


@pytest.fixture
def runtime(sagemaker):
    return client(sagemaker, "sagemaker-runtime")


def invoke(runtime, endpoint, **instruction):
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Accept="application/json", Body=json.dumps(instruction)
    )
    return answer, json.loads(answer["Body"].read())


def status(control, endpoint):
    return control.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]


def create(control, name, image=IMAGE, **container):
    control.create_model(ModelName=name, PrimaryContainer={"Image": image, **container})
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
    variant = {"VariantName": "AllTraffic", "ModelName": name, "ServerlessConfig": serverless}
    control.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    control.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_the_applications_endpoint_exists_from_the_start(control, runtime):
    eventually(lambda: status(control, DEFAULT) == "InService")
    answer, report = invoke(runtime, DEFAULT, do="echo")
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"] == "application/json"
    assert (report["content_type"], report["accept"]) == ("application/json", "application/json")
    assert report["authorization"] is None, "the caller's signature does not reach the container"
    assert set(report["environment"]) <= {"PATH", "SAGEMAKER_BIND_TO_PORT", "SM_MODEL_DIR", "LC_CTYPE"}


def test_a_model_with_an_artefact_and_an_environment(emulator, control, runtime):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("model.json")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    emulator.client("s3").create_bucket(Bucket="models")
    emulator.client("s3").put_object(Bucket="models", Key="a/model.tar.gz", Body=packed.getvalue())

    create(control, "trained", ModelDataUrl="s3://models/a/model.tar.gz", Environment={"LOUD": "yes"})
    eventually(lambda: status(control, "trained") == "InService")
    _, report = invoke(runtime, "trained", do="echo")
    assert report["files"] == ["model.json"]
    assert report["environment"]["LOUD"] == "yes"

    described = control.describe_endpoint(EndpointName="trained")
    assert described["ProductionVariants"][0]["CurrentServerlessConfig"] == {
        "MemorySizeInMB": 1024,
        "MaxConcurrency": 2,
    }
    assert [one["EndpointName"] for one in control.list_endpoints(NameContains="train")["Endpoints"]] == ["trained"]
    first = control.list_endpoints(MaxResults=1)
    rest = control.list_endpoints(NextToken=first["NextToken"])
    assert [one["EndpointName"] for one in first["Endpoints"] + rest["Endpoints"]] == [DEFAULT, "trained"]


def test_an_endpoint_that_fails_to_start_has_its_reason(control, runtime):
    create(control, "refusing", Environment={"REFUSE": "1"})
    create(control, "foreign", image="another/image:1")
    create(control, "lost", ModelDataUrl="s3://models/nothing-here.tar.gz")
    for name, reason in [("refusing", "ping health check"), ("foreign", "another/image:1"), ("lost", "nothing-here")]:
        eventually(lambda name=name: status(control, name) == "Failed")
        assert reason in control.describe_endpoint(EndpointName=name)["FailureReason"]
        control.delete_endpoint(EndpointName=name)
        assert refusal(control.describe_endpoint, EndpointName=name)["Error"]["Code"] == "ValidationException"


def test_an_update_replaces_the_program_when_the_new_one_answers(control, runtime):
    create(control, "updated", Environment={"VERSION": "1"})
    eventually(lambda: status(control, "updated") == "InService")
    control.create_model(ModelName="second", PrimaryContainer={"Image": IMAGE, "Environment": {"VERSION": "2"}})
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
    variant = {"VariantName": "AllTraffic", "ModelName": "second", "ServerlessConfig": serverless}
    control.create_endpoint_config(EndpointConfigName="second", ProductionVariants=[variant])
    control.update_endpoint(EndpointName="updated", EndpointConfigName="second")
    assert invoke(runtime, "updated", do="echo")[1]["environment"]["VERSION"] in ("1", "2")
    eventually(lambda: status(control, "updated") == "InService")
    assert invoke(runtime, "updated", do="echo")[1]["environment"]["VERSION"] == "2"


def test_a_program_that_dies_is_started_again(control, runtime):
    eventually(lambda: status(control, DEFAULT) == "InService")
    died = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, Body=json.dumps({"do": "die"}))
    assert (died["Error"]["Code"], died["ResponseMetadata"]["HTTPStatusCode"]) == ("ModelError", 424)
    assert invoke(runtime, DEFAULT, do="echo")[1]["pid"]
    assert status(control, DEFAULT) == "InService"


def test_errors_of_the_model_are_reported_as_sagemaker_does(control, runtime):
    eventually(lambda: status(control, DEFAULT) == "InService")
    answer = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, Body=json.dumps({"do": "fail", "status": 500}))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (answer["Error"]["Code"], answer["OriginalStatusCode"]) == ("ModelError", 500)
    assert answer["OriginalMessage"] == "the model says no"
    assert answer["Error"]["Message"].startswith("Received server error (500) from primary with message")
    unknown = refusal(runtime.invoke_endpoint, EndpointName="unknown", Body=b"{}")
    assert unknown["Error"]["Code"] == "ValidationError"
    assert unknown["Error"]["Message"] == "Endpoint unknown of account 000000000000 not found."


def test_a_serverless_endpoint_takes_and_gives_four_megabytes(control, runtime):
    eventually(lambda: status(control, DEFAULT) == "InService")
    limit = 4 * 1024 * 1024
    large = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, Body=b"x" * (limit + 1))
    assert large["ResponseMetadata"]["HTTPStatusCode"] == 413
    answer = runtime.invoke_endpoint(EndpointName=DEFAULT, Body=json.dumps({"do": "large", "bytes": limit}))
    assert len(answer["Body"].read()) == limit
    large = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, Body=json.dumps({"do": "large", "bytes": limit + 1}))
    assert large["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_what_is_not_supported_is_refused_by_name(control, runtime):
    container = {"Image": IMAGE, "Mode": "MultiModel"}
    answer = refusal(control.create_model, ModelName="m", PrimaryContainer=container)
    assert "MultiModel" in answer["Error"]["Message"]
    variant = {"VariantName": "v", "ModelName": DEFAULT, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    answer = refusal(control.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant])
    assert answer["Error"]["Code"] == "ValidationException" and "InstanceType" in answer["Error"]["Message"]
    answer = refusal(control.list_models)
    assert answer["Error"]["Code"] == "UnknownOperationException" and "ListModels" in answer["Error"]["Message"]
    answer = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, TargetModel="a", Body=b"{}")
    assert "target-model" in answer["Error"]["Message"]
    answer = refusal(control.create_endpoint, EndpointName=DEFAULT, EndpointConfigName=DEFAULT)
    assert "already existing" in answer["Error"]["Message"]


def test_iam_decides_who_may_invoke(emulator, sagemaker, control):
    iam = emulator.client("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    credentials = (key["AccessKeyId"], key["SecretAccessKey"])
    runtime = client(sagemaker, "sagemaker-runtime", credentials)
    eventually(lambda: status(control, DEFAULT) == "InService")

    denied = refusal(runtime.invoke_endpoint, EndpointName=DEFAULT, Body=json.dumps({"do": "echo"}))
    assert denied["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert denied["Error"]["Code"] == "AccessDeniedException"
    assert "is not authorized to perform: sagemaker:InvokeEndpoint" in denied["Error"]["Message"]

    arn = control.describe_endpoint(EndpointName=DEFAULT)["EndpointArn"]
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName="caller", PolicyName="invoke", PolicyDocument=json.dumps(policy))
    assert invoke(runtime, DEFAULT, do="echo")[1]["pid"]
    other = refusal(runtime.invoke_endpoint, EndpointName="trained", Body=b"{}")
    assert other["ResponseMetadata"]["HTTPStatusCode"] == 403
    forged = client(sagemaker, "sagemaker-runtime", (credentials[0], "not-the-secret"))
    answer = refusal(forged.invoke_endpoint, EndpointName=DEFAULT, Body=b"{}")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    unsigned = sagemaker.http("POST", f"/endpoints/{DEFAULT}/invocations", b"{}")
    assert unsigned.status == 403


def test_endpoints_survive_a_restart_and_no_program_is_left_behind(emulator, tmp_path):
    first = started(emulator, tmp_path)
    control, runtime = client(first, "sagemaker"), client(first, "sagemaker-runtime")
    create(control, "durable")
    eventually(lambda: status(control, "durable") == "InService")
    pid = invoke(runtime, "durable", do="echo")[1]["pid"]
    first.stop()
    eventually(lambda: not alive(pid))

    second = started(emulator, tmp_path)
    control, runtime = client(second, "sagemaker"), client(second, "sagemaker-runtime")
    eventually(lambda: status(control, "durable") == "InService")
    killed = invoke(runtime, "durable", do="echo")[1]["pid"]
    second.process.kill()
    second.process.wait()
    eventually(lambda: not alive(killed))
    third = started(emulator, tmp_path)
    eventually(lambda: status(client(third, "sagemaker"), "durable") == "InService")
    assert invoke(client(third, "sagemaker-runtime"), "durable", do="echo")[1]["pid"] != killed
    third.stop()


def alive(pid):
    return os.path.exists(f"/proc/{pid}") and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
