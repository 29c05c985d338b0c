import json
import urllib.request

from conftest import PLAIN_TIMEOUT, eventually, python_function, still_needed

TRACE = "Root=1-6920a1b2-0f1e2d3c4b5a69788796a5b4"
# Puts the trace of its invocation into the log, and returns it to an API or an execution.
CODE = """
import os
def handler(event, context):
    trace = os.environ.get("_X_AMZN_TRACE_ID", "none")
    seen = (event.get("headers") or {}).get("x-amzn-trace-id", "none")
    print(f"invoked in {trace}")
    return {"statusCode": 200, "body": f"{seen} {trace}", "trace": trace}
"""
TEMPLATE = {
    "Resources": {
        "Api": {"Type": "AWS::Serverless::HttpApi"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 90}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/traced"}},
        "Function": python_function(
            CODE,
            LoggingConfig={"LogGroup": "/traced"},
            Events={
                "Route": {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": "/"}},
                "Message": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}},
            },
        ),
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Definition": {
                    "StartAt": "Step",
                    "States": {"Step": {"Type": "Task", "Resource": {"Fn::GetAtt": ["Function", "Arn"]}, "End": True}},
                },
                "Policies": [{"LambdaInvokePolicy": {"FunctionName": {"Ref": "Function"}}}],
            },
        },
    },
    "Outputs": {name: {"Value": {"Ref": name}} for name in ("Api", "Queue", "Machine")},
}


def traced(client):
    """The client with a header in its requests, as the SDKs of a function send it."""
    client.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", TRACE)
    )
    return client


def answer_of_api(emulator, outputs, headers):
    address = f"{emulator.url}/_aws/execute-api/{outputs['Api']}/"
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers)).read().decode()


def output_of_execution(emulator, outputs):
    machines = traced(emulator.client("stepfunctions"))
    execution = machines.start_execution(stateMachineArn=outputs["Machine"])["executionArn"]

    def ended():
        described = machines.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    return json.loads(eventually(ended)["output"])


def messages_are_traced(emulator, outputs, seconds=30):
    traced(emulator.client("sqs")).send_message(QueueUrl=outputs["Queue"], MessageBody="hello")
    logs = emulator.client("logs")

    def logged():
        lines = [event["message"] for event in logs.filter_log_events(logGroupName="/traced")["events"]]
        return any(line.startswith("invoked in") for line in lines) and lines

    return any(TRACE in line for line in eventually(logged, seconds))


def probe(emulator, seconds=30):
    outputs = emulator.deploy("trace", TEMPLATE)
    assert messages_are_traced(emulator, outputs, seconds)

    seen, invoked = answer_of_api(emulator, outputs, {"X-Amzn-Trace-Id": TRACE}).split()
    assert seen == TRACE
    assert invoked.startswith(f"{TRACE};Parent=")
    seen, invoked = answer_of_api(emulator, outputs, {"X-Amzn-Trace-Id": "Root=1-a;{}"}).split()
    assert seen.startswith("Root=1-") and seen != TRACE
    assert invoked.startswith(f"{seen};Parent=")

    assert output_of_execution(emulator, outputs)["trace"].startswith(TRACE)


def test_a_trace_reaches_every_function(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain, PLAIN_TIMEOUT)
