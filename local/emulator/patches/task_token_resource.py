"""SendTaskSuccess and SendTaskFailure are authorized for the resource `*`; on AWS it is the machine that waits.

Without this patch a policy that names its machine refuses the call.
"""

import contextvars
import json

from patches.wrap import wrap

SENDS = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")

_machine = contextvars.ContextVar("the machine whose state is being executed", default=None)
_machines = {}


def apply():
    from ministack.core import iam_actions
    from ministack.services import stepfunctions

    wrap(stepfunctions, "_execute_task", _with_machine)
    wrap(stepfunctions, "_invoke_with_callback", _with_token)
    wrap(iam_actions, "extract_resource_arn", _resource)


def _with_machine(original, state_def, raw_input, execution, ctx):
    remembered = _machine.set(execution["stateMachineArn"])
    try:
        return original(state_def, raw_input, execution, ctx)
    finally:
        _machine.reset(remembered)


def _with_token(original, resource, input_data, token, state_def):
    # Never removed: a second SendTask* must get TaskDoesNotExist, and a token is small.
    _machines[token] = _machine.get()
    return original(resource, input_data, token, state_def)


def _resource(original, service, method, path, headers, body, *rest):
    if service == "states" and headers.get("x-amz-target", "").rpartition(".")[2] in SENDS:
        return _machines.get(_token(body)) or _any_machine()
    return original(service, method, path, headers, body, *rest)


def _token(body):
    try:
        return json.loads(body).get("taskToken")
    except (ValueError, AttributeError):
        return None


def _any_machine():
    """A token from before a restart: a caller with rights for the machine gets TaskDoesNotExist, not AccessDenied."""
    from ministack.services import stepfunctions

    return next(iter(stepfunctions._state_machines), "*")
