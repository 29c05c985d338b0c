from conftest import eventually, still_needed
from streams import parameter, put, template

# Takes a record only when it has been handed over for the second time.
CODE = """
import boto3
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


def probe(emulator):
    table = emulator.deploy("stream-failures", template(CODE))["Table"]
    put(emulator, table, "ada")
    eventually(lambda: parameter(emulator, "/seen/ada") == "twice", 20)


def test_a_record_that_was_asked_for_again_comes_again(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
