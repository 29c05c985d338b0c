from conftest import eventually, python_function, still_needed

# Takes a record only when it has been handed over for the second time.
CODE = """
import json, boto3
ssm = boto3.client("ssm")
def handler(event, context):
    again = []
    for record in event["Records"]:
        name = "/seen/" + record["dynamodb"]["Keys"]["pk"]["S"]
        try:
            ssm.get_parameter(Name=name)
            ssm.put_parameter(Name=name, Value="twice", Type="String", Overwrite=True)
        except ssm.exceptions.ParameterNotFound:
            ssm.put_parameter(Name=name, Value="once", Type="String")
            again.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": again}
"""
TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "Function": python_function(
            CODE,
            Policies=[
                {
                    "Statement": [
                        {"Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:PutParameter"], "Resource": "*"}
                    ]
                }
            ],
        ),
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "StartingPosition": "TRIM_HORIZON",
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    },
    "Outputs": {"Table": {"Value": {"Ref": "Table"}}},
}


def probe(emulator):
    table = emulator.deploy("stream-failures", TEMPLATE)["Table"]
    emulator.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "ada"}})
    ssm = emulator.client("ssm")

    def seen_twice():
        parameters = ssm.get_parameters(Names=["/seen/ada"])["Parameters"]
        return [parameter for parameter in parameters if parameter["Value"] == "twice"]

    eventually(seen_twice, 20)


def test_a_record_that_was_asked_for_again_comes_again(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
