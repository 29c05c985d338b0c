"""Starts MiniStack with our patches: `python local/emulator [--parent PID]`.

All settings come from the environment, which the supervisor sets (`local/supervisor/src/supervisor/services.rs`).
MiniStack's documentation describes them.
"""

import argparse
import sys

import parent
import patches

parser = argparse.ArgumentParser(prog="emulator")
parser.add_argument("--parent", type=int, help="end when this process, the one that started this one, does")
arguments = parser.parse_args()
if arguments.parent is not None:
    parent.end_with(arguments.parent)

patches.apply_all()

# This import comes after the patches, because some replace what it binds. The program reads the command line itself.
from ministack.app import main  # noqa: E402

sys.argv = sys.argv[:1]
main()
