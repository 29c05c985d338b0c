from conftest import FUNCTION_TIMEOUT, PLAIN_TIMEOUT, still_needed
from streams import put, template, wait_for

# Accepts a record at its second delivery.
CODE = """
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


def probe(emulator, seconds):
    table = emulator.deploy("stream-failures", template(CODE))["Table"]
    put(emulator, table, "ada")
    wait_for(emulator, "/seen/ada", "twice", seconds)


def test_a_failed_record_is_sent_again(emulator):
    probe(emulator, FUNCTION_TIMEOUT)


def test_still_needed(plain):
    with still_needed():
        probe(plain, PLAIN_TIMEOUT)
