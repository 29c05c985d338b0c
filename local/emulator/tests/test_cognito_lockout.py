from cognito import Pool, refused
from conftest import eventually, still_needed

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")


def probe(emulator):
    pool = Pool(emulator)
    email = "locked@example.com"
    pool.confirmed(email)

    for _ in range(5):
        assert refused(pool.sign_in, email, "a wrong password") == WRONG
    assert refused(pool.sign_in, email) == LOCKED

    def passed():
        try:
            return pool.sign_in(email)
        except pool.cognito.exceptions.NotAuthorizedException:
            return None

    eventually(passed)
    # The right password begins again at zero.
    assert refused(pool.sign_in, email, "a wrong password") == WRONG
    pool.sign_in(email)


def test_the_fifth_wrong_password_locks(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
