import json

from conftest import still_needed

FUNCTION = {
    "Type": "AWS::Serverless::Function",
    "Properties": {
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "InlineCode": "def handler(event, context): return event",
        "EventInvokeConfig": {
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::ImportValue": {"Fn::Sub": "${Core}-QueueArn"}}}
            }
        },
    },
}


def probe(emulator):
    """A stack imports by a name that begins with the value of a parameter, and not with its default."""
    core = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {
            "Arn": {
                "Value": {"Fn::GetAtt": ["Queue", "Arn"]},
                "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-QueueArn"}},
            }
        },
    }
    arn = emulator.deploy("another", core)["Arn"]
    cloudformation = emulator.client("cloudformation")
    area = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Core": {"Type": "String", "Default": "default"}},
        "Resources": {"Function": FUNCTION},
        "Outputs": {"Name": {"Value": {"Ref": "Function"}}},
    }
    cloudformation.create_stack(
        StackName="area",
        TemplateBody=json.dumps(area),
        Parameters=[{"ParameterKey": "Core", "ParameterValue": "another"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="area", WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName="area")["Stacks"]
    name = stack["Outputs"][0]["OutputValue"]
    config = emulator.client("lambda").get_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST")
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == arn


def test_parameters_have_the_given_values(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
