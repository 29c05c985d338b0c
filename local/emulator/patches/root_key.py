"""Whoever signs with the key `test`, or with twelve digits, is the account's root, whatever key the environment gives.

With a key of its own (`AWS_ACCESS_KEY_ID`) only that one is root's: it is in the installation's private folder.
"""

import os

from patches.wrap import wrap

DEFAULT = "test"


def apply():
    from ministack.core import iam_evaluator

    own = os.environ.get("AWS_ACCESS_KEY_ID", DEFAULT)
    if own != DEFAULT:
        wrap(iam_evaluator, "is_root_access_key", lambda _original, key: not key or key == own)
