import signal

from conftest import eventually


def write(emulator, name):
    emulator.client("sqs").create_queue(QueueName=name)
    emulator.client("ssm").put_parameter(Name=f"/{name}", Value="saved", Type="String")


def names(emulator):
    return [url.rsplit("/", 1)[1] for url in emulator.client("sqs").list_queues().get("QueueUrls", [])]


def on_disk(emulator, service, text):
    file = emulator.home / "state" / f"{service}.json"
    return file.is_file() and text in file.read_text()


def test_a_killed_emulator_loses_little(restartable):
    write(restartable, "before")
    eventually(lambda: on_disk(restartable, "sqs", "before") and on_disk(restartable, "ssm", "/before"))
    restartable.stop(signal.SIGKILL)

    restartable.start()
    assert names(restartable) == ["before"]
    assert restartable.client("ssm").get_parameter(Name="/before")["Parameter"]["Value"] == "saved"


def test_a_state_that_cannot_be_written_is_tried_again(restartable):
    obstacle = restartable.home / "state" / "sqs.json.snapshot"
    obstacle.mkdir()
    write(restartable, "before")
    eventually(lambda: b"the state of sqs cannot be saved" in restartable.log.read_bytes())
    eventually(lambda: on_disk(restartable, "ssm", "/before"))
    assert not on_disk(restartable, "sqs", "before")

    # No request changes anything in the meantime.
    obstacle.rmdir()
    eventually(lambda: on_disk(restartable, "sqs", "before"))


def test_the_regular_save_comes_last(restartable):
    for number in range(20):
        write(restartable, f"queue-{number}")
    restartable.stop()

    restartable.start()
    assert len(names(restartable)) == 20
