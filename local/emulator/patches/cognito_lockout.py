"""Passwords may be guessed without a limit.

On AWS the fifth wrong password in a row locks the user for one second, and each further one for twice as long, up to
15 minutes. Until then every attempt is answered "Password attempts exceeded", the right password too, and does not
count. The right password after that time, or 15 minutes without an attempt, reset the count.
"""

import time

from patches.wrap import wrap

MAX_LOCK_SECONDS = 15 * 60
FREE_ATTEMPTS = 5
FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH")


def apply():
    from ministack.services import cognito

    wrap(cognito, "_admin_initiate_auth", _unless_locked)
    wrap(cognito, "_initiate_auth", _unless_locked)


def _unless_locked(original, data, now=time.time):
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    if data.get("AuthFlow") not in FLOWS:
        return original(data)
    pool = cognito._user_pools.get(data.get("UserPoolId")) or cognito._pool_for_client(data.get("ClientId"))[0]
    user = cognito._resolve_user(pool, (data.get("AuthParameters") or {}).get("USERNAME"))[0] if pool else None
    if not user:
        return original(data)

    failed = user.get("_failed_passwords") or {"count": 0, "at": 0, "locked_until": 0}
    if now() < failed["locked_until"]:
        return error_response_json("NotAuthorizedException", "Password attempts exceeded", 400)
    if now() - failed["at"] > MAX_LOCK_SECONDS:
        failed["count"] = 0
    response = original(data)
    if response[0] == 200:
        user.pop("_failed_passwords", None)
    elif b"Incorrect username or password" in response[2]:
        count = failed["count"] + 1
        pause = min(2 ** (count - FREE_ATTEMPTS), MAX_LOCK_SECONDS) if count >= FREE_ATTEMPTS else 0
        user["_failed_passwords"] = {"count": count, "at": now(), "locked_until": now() + pause}
    return response
