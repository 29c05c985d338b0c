"""Starts the stand-ins as `make up` does, with an emulator for each test module."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

# From the tests of local/emulator; the test modules import them from here.
from tests.conftest import LAUNCHER, Emulator, Listening, eventually, free_port  # noqa: F401

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = PROJECT / "target/debug/marquee-local"


class Answer:
    """A response: status, headers by their names in lower case, body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.body = response.read()

    @property
    def cache(self):
        return self.headers.get("x-cache", "").split(" ")[0]


class StandIn(Listening):
    """A service of `marquee-local` on a port of its own."""

    def __init__(self, name, emulator, home, **environment):
        super().__init__(home / f"{name}.log")
        self.name = name
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "MARQUEE_HOME": str(home),
            "MARQUEE_EMULATOR_PORT": str(emulator.port),
            **environment,
        }

    def start(self, health):
        self.listen(self._launched, lambda: self._answers(health), 30)
        return self

    def _launched(self, log):
        environment = {**self.environment, f"MARQUEE_{self.name.upper()}_PORT": str(self.port)}
        return subprocess.Popen([str(PROGRAM), self.name], cwd=PROJECT, env=environment, stdout=log, stderr=log)

    def _answers(self, health):
        try:
            # Another program may have the port and never answer.
            return self.http("GET", health, timeout=2).status == 200
        except OSError:
            return False

    def http(self, method, path, body=None, headers=None, timeout=60):
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return Answer(response)
        except urllib.error.HTTPError as response:
            return Answer(response)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def alter_after_signing(client, old, new):
    """Changes these bytes in the body of each further request of a boto3 client, after it was signed."""

    def alter(request, **_details):
        assert request.body.count(old) == 1 and len(old) == len(new)
        request.body = request.body.replace(old, new)

    client.meta.events.register("before-send", alter)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    emulator = Emulator([sys.executable, str(LAUNCHER)], tmp_path_factory.mktemp("emulator"))
    emulator.start()
    yield emulator
    emulator.stop()
