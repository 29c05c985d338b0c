"""Two emulators for all tests: one as Marquee starts it, and a plain one on which each patch's check must fail."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

LAUNCHER = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
ROOT = ("test", "test")
# Enough to load Python and boto3 on a busy machine. SAM's default is three seconds; a function that is ended after them
# may have done its work already, and is called again.
FUNCTION_TIMEOUT = 60
# The wait for a result that a plain emulator never has.
PLAIN_TIMEOUT = 10


def eventually(check, seconds=30):
    """The first true value of `check()`; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := check()):
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.05)
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Listening:
    """A program that listens on a port of its own, and writes a log.

    A free port may be taken by a browser or another test until the program listens. Then the program is started again,
    on another port unless it has already answered on this one.
    """

    def __init__(self, log):
        self.log = log
        self.port = free_port()
        self.process = None
        self._has_answered = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def listen(self, launch, answers, seconds):
        """Starts `launch(log)`, which returns the process, and waits for `answers()`."""
        deadline = time.monotonic() + seconds
        while True:
            with open(self.log, "ab") as log:
                start = self.log.stat().st_size
                self.process = launch(log)
            if eventually(lambda start=start: self._settled(answers, start), seconds) == "answers":
                self._has_answered = True
                return
            assert time.monotonic() < deadline, f"port {self.port} stays taken"
            if not self._has_answered:
                self.port = free_port()

    def _settled(self, answers, start):
        if self.process.poll() is None:
            return "answers" if answers() else None
        output = self.log.read_bytes()[start:].decode(errors="replace")
        assert "already in use" in output, output
        return "taken"


class Emulator(Listening):
    """A running emulator with a state folder of its own."""

    def __init__(self, command, home):
        super().__init__(home / "log")
        self.command = command
        self.home = home
        self.environment = {}

    def start(self):
        for folder in ("state", "s3", "tmp"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        self.listen(self._launched, self._answers, 60)

    def _launched(self, log):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "AWS_ENDPOINT_URL": self.url,
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.home / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.home / "s3"),
            **self.environment,
            "MARQUEE_SNAPSHOT_SECONDS": "0.2",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        }
        return subprocess.Popen(self.command, env=environment, stdout=log, stderr=log)

    def _answers(self):
        try:
            urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=2)
        except OSError:
            return False
        return True

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        self.process.wait(60)

    def client(self, service, key=ROOT):
        """A boto3 client; `key` is (id, secret) or (id, secret, session token)."""
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        retries = Config(retries={"max_attempts": 0})
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, config=retries, **dict(zip(names, key, strict=False))
        )

    def deploy(self, name, template):
        """Creates or updates a stack from a SAM template; returns its outputs."""
        cloudformation = self.client("cloudformation")
        arguments = {
            "StackName": name,
            "TemplateBody": json.dumps(
                {"AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31", **template}
            ),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        exists = any(stack["StackName"] == name for stack in cloudformation.describe_stacks()["Stacks"])
        (cloudformation.update_stack if exists else cloudformation.create_stack)(**arguments)

        def settled():
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

        stack = eventually(settled)
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def http(self, method, path, body=None, headers=None):
        """Status, headers (by their names in lower case) and text of a plain HTTP request."""
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return _unpacked(answer)
        except urllib.error.HTTPError as answer:
            return _unpacked(answer)


def _unpacked(answer):
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status, headers, answer.read().decode()


@contextlib.contextmanager
def still_needed():
    """Fails when the enclosed check succeeds: then MiniStack has closed the gap and the patch can go."""
    try:
        yield
    except Exception:
        return
    pytest.fail("the emulator does this by itself now: remove the patch")


def _running(command, home):
    emulator = Emulator(command, home)
    emulator.start()
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    yield from _running([sys.executable, str(LAUNCHER)], tmp_path_factory.mktemp("emulator"))


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    yield from _running([sys.executable, "-m", "ministack"], tmp_path_factory.mktemp("plain"))


@pytest.fixture
def restartable(tmp_path):
    yield from _running([sys.executable, str(LAUNCHER)], tmp_path)


@pytest.fixture
def plain_restartable(tmp_path):
    yield from _running([sys.executable, "-m", "ministack"], tmp_path)


def python_function(code, **properties):
    """A SAM function in Python; `code` defines `handler(event, context)`."""
    defaults = {"Runtime": "python3.11", "Handler": "index.handler", "Timeout": FUNCTION_TIMEOUT}
    return {"Type": "AWS::Serverless::Function", "Properties": {**defaults, "InlineCode": code, **properties}}
