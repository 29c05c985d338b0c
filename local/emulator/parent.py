"""Makes the kernel end this process when its parent ends, even by SIGKILL."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def end_with(pid):
    """Asks for SIGTERM (on which the emulator saves its state) when the parent, which is `pid`, ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")
    if os.getppid() != pid:
        sys.exit("the supervisor has ended in the meantime")
