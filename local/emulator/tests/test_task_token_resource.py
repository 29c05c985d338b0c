import json

import pytest
from botocore.exceptions import ClientError
from conftest import eventually, still_needed

DEFINITION = {
    "StartAt": "Wait",
    "States": {
        "Wait": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "${Queue}", "MessageBody.$": "$$.Task.Token"},
            "TimeoutSeconds": 60,
            "End": True,
        },
    },
}


def caller(emulator, name, machine):
    iam = emulator.client("iam")
    statement = {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": machine}
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name, PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return emulator.client("stepfunctions", (key["AccessKeyId"], key["SecretAccessKey"]))


def probe(emulator):
    queue = {"Type": "AWS::SQS::Queue"}
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Definition": DEFINITION, "DefinitionSubstitutions": {"Queue": {"Ref": "Queue"}}},
    }
    outputs = {"Arn": {"Value": {"Ref": "Machine"}}, "Queue": {"Value": {"Ref": "Queue"}}}
    deployed = emulator.deploy(
        "task-token-resource", {"Resources": {"Queue": queue, "Machine": machine}, "Outputs": outputs}
    )
    emulator.client("stepfunctions").start_execution(stateMachineArn=deployed["Arn"])
    sqs = emulator.client("sqs")
    received = eventually(lambda: sqs.receive_message(QueueUrl=deployed["Queue"]).get("Messages"))
    token = received[0]["Body"]

    stranger = caller(emulator, "stranger", deployed["Arn"] + "-other")
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.send_task_success(taskToken=token, output="{}")

    named = caller(emulator, "named", deployed["Arn"])
    named.send_task_success(taskToken=token, output="{}")

    def code_without_a_waiting_task():
        try:
            named.send_task_success(taskToken=token, output="{}")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return None

    assert eventually(code_without_a_waiting_task) == "TaskDoesNotExist"


def test_a_policy_that_names_the_machine_is_enough(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
