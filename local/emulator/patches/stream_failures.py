"""A function on a DynamoDB stream that asks for records again (`batchItemFailures`) does not get them: its answer
counts as success. Mended, its whole batch comes again, as after an error; AWS begins with the first that it wants."""

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
    if getattr(_thread, "polls_streams", False) and _asks_again(result.get("body")):
        result["error"] = True
    return result


def _asks_again(body):
    return isinstance(body, dict) and bool(body.get("batchItemFailures"))
