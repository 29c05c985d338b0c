"""X-Ray's trace id ends at the emulator: a function sees none unless it traces actively, and then one of its own.

On AWS a request's `X-Amzn-Trace-Id` reaches the function behind an API, an execution that is started, a message that is
sent, and the functions that they call in turn. AWS also creates the id when a request has none.
"""

import contextvars
import re
import secrets
import time

from patches.wrap import wrap

HEADER = b"x-amzn-trace-id"
MESSAGE_ATTRIBUTE = "AWSTraceHeader"
# The root of a trace, which is all that the header must have.
ROOT = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?=;|$)")
# The trace of the current request; threads of executions and deliveries copy it.
_root = contextvars.ContextVar("marquee_trace", default=None)


def apply():
    from ministack import app as module
    from ministack.services import lambda_svc, sqs

    original = module.app

    async def app(scope, receive, send):
        if scope["type"] == "http":
            scope = _traced(scope)
        await original(scope, receive, send)

    module.app = app
    wrap(lambda_svc, "_xray_trace_id_for_invocation", _of_invocation)
    wrap(lambda_svc, "_run_sqs_batch", _of_batch)
    wrap(sqs, "_build_send_sys_attrs", _with_trace)


def _traced(scope):
    """The request with a trace id, its own or a new one, which becomes the current one."""
    given = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == HEADER]
    match = ROOT.search(given[0]) if given else None
    root = match.group() if match else _new_root()
    _root.set(root)
    others = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER]
    return {**scope, "headers": [*others, (HEADER, root.encode())]}


def _new_root():
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def _of_invocation(original, config, inbound_trace_header=None):
    root = _root.get() or _new_root()
    return inbound_trace_header or f"{root};Parent={secrets.token_hex(8)};Sampled=0"


def _with_trace(original, now, sys_attrs_input):
    attributes = original(now, sys_attrs_input)
    if _root.get():
        attributes.setdefault(MESSAGE_ATTRIBUTE, _root.get())
    return attributes


def _of_batch(original, esm, func_rec, event, *rest):
    """A batch has the trace of its first message, and none of the thread that polls the queue."""
    match = ROOT.search(event["Records"][0]["attributes"].get(MESSAGE_ATTRIBUTE, ""))
    token = _root.set(match.group() if match else None)
    try:
        return original(esm, func_rec, event, *rest)
    finally:
        _root.reset(token)
