"""Functions inherit the emulator's whole environment: its own settings would reach them, which does not happen on AWS.

They keep the variables that a process needs and the endpoints that direct the AWS SDKs to this machine.
"""

import os

from patches.wrap import wrap

INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "AWS_REGION", "AWS_DEFAULT_REGION")
ENDPOINT_PREFIX = "AWS_ENDPOINT_URL"


def apply():
    from ministack.services import lambda_svc

    wrap(lambda_svc, "_provided_worker_env", _without_settings)


def _without_settings(original, config, code_dir, port):
    composed = original(config, code_dir, port)
    own = (config.get("Environment") or {}).get("Variables") or {}
    return {
        name: value
        for name, value in composed.items()
        if name in own or name in INHERITED or name.startswith(ENDPOINT_PREFIX) or os.environ.get(name) != value
    }
