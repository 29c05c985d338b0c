"""A table whose stream calls a function."""

from conftest import FUNCTION_TIMEOUT, eventually, python_function

# The beginning of each function. The client has no retries: a call during a restart would be answered after it.
SSM = """
import boto3
from botocore.config import Config
ssm = boto3.client("ssm", config=Config(retries={"total_max_attempts": 1}))
"""


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
            "Function": python_function(SSM + code, Policies=[{"Statement": [parameters]}]),
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        },
        "Outputs": {"Table": {"Value": {"Ref": "Table"}}, "Mapping": {"Value": {"Ref": "Mapping"}}},
    }


def put(emulator, table, name):
    emulator.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": name}})


def parameter(emulator, name):
    """The value of a parameter, or None."""
    found = emulator.client("ssm").get_parameters(Names=[name])["Parameters"]
    return found[0]["Value"] if found else None


def wait_for(emulator, name, value, seconds):
    eventually(lambda: parameter(emulator, name) == value, seconds)


def wait_until_read(emulator, mapping):
    """Waits until the last records count as read, which is shortly after the function has ended."""

    def last():
        return emulator.client("lambda").get_event_source_mapping(UUID=mapping)["LastProcessingResult"]

    eventually(lambda: last().startswith("OK"), FUNCTION_TIMEOUT)
