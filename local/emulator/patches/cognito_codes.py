"""Cognito's codes are the same for all users (123456, 654321), never expire and may be guessed without a limit; the
password of a user whose address was never verified can be reset.

On AWS a code is random and replaces the previous one; codes for sign-ups are valid for a day, those for passwords for
an hour. After five to twenty wrong guesses or requests an hour Cognito answers LimitExceededException; here after
five. ConfirmSignUp verifies the address, and ForgotPassword needs a verified one.
"""

import secrets
import time

from patches.wrap import wrap

HOUR = 3600
LIFETIME = {"_confirmation_code": 24 * HOUR, "_reset_code": HOUR}
ATTEMPTS_AN_HOUR = 5


def apply():
    from ministack.services import cognito

    wrap(cognito, "_send_verification_email", _with_a_random_code)
    wrap(cognito, "_confirmation_code_error", _unless_expired)
    wrap(cognito, "_confirm_sign_up", _verifying_the_address)
    wrap(cognito, "_forgot_password", _to_a_verified_address)
    wrap(cognito, "_resend_confirmation_code", _to_an_unconfirmed_user)


def _with_a_random_code(original, pool, username, attributes, code, attribute_name="email"):
    from ministack.services import cognito

    user, _error = cognito._resolve_user(pool, username)
    code = f"{secrets.randbelow(10**6):06}"
    if user:
        field = "_reset_code" if attribute_name == "password" else "_confirmation_code"
        user[field] = code
        user[f"{field}_at"] = time.time()
    return original(pool, username, attributes, code, attribute_name)


def _unless_expired(original, action, data, now=time.time):
    field = {"ConfirmSignUp": "_confirmation_code", "ConfirmForgotPassword": "_reset_code"}.get(action)
    user = _user(data) if field else None
    if not user:
        return original(action, data)
    if _limit_reached(user, f"{field}_guesses", now()):
        return _limit_exceeded()
    if now() - user.get(f"{field}_at", now()) > LIFETIME[field]:
        user.pop(field, None)
    error = original(action, data)
    if error and b"CodeMismatchException" in error[2]:
        user[f"{field}_guesses"].append(now())
    return error


def _verifying_the_address(original, data):
    response = original(data)
    user = _user(data)
    if response[0] == 200 and user:
        from ministack.services import cognito

        verified = [{"Name": "email_verified", "Value": "true"}]
        user["Attributes"] = cognito._merge_attributes(user.get("Attributes", []), verified)
    return response


def _to_a_verified_address(original, data):
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    user = _user(data)
    if not user:
        return original(data)
    if cognito._attr_list_to_dict(user.get("Attributes", [])).get("email_verified") != "true":
        message = "Cannot reset password for the user as there is no registered/verified email or phone_number"
        return error_response_json("InvalidParameterException", message, 400)
    if not user.get("Enabled", True):
        return error_response_json("NotAuthorizedException", "User is disabled.", 400)
    if user.get("UserStatus") == "FORCE_CHANGE_PASSWORD":
        message = "User password cannot be reset in the current state."
        return error_response_json("NotAuthorizedException", message, 400)
    return _within_the_limit(user, original, data)


def _to_an_unconfirmed_user(original, data):
    from ministack.core.responses import error_response_json

    user = _user(data)
    if not user:
        return original(data)
    if user.get("UserStatus") != "UNCONFIRMED":
        return error_response_json("InvalidParameterException", "User is already confirmed.", 400)
    return _within_the_limit(user, original, data)


def _within_the_limit(user, original, data):
    if _limit_reached(user, "_mails", time.time()):
        return _limit_exceeded()
    user["_mails"].append(time.time())
    return original(data)


def _limit_reached(user, what, now):
    """Whether the user has used up the attempts of the last hour; removes older ones."""
    user[what] = [attempt for attempt in user.get(what, []) if now - attempt < HOUR]
    return len(user[what]) >= ATTEMPTS_AN_HOUR


def _limit_exceeded():
    from ministack.core.responses import error_response_json

    return error_response_json("LimitExceededException", "Attempt limit exceeded, please try after some time.", 400)


def _user(data):
    from ministack.services import cognito

    pool, _pool_id = cognito._pool_for_client(data.get("ClientId"))
    return cognito._resolve_user(pool, data.get("Username"))[0] if pool else None
