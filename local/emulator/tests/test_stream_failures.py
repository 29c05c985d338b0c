from conftest import PLAIN_SECONDS, STARTING_SECONDS, still_needed
from streams import put, template, wait_for

# Takes a record only when it has been handed over for the second time.
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


def test_a_record_that_was_asked_for_again_comes_again(emulator):
    probe(emulator, STARTING_SECONDS)


def test_still_needed(plain):
    with still_needed():
        probe(plain, PLAIN_SECONDS)
