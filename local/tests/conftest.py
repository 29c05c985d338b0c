"""The stand-ins as `make up` starts them, each test module with an emulator of its own."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.conftest import LAUNCHER, Emulator, eventually  # those of local/emulator

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = PROJECT / "target/debug/marquee-local"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """What came back: status, headers by their names in lower case, body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.body = response.read()

    @property
    def cache(self):
        return self.headers.get("x-cache", "").split(" ")[0]


class StandIn:
    """A service of `marquee-local` on a port of its own."""

    def __init__(self, name, emulator, home, **environment):
        self.name = name
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / f"{name}.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "MARQUEE_HOME": str(home),
            "MARQUEE_EMULATOR_PORT": str(emulator.port),
            f"MARQUEE_{name.upper()}_PORT": str(self.port),
            **environment,
        }
        self.process = None

    def start(self, health):
        with open(self.log, "ab") as log:
            command = [str(PROGRAM), self.name]
            self.process = subprocess.Popen(command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log)
        eventually(lambda: self._answers(health), 30)
        return self

    def _answers(self, health):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.http("GET", health).status == 200
        except OSError:
            return False

    def http(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response)
        except urllib.error.HTTPError as response:
            return Answer(response)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    emulator = Emulator([sys.executable, str(LAUNCHER)], tmp_path_factory.mktemp("emulator"))
    emulator.start()
    yield emulator
    emulator.stop()
