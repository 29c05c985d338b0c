"""Our own endpoints on the emulator's port, below `/_marquee/`; other patches register them."""

import asyncio
import json

PREFIX = "/_marquee/"
_routes = {}


def route(path, answer):
    """Registers `answer(body) -> (status, body)` for POST requests to `/_marquee/<path>`; bodies are JSON."""
    _routes[PREFIX + path] = answer


def apply():
    from ministack import app as module

    original = module.app

    async def app(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await _serve(scope, receive, send)
        else:
            await original(scope, receive, send)

    module.app = app


async def _serve(scope, receive, send):
    answer = _routes.get(scope["path"])
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if answer is None or scope["method"] != "POST":
        status, result = 404, {"message": "there is no such endpoint"}
    else:
        try:
            request = json.loads(body)
        except ValueError:
            status, result = 400, {"message": "the body is not JSON"}
        else:
            status, result = await asyncio.to_thread(answer, request)
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(result).encode()})
