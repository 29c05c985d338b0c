"""The stand-ins (MediaConvert, SageMaker) have no policies: they ask the emulator's IAM what a caller may do.

`POST /_marquee/authorize` takes `access_key_id`, `action`, `resource`, further condition keys as `context`
(`{"iam:PassedToService": ...}`) and, for a check of the caller's signature, `request`: `method`, `path`
(as sent), `query` (as sent), `headers` (a list of pairs) and `body_sha256` (hex).
It answers `allowed`, `principal_arn` and, when the credentials themselves are refused, `error` with `code` and
`message`.
"""

from urllib.parse import parse_qs

from patches import gateway

REQUIRED = ("access_key_id", "action", "resource")
CONTENT_DIGEST = b"x-amz-content-sha256"


def apply():
    gateway.route("authorize", _answer)


def _answer(question):
    missing = [name for name in REQUIRED if not isinstance(question, dict) or not isinstance(question.get(name), str)]
    if missing:
        return 400, {"message": f"these must be strings: {', '.join(missing)}"}
    return 200, _decide(question)


def _decide(question):
    from ministack import app
    from ministack.core import iam_evaluator, responses

    access_key_id, action, resource = (question[name] for name in REQUIRED)
    responses.set_request_account_id(app._request_account_scope(access_key_id))
    responses.set_request_region(_region(resource))
    # The stand-in and its caller are on this machine: the connection counts as encrypted.
    app.pin_request_origin("127.0.0.1", True)
    if question.get("request"):
        _pin(question["request"])

    service = action.partition(":")[0]
    context = question.get("context") or {}
    refusal = iam_evaluator.enforce(
        access_key_id, action, service, responses.get_region(), resource_arn=resource, service_context=context
    )
    if isinstance(refusal, iam_evaluator.AuthError):
        error = {"code": refusal.code, "message": refusal.message}
        return {"allowed": False, "principal_arn": "unknown", "error": error}
    principal = iam_evaluator.resolve_principal(access_key_id, responses.get_account_id())
    return {"allowed": refusal is None, "principal_arn": principal.arn}


def _region(resource):
    parts = resource.split(":")
    return parts[3] if len(parts) > 5 and parts[3] else "us-east-1"


def _pin(request):
    """Hands the caller's request to the emulator's own check of signatures."""
    from ministack.core import iam_evaluator

    headers = [(name.encode(), value.encode()) for name, value in request["headers"]]
    # The digest of the received body, not the one in the caller's header.
    headers = [(name, value) for name, value in headers if name.lower() != CONTENT_DIGEST]
    headers.append((CONTENT_DIGEST, request["body_sha256"].encode()))
    query = parse_qs(request.get("query", ""), keep_blank_values=True)
    iam_evaluator.pin_signed_request(request["method"], request["path"], query, headers)
