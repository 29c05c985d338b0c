"""AWS::Lambda::Function ignores ReservedConcurrentExecutions, and a number in its environment breaks invocations."""

import json

from patches.wrap import after_provisioning, before_provisioning


def apply():
    before_provisioning("AWS::Lambda::Function", _with_text_environment)
    after_provisioning("AWS::Lambda::Function", _reserve_concurrency)


def _with_text_environment(properties):
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    if not variables:
        return properties
    text = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
    return {**properties, "Environment": {"Variables": text}}


def _reserve_concurrency(name, properties):
    from ministack.services import lambda_svc

    function = lambda_svc._functions.get(name)
    if function is None:
        return
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)
