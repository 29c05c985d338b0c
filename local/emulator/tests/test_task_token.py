import json

from conftest import FUNCTION_TIMEOUT, PLAIN_TIMEOUT, eventually, python_function, still_needed

DEFINITION = {
    "StartAt": "Wait",
    "States": {
        "Wait": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "${Function}", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 2 * FUNCTION_TIMEOUT,
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Waited"}],
            "End": True,
        },
        "Waited": {"Type": "Fail", "Error": "Waited"},
    },
}


def probe(emulator, seconds):
    function = python_function("def handler(event, context):\n    raise ValueError('no')\n", FunctionName="failing")
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "Definition": DEFINITION,
            "DefinitionSubstitutions": {"Function": {"Fn::GetAtt": "Function.Arn"}},
        },
    }
    outputs = {"Arn": {"Value": {"Ref": "Machine"}}}
    resources = {"Function": function, "Machine": machine}
    arn = emulator.deploy("task-token", {"Resources": resources, "Outputs": outputs})["Arn"]

    client = emulator.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]

    def ended():
        described = client.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    described = eventually(ended, seconds)
    assert described["status"] == "FAILED"
    assert described["error"] != "Waited"
    assert "no" in json.loads(described["cause"])["errorMessage"]


def test_a_function_that_fails_ends_the_wait_for_its_token(emulator):
    probe(emulator, FUNCTION_TIMEOUT)


def test_still_needed(plain):
    with still_needed():
        probe(plain, PLAIN_TIMEOUT)
