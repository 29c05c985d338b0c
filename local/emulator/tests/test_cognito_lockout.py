import pytest
from cognito import Pool, refused
from conftest import PLAIN_TIMEOUT, eventually, still_needed
from patches import cognito_lockout

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")


def probe(emulator, seconds=60):
    pool = Pool(emulator)
    email = "locked@example.com"
    pool.confirmed(email)

    for _ in range(5):
        assert refused(pool.sign_in, email, "a wrong password") == WRONG
    # A busy machine misses the first lock, and each further one is twice as long.
    eventually(lambda: refused(pool.sign_in, email, "a wrong password") == LOCKED, seconds)

    def passed():
        try:
            return pool.sign_in(email)
        except pool.cognito.exceptions.NotAuthorizedException:
            return None

    eventually(passed, seconds)
    # The right password resets the count.
    assert refused(pool.sign_in, email, "a wrong password") == WRONG
    pool.sign_in(email)


def test_the_fifth_wrong_password_locks(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain, PLAIN_TIMEOUT)


@pytest.fixture
def attempt(monkeypatch):
    """The result of a sign-in with a password at a point in time."""
    from ministack.services import cognito

    user = {"Username": "ada"}
    monkeypatch.setattr(cognito, "_user_pools", {"pool": {"Id": "pool"}})
    monkeypatch.setattr(cognito, "_resolve_user", lambda _pool, _name: (user, None))
    request = {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "UserPoolId": "pool", "AuthParameters": {"USERNAME": "ada"}}
    answers = {"right": (200, {}, b"{}"), "wrong": (400, {}, b"Incorrect username or password.")}

    def attempt(at, password):
        status, _headers, body = cognito_lockout._unless_locked(lambda _: answers[password], request, lambda: at)
        return "locked" if b"Password attempts exceeded" in body else {200: "right", 400: "wrong"}[status]

    return attempt


def test_each_further_wrong_password_locks_for_twice_as_long(attempt):
    assert [attempt(0, "wrong") for _ in range(5)] == ["wrong"] * 5
    assert [attempt(0.9, password) for password in ("right", "wrong")] == ["locked", "locked"]
    # Attempts during the lock do not count.
    assert [attempt(1, "wrong"), attempt(2.9, "right"), attempt(3, "wrong")] == ["wrong", "locked", "wrong"]
    assert [attempt(6.9, "right"), attempt(7, "right")] == ["locked", "right"]

    assert [attempt(7, "wrong") for _ in range(4)] == ["wrong"] * 4
    assert attempt(7, "right") == "right", "the count was reset"


def test_no_lock_lasts_longer_than_a_quarter_of_an_hour(attempt):
    at = 0
    for count in range(1, 20):
        assert attempt(at, "wrong") == "wrong"
        at += 15 * 60 if count >= 5 else 0
        assert count < 15 or attempt(at - 1, "right") == "locked"

    assert attempt(at + 1, "wrong") == "wrong"
    assert attempt(at + 1, "right") == "right", "after a quarter of an hour without an attempt the count is reset, too"
