"""A function on a DynamoDB stream that reports failed records (`batchItemFailures`) does not get them again: its answer
counts as success. With this patch its whole batch is sent again, as after an error; AWS begins with the first failed
record."""

import threading

from patches.wrap import wrap

_thread = threading.local()


def apply():
    from ministack.services import lambda_svc

    wrap(lambda_svc, "_poll_dynamodb_streams", _poll)
    wrap(lambda_svc, "_execute_function", _execute)


def _poll(original):
    _thread.polls_streams = True
    try:
        return original()
    finally:
        _thread.polls_streams = False


def _execute(original, func, event):
    result = original(func, event)
    if getattr(_thread, "polls_streams", False) and _has_failures(result.get("body")):
        result["error"] = True
    return result


def _has_failures(body):
    return isinstance(body, dict) and bool(body.get("batchItemFailures"))
