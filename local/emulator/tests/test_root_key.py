import sys

import pytest
from botocore.exceptions import ClientError
from conftest import LAUNCHER, ROOT, Emulator, still_needed

OWN = ("MARQUEE0123456789", "secret")


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    yield from running([sys.executable, str(LAUNCHER)], tmp_path_factory.mktemp("private"))


def running(command, home):
    emulator = Emulator(command, home)
    emulator.environment = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), OWN, strict=True))
    emulator.start()
    yield emulator
    emulator.stop()


def tables(emulator, key):
    return emulator.client("dynamodb", key).list_tables()["TableNames"]


def refused(emulator, key):
    try:
        tables(emulator, key)
    except ClientError:
        return True
    return False


def test_the_installations_own_key_is_roots(private):
    assert tables(private, OWN) == []


@pytest.mark.parametrize("key", ["test", "000000000000", "123456789012", "another"])
def test_other_keys_are_not_roots(private, key):
    assert refused(private, (key, "test"))


def test_without_one_the_default_key_is_roots(emulator):
    tables(emulator, ROOT)


def test_still_needed(tmp_path):
    for plain in running([sys.executable, "-m", "ministack"], tmp_path):
        with still_needed():
            assert refused(plain, ROOT)
