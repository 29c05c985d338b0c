"""A caller that signs with the key `test`, or with twelve digits, is the account's root, even when the environment sets
another key.

With this patch only the key that is set (`AWS_ACCESS_KEY_ID`) is root's: it is in the installation's private folder.
"""

import os

from patches.wrap import wrap

DEFAULT = "test"


def apply():
    from ministack.core import iam_evaluator

    own = os.environ.get("AWS_ACCESS_KEY_ID", DEFAULT)
    if own != DEFAULT:
        wrap(iam_evaluator, "is_root_access_key", lambda _original, key: not key or key == own)
