import json

from conftest import eventually, still_needed

DEFINITION = """
StartAt: Answer
States:
  Answer:
    Type: Pass
    Result: {role: "${Role}"}
    End: true
"""


def probe(emulator):
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="definitions")
    s3.put_object(Bucket="definitions", Key="machine.asl.yaml", Body=DEFINITION)
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "DefinitionUri": {"Bucket": "definitions", "Key": "machine.asl.yaml"},
            "DefinitionSubstitutions": {"Role": {"Fn::Sub": "in-${AWS::Region}"}},
        },
    }
    outputs = {"Arn": {"Value": {"Ref": "Machine"}}}
    arn = emulator.deploy("state-machine", {"Resources": {"Machine": machine}, "Outputs": outputs})["Arn"]

    client = emulator.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]

    def ended():
        described = client.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    described = eventually(ended)
    assert described["status"] == "SUCCEEDED", described
    assert json.loads(described["output"]) == {"role": "in-us-east-1"}


def test_a_definition_in_yaml_runs(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
