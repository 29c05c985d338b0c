"""Updates of endpoints of the SageMaker stand-in with boto3, and the limit of concurrent requests."""

import json
import threading

import pytest
from access import allow, client, make_user, refusal
from conftest import eventually
from sagemaker import Lab


@pytest.fixture(scope="module")
def lab(emulator, tmp_path_factory):
    lab = Lab(emulator, tmp_path_factory.mktemp("sagemaker"))
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def endpoint(lab):
    lab.create("one", Environment={"VERSION": "1"})
    lab.create("two", Environment={"VERSION": "2"})
    lab.create("refusing", Environment={"REFUSE": "1"})
    lab.control.create_endpoint(EndpointName="home", EndpointConfigName="one", Tags=[{"Key": "a", "Value": "b"}])
    assert lab.settled("home")["EndpointStatus"] == "InService"
    return "home"


def version(lab, endpoint):
    return lab.invoke(endpoint, do="echo")[1]["environment"]["VERSION"]


def test_an_update_swaps_when_the_new_one_answers(lab, endpoint):
    lab.control.update_endpoint(EndpointName=endpoint, EndpointConfigName="two")
    described = lab.endpoint(endpoint)
    if described["EndpointStatus"] == "Updating":
        assert described["EndpointConfigName"] == "one"
        assert described["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    described = lab.settled(endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "two")
    assert "PendingDeploymentSummary" not in described
    assert version(lab, endpoint) == "2"


def test_an_update_that_fails_leaves_the_old_one_serving(lab, endpoint):
    before = lab.endpoint(endpoint)["EndpointConfigName"]
    pid = lab.invoke(endpoint, do="echo")[1]["pid"]
    lab.control.update_endpoint(EndpointName=endpoint, EndpointConfigName="refusing")
    busy = refusal(lab.control.update_endpoint, EndpointName=endpoint, EndpointConfigName="one")["Error"]
    arn = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/home"
    assert busy["Message"] == f'Cannot update in-progress endpoint "{arn}".'
    described = lab.settled(endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", before)
    assert "ping health check" in described["FailureReason"]
    assert lab.invoke(endpoint, do="echo")[1]["pid"] == pid, "it was not restarted"


def test_eventbridge_gets_events_of_updates(lab, endpoint):
    lab.control.update_endpoint(EndpointName=endpoint, EndpointConfigName="one")
    lab.settled(endpoint)
    eventually(
        lambda: (
            (event := lab.events(endpoint)[-1]["detail"])["EndpointStatus"] == "IN_SERVICE"
            and event["EndpointConfigName"] == "one"
        )
    )
    events = lab.events(endpoint)
    statuses = [event["detail"]["EndpointStatus"] for event in events]
    assert statuses == ["CREATING", "IN_SERVICE", *["UPDATING", "IN_SERVICE"] * (len(statuses) // 2 - 1)]
    last = events[-1]
    assert last["detail-type"] == "SageMaker Endpoint State Change"
    assert last["resources"] == [last["detail"]["EndpointArn"]]
    assert last["detail"]["Tags"] == {"a": "b"}
    assert last["detail"]["ProductionVariants"][0]["DesiredWeight"] == 1.0


def test_requests_above_max_concurrency_are_throttled(lab, tmp_path):
    lab.create("narrow", concurrency=1)
    lab.control.create_endpoint(EndpointName="narrow", EndpointConfigName="narrow")
    lab.settled("narrow")
    started, until = tmp_path / "started", tmp_path / "until"
    instruction = {"do": "wait", "started": str(started), "until": str(until)}
    first = threading.Thread(target=lambda: lab.invoke("narrow", **instruction))
    first.start()
    eventually(started.exists)
    answer = refusal(lab.runtime.invoke_endpoint, EndpointName="narrow", Body=json.dumps({"do": "echo"}))
    until.touch()
    first.join()
    assert answer["Error"]["Code"] == "ThrottlingException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert lab.invoke("narrow", do="echo")[1]["pid"], "afterwards requests are accepted again"


def test_iam_is_asked_about_the_configuration_too(lab, endpoint):
    arn = "arn:aws:sagemaker:us-east-1:000000000000"
    key = make_user(lab.iam, "half", allow(("sagemaker:UpdateEndpoint", f"{arn}:endpoint/home")))
    half = client(lab.stand_in, "sagemaker", key)
    denied = refusal(half.update_endpoint, EndpointName=endpoint, EndpointConfigName="two")["Error"]
    assert denied["Code"] == "AccessDeniedException" and f"{arn}:endpoint-config/two" in denied["Message"]


def test_names_follow_the_services_rules(lab):
    for call, arguments, member in [
        (lab.control.update_endpoint, {"EndpointName": "a_b", "EndpointConfigName": "c"}, "endpointName"),
        (lab.control.create_endpoint, {"EndpointName": "a" * 64, "EndpointConfigName": "c"}, "endpointName"),
        (lab.control.delete_model, {"ModelName": "-a"}, "modelName"),
        (lab.control.describe_endpoint_config, {"EndpointConfigName": "a-"}, "endpointConfigName"),
    ]:
        error = refusal(call, **arguments)["Error"]
        assert error["Code"] == "ValidationException" and f"at '{member}' failed to satisfy" in error["Message"], error
    missing = refusal(lab.control.update_endpoint, EndpointName="home", EndpointConfigName="nothing")["Error"]
    assert "Could not find endpoint configuration" in missing["Message"]


def test_an_update_continues_after_a_restart(lab, endpoint):
    lab.control.update_endpoint(EndpointName=endpoint, EndpointConfigName="two")
    lab.restart(kill=True)
    described = lab.settled(endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "two")
    eventually(lambda: version(lab, endpoint) == "2")
    assert json.loads((lab.home / "sagemaker/state.json").read_text())["endpoints"][endpoint]["EndpointStatus"]
