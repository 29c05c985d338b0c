import json

from conftest import python_function, still_needed

CODE = "import os\ndef handler(event, context):\n    return os.environ['NUMBER']\n"


def deployed(emulator, **properties):
    function = python_function(CODE, FunctionName="patched", **properties)
    emulator.deploy("lambda-function", {"Resources": {"Function": function}})
    return emulator.client("lambda")


def probe_number(emulator):
    client = deployed(emulator, Environment={"Variables": {"NUMBER": 7}})
    answer = client.invoke(FunctionName="patched")
    assert json.load(answer["Payload"]) == "7"


def probe_concurrency(emulator):
    client = deployed(emulator, Environment={"Variables": {"NUMBER": "7"}}, ReservedConcurrentExecutions=3)
    assert client.get_function_concurrency(FunctionName="patched")["ReservedConcurrentExecutions"] == 3


def test_a_number_in_the_environment_is_text(emulator):
    probe_number(emulator)


def test_concurrency_is_reserved_and_released(emulator):
    probe_concurrency(emulator)
    client = deployed(emulator, Environment={"Variables": {"NUMBER": "7"}})
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="patched")


def test_numbers_are_still_needed(plain):
    with still_needed():
        probe_number(plain)


def test_concurrency_is_still_needed(plain):
    with still_needed():
        probe_concurrency(plain)
