from cognito import PASSWORD, Pool, another, refused
from conftest import still_needed
from patches import cognito_codes

NEW_PASSWORD = "another horse, another battery"


def random_codes(emulator):
    pool = Pool(emulator)
    for number in range(3):
        pool.sign_up(f"chance-{number}@example.com")
    pool.call("resend_confirmation_code", "chance-0@example.com")
    first, second = pool.codes("chance-0@example.com", 2)
    others = [pool.codes(f"chance-{number}@example.com", 1)[0] for number in (1, 2)]

    assert len({first, second, *others}) > 2
    mismatch = refused(pool.call, "confirm_sign_up", "chance-0@example.com", ConfirmationCode=another(second))
    assert mismatch[0] == "CodeMismatchException"
    pool.call("confirm_sign_up", "chance-0@example.com", ConfirmationCode=second)
    again = refused(pool.call, "confirm_sign_up", "chance-0@example.com", ConfirmationCode=second)
    assert again[0] == "NotAuthorizedException"


def limited(emulator):
    pool = Pool(emulator)
    pool.sign_up("limited@example.com")
    code = pool.codes("limited@example.com", 1)[0]
    guesses = [
        refused(pool.call, "confirm_sign_up", "limited@example.com", ConfirmationCode=another(code)) for _ in range(5)
    ]

    assert {name for name, _ in guesses} == {"CodeMismatchException"}
    right = refused(pool.call, "confirm_sign_up", "limited@example.com", ConfirmationCode=code)
    assert right == ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def only_verified(emulator):
    pool = Pool(emulator)
    pool.sign_up("verified@example.com")
    unverified = refused(pool.call, "forgot_password", "verified@example.com")
    assert unverified[0] == "InvalidParameterException"

    code = pool.codes("verified@example.com", 1)[0]
    pool.call("confirm_sign_up", "verified@example.com", ConfirmationCode=code)
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="verified@example.com")
    assert {"Name": "email_verified", "Value": "true"} in user["UserAttributes"]
    pool.call("forgot_password", "verified@example.com")
    code = pool.codes("verified@example.com", 2)[1]
    pool.call("confirm_forgot_password", "verified@example.com", ConfirmationCode=code, Password=NEW_PASSWORD)
    pool.sign_in("verified@example.com", NEW_PASSWORD)
    assert refused(pool.sign_in, "verified@example.com", PASSWORD)[0] == "NotAuthorizedException"


def mails_are_limited(emulator):
    pool = Pool(emulator)
    pool.confirmed("mails@example.com")
    for _ in range(5):
        pool.call("forgot_password", "mails@example.com")
    assert refused(pool.call, "forgot_password", "mails@example.com")[0] == "LimitExceededException"
    # The answer for an unknown address does not reveal that it is unknown.
    pool.call("forgot_password", "unknown@example.com")


PROBES = (random_codes, limited, only_verified, mails_are_limited)


def test_codes_are_random(emulator):
    random_codes(emulator)


def test_guesses_are_limited(emulator):
    limited(emulator)


def test_a_password_is_reset_by_a_verified_address(emulator):
    only_verified(emulator)


def test_mails_are_limited(emulator):
    mails_are_limited(emulator)


def test_codes_expire(monkeypatch):
    user = {"_reset_code": "271828", "_reset_code_at": 1000}
    monkeypatch.setattr(cognito_codes, "_user", lambda data: user)
    check = lambda now: cognito_codes._unless_expired(lambda *_: None, "ConfirmForgotPassword", {}, lambda: now)  # noqa: E731

    assert check(1000 + 3600) is None and "_reset_code" in user
    check(1000 + 3601)
    assert "_reset_code" not in user


def test_still_needed(plain):
    for probe in PROBES:
        with still_needed():
            probe(plain)
