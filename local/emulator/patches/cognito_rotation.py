"""Refresh tokens are not rotated: GetTokensFromRefreshToken returns no new one, accepts one any number of times, and
requires no client secret.

With `RefreshTokenRotation` on AWS each refresh returns a new refresh token of the same session, valid until the
first one would have expired. The used one stays valid for `RetryGracePeriodSeconds` and is then refused with
RefreshTokenReuseException. Such a client has no REFRESH_TOKEN_AUTH.
"""

import time
import uuid

from patches.wrap import after_provisioning, wrap


def apply():
    from ministack.services import cognito

    wrap(cognito, "_create_user_pool_client", _with_the_setting)
    wrap(cognito, "_update_user_pool_client", _with_the_setting)
    after_provisioning("AWS::Cognito::UserPoolClient", _set)
    wrap(cognito, "_get_tokens_from_refresh_token", _rotating)
    wrap(cognito, "_admin_initiate_auth", _without_the_old_flow)
    wrap(cognito, "_initiate_auth", _without_the_old_flow)


def _with_the_setting(original, data):
    import json

    response = original(data)
    if response[0] == 200 and "RefreshTokenRotation" in data:
        client = json.loads(response[2])["UserPoolClient"]
        _set(client["ClientId"], data)
    return response


def _set(client_id, properties):
    from ministack.services import cognito

    pool = cognito._user_pools.get(properties.get("UserPoolId", "")) or {}
    client = (pool.get("_clients") or {}).get(client_id)
    if client is not None:
        client["RefreshTokenRotation"] = properties.get("RefreshTokenRotation") or {"Feature": "DISABLED"}


def _rotation(client):
    rotation = client.get("RefreshTokenRotation") or {}
    return rotation if rotation.get("Feature") == "ENABLED" else None


def _rotating(original, data):
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import cognito

    client_id, token = data.get("ClientId"), data.get("RefreshToken")
    pool, pool_id = cognito._pool_for_client(client_id)
    client = pool["_clients"][client_id] if pool else {}
    if client.get("ClientSecret") and data.get("ClientSecret") != client["ClientSecret"]:
        return error_response_json("NotAuthorizedException", f"Unable to verify secret for client {client_id}", 400)
    rotation = _rotation(client)
    if not rotation or not token:
        return original(data)

    user, error = cognito._refresh_auth_user(pool, pool_id, client_id, token)
    if error:
        return error
    claims, now = cognito._token_claims(token), time.time()
    if now >= claims["exp"]:
        return error_response_json("NotAuthorizedException", "Refresh Token has expired", 400)
    used = user.setdefault("_used_refresh_tokens", {})
    grace = int(rotation.get("RetryGracePeriodSeconds") or 0)
    if claims["jti"] in used and now - used[claims["jti"]] >= grace:
        return error_response_json("RefreshTokenReuseException", "Refresh token reuse is detected", 400)

    result, error = cognito._refresh_auth_result(pool, pool_id, client_id, token)
    if error:
        return error
    used.setdefault(claims["jti"], now)
    next_claims = {**claims, "jti": str(uuid.uuid4()), "iat": int(now)}
    result["RefreshToken"] = cognito._signed_jwt(next_claims, pool_id, "access")
    return json_response({"AuthenticationResult": result})


def _without_the_old_flow(original, data):
    from ministack.core.responses import error_response_json
    from ministack.services import cognito

    pool, _pool_id = cognito._pool_for_client(data.get("ClientId"))
    client = pool["_clients"][data["ClientId"]] if pool else {}
    if data.get("AuthFlow") in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN") and _rotation(client):
        message = "REFRESH_TOKEN_AUTH flow not enabled for this client"
        return error_response_json("InvalidParameterException", message, 400)
    return original(data)
