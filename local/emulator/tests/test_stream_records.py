from conftest import eventually, still_needed
from streams import parameter, put, template

# Takes nothing of grace before it is allowed to.
CODE = """
import boto3
ssm = boto3.client("ssm")
def handler(event, context):
    for record in event["Records"]:
        name = record["dynamodb"]["Keys"]["pk"]["S"]
        if name == "grace":
            ssm.get_parameter(Name="/allowed")
        ssm.put_parameter(Name="/seen/" + name, Value="seen", Type="String", Overwrite=True)
"""


def probe(emulator):
    table = emulator.deploy("stream-records", template(CODE))["Table"]
    put(emulator, table, "ada")
    eventually(lambda: parameter(emulator, "/seen/ada"), 20)
    put(emulator, table, "grace")

    emulator.stop()
    emulator.start()
    put(emulator, table, "edsger")
    emulator.client("ssm").put_parameter(Name="/allowed", Value="yes", Type="String")
    eventually(lambda: parameter(emulator, "/seen/edsger"), 20)
    assert parameter(emulator, "/seen/grace"), "what was not read before the restart is read after it"


def test_a_restart_loses_no_record(restartable):
    probe(restartable)


def test_still_needed(plain_restartable):
    with still_needed():
        probe(plain_restartable)
