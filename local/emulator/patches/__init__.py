"""One module per gap of MiniStack that we mend at start-up.

Each module's docstring says what is wrong without it, `apply()` mends it, and `tests/test_<module>.py` shows the mended
behaviour on a running emulator. The same test fails against a plain emulator (`EMULATOR_PLAIN=1`), unless a newer
version has mended the gap itself: then the patch can go.
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
    "host_check",
    "root_key",
)


def apply_all():
    """Applies every patch, in order."""
    for name in ALL:
        import_module(f"patches.{name}").apply()
