"""The end of a process whose command is done: at once, instead of object by object."""

from __future__ import annotations

import atexit
import os
import sys
import threading


def end_process(code: int) -> None:
    """End this process, where nothing is left to do but to take apart what was loaded, for up to half a second.

    What libraries leave to the end is done, and all output is written. Where a thread still works, or output is not
    taken, this returns: Python itself knows best how to end then.

    Parameters
    ----------
    code
        The exit code.
    """
    if any(not (thread.daemon or thread is threading.main_thread()) for thread in threading.enumerate()):
        return
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(code)
