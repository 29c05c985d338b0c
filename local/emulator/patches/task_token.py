"""A function that fails while its state waits for a task token is ignored: the execution hangs until it times out."""

import contextvars

from patches.wrap import wrap

_waiting = contextvars.ContextVar("the task token of the called function", default=None)


def apply():
    from ministack.services import stepfunctions

    wrap(stepfunctions, "_invoke_with_callback", _with_token)
    wrap(stepfunctions, "_call_lambda", _report_failure)


def _with_token(original, resource, input_data, token, state_def):
    remembered = _waiting.set(token)
    try:
        return original(resource, input_data, token, state_def)
    finally:
        _waiting.reset(remembered)


def _report_failure(original, function, event):
    """As on AWS, the failure ends the wait, and the state's retriers and catchers handle it."""
    from ministack.services import stepfunctions

    try:
        return original(function, event)
    except stepfunctions._ExecutionError as error:
        waiting = stepfunctions._task_tokens.get(_waiting.get())
        if waiting is not None:
            waiting["error"] = {"Error": error.error, "Cause": error.cause}
            waiting["event"].set()
        raise
