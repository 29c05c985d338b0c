"""Cognito never calls the PostConfirmation trigger of a user pool after ConfirmSignUp."""

from patches.wrap import wrap


def apply():
    from ministack.services import cognito

    wrap(cognito, "_confirm_sign_up", _confirm_then_trigger)


def _confirm_then_trigger(original, data):
    from ministack.services import cognito

    response = original(data)
    if response[0] == 200:
        client_id = data.get("ClientId")
        pool, _pool_id = cognito._pool_for_client(client_id)
        user, _error = cognito._resolve_user(pool, data.get("Username"))
        if user:
            _invoke(pool, user, client_id, data.get("ClientMetadata"))
    return response


def _invoke(pool, user, client_id, client_metadata):
    from ministack.services import cognito, lambda_svc

    function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not function:
        return
    attributes = {**cognito._attr_list_to_dict(user.get("Attributes", [])), "cognito:user_status": "CONFIRMED"}
    event = cognito._build_presignup_event(
        pool["Id"], client_id, user["Username"], attributes, "PostConfirmation_ConfirmSignUp"
    )
    event["request"].pop("validationData", None)
    event["response"] = {}
    if client_metadata:
        event["request"]["clientMetadata"] = client_metadata
    record, config, _qualifier = lambda_svc._get_func_record_for_ref(function)
    lambda_svc._execute_function_with_config_scope(lambda_svc._execution_record_for_config(record, config), event)
