"""One module per gap of MiniStack that we close at start-up.

Each module's docstring describes the behaviour without it, `apply()` patches it, and `tests/test_<module>.py` checks
the patched behaviour on a running emulator. The same check must fail on a plain emulator: as soon as a newer version
passes it, the test fails and the patch can go.
"""

from importlib import import_module

ALL = (
    "nagle",
    "log_wait",
    "http_api",
    "dynamodb_table",
    "sam_parameters",
    "lambda_function",
    "function_environment",
    "state_machine",
    "task_token",
    "task_token_resource",
    "cognito_codes",
    "post_confirmation",
    "cognito_lockout",
    "cognito_rotation",
    "edge_functions",
    "origin_listing",
    "objects_on_disk",
    "function_code",
    "gateway",
    "key_value_store",
    "authorize",
    "batch_actions",
    "secure_transport",
    "stream_failures",
    "stream_records",
    "sent_mail",
    "snapshot",
    "trace",
    "host_check",
    "root_key",
)


def apply_all():
    """Applies every patch, in order."""
    for name in ALL:
        import_module(f"patches.{name}").apply()
