"""A table whose stream calls a function."""

from conftest import python_function


def template(code):
    parameters = {"Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:PutParameter"], "Resource": "*"}
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    }
    mapping = {
        "FunctionName": {"Ref": "Function"},
        "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
            "Function": python_function(code, Policies=[{"Statement": [parameters]}]),
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        },
        "Outputs": {"Table": {"Value": {"Ref": "Table"}}},
    }


def put(emulator, table, name):
    emulator.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": name}})


def parameter(emulator, name):
    """The value of a parameter, if it is there."""
    found = emulator.client("ssm").get_parameters(Names=[name])["Parameters"]
    return found[0]["Value"] if found else None
