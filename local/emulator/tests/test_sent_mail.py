"""Sent mails are there after a restart, each once."""

import json
import signal

from conftest import eventually, still_needed

ADA = "ada@example.com"


def send(emulator, subject):
    emulator.client("ses").send_email(
        Source="marquee@example.com",
        Destination={"ToAddresses": [ADA]},
        Message={"Subject": {"Data": subject}, "Body": {"Text": {"Data": "123456"}}},
    )


def subjects(emulator):
    _status, _headers, text = emulator.http("GET", "/_ministack/ses/messages")
    return [mail["Subject"] for mails in json.loads(text)["messages"].values() for mail in mails if ADA in mail["To"]]


def assert_mails_survive(emulator):
    emulator.client("ses").verify_email_identity(EmailAddress="marquee@example.com")
    send(emulator, "first")
    for _restart in range(2):
        emulator.stop()
        emulator.start()
    # Also after a kill.
    send(emulator, "overdue")
    eventually(lambda: "overdue" in (emulator.home / "state" / "ses.json").read_text())
    emulator.stop(signal.SIGKILL)
    emulator.start()
    send(emulator, "second")
    assert subjects(emulator) == ["first", "overdue", "second"]


def test_mails_survive_a_restart(restartable):
    assert_mails_survive(restartable)


def test_a_plain_emulator_loses_them(plain_restartable):
    with still_needed():
        assert_mails_survive(plain_restartable)
