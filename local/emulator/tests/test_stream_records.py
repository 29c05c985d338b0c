from conftest import FUNCTION_TIMEOUT, PLAIN_TIMEOUT, still_needed
from streams import parameter, put, template, wait_for, wait_until_read

# Fails on the record of grace until the parameter allows it.
CODE = """
def handler(event, context):
    for record in event["Records"]:
        name = record["dynamodb"]["Keys"]["pk"]["S"]
        if name == "grace":
            ssm.get_parameter(Name="/allowed")
        ssm.put_parameter(Name="/seen/" + name, Value="seen", Type="String", Overwrite=True)
"""


def probe(emulator, seconds):
    outputs = emulator.deploy("stream-records", template(CODE))
    table = outputs["Table"]
    put(emulator, table, "ada")
    wait_until_read(emulator, outputs["Mapping"])
    assert parameter(emulator, "/seen/ada") == "seen"
    put(emulator, table, "grace")

    emulator.stop()
    emulator.start()
    put(emulator, table, "edsger")
    emulator.client("ssm").put_parameter(Name="/allowed", Value="yes", Type="String")
    wait_for(emulator, "/seen/edsger", "seen", seconds)
    assert parameter(emulator, "/seen/grace"), "what was not read before the restart is read after it"


def test_a_restart_loses_no_record(restartable):
    probe(restartable, FUNCTION_TIMEOUT)


def test_still_needed(plain_restartable):
    with still_needed():
        probe(plain_restartable, PLAIN_TIMEOUT)
