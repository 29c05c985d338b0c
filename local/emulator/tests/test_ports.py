import socket
import subprocess
import sys
import threading
import urllib.request

import pytest
from conftest import LAUNCHER, Emulator, Listening


@pytest.fixture
def taken():
    """A listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_an_emulator_whose_port_is_taken_uses_another(tmp_path, taken):
    emulator = Emulator([sys.executable, str(LAUNCHER)], tmp_path)
    emulator.port = taken.getsockname()[1]
    emulator.start()

    assert emulator.port != taken.getsockname()[1]
    assert emulator.client("s3").list_buckets()["Buckets"] == []
    emulator.stop()


class Server(Listening):
    def start(self):
        self.listen(self._launched, self._answers, 60)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def _launched(self, log):
        command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(self.port)]
        return subprocess.Popen(command, stdout=log, stderr=log)

    def _answers(self):
        try:
            return urllib.request.urlopen(self.url, timeout=1).status == 200
        except OSError:
            return False


def test_an_emulator_waits_for_a_port_that_it_has_used(tmp_path):
    server = Server(tmp_path / "log")
    server.start()
    known = server.port
    server.stop()

    # Another program that ends by itself.
    with socket.create_server(("127.0.0.1", known)) as other:
        threading.Timer(0.5, other.close).start()
        server.start()
    assert server.port == known
    server.stop()


def test_any_other_failure_is_raised(tmp_path):
    server = Server(tmp_path / "log")
    server._launched = lambda log: subprocess.Popen([sys.executable, "-c", "raise SystemExit('broken')"], stderr=log)
    with pytest.raises(AssertionError, match="broken"):
        server.start()
