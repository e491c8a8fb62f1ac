"""What nobody foresaw: one sentence for the user, the traceback in a file for whoever mends the program."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from cinecast.version import __version__

_HEAD = "May quote names and values of your files: look through it before you pass it on."


def fault_sentence(error: BaseException) -> str:
    """Return what the user is told: kind and place of the fault, nothing of the data, and where the log lies."""
    log = _write_log(error)
    where = "it could not be logged for want of a writable folder" if log is None else f"its log is {log}"
    if isinstance(error, MemoryError):
        return f"the work must fit into this machine's memory, got too little for it; {where}; use smaller settings"
    return (
        f"this command met a fault of the program ({type(error).__name__} in {_place(error)}), what is finished is "
        f"kept; {where}; please report it"
    )


def _place(error: BaseException) -> str:
    """Return module and line of this program where the fault arose."""
    own = [f for f in traceback.extract_tb(error.__traceback__) if "cinecast" in Path(f.filename).parts[-4:-1]]
    frames = own or traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).stem} line {frames[-1].lineno}" if frames else "an unknown place"


def _write_log(error: BaseException) -> str | None:
    """Write the traceback to a new file that only its owner may read; None where there is no room for one."""
    command = next(iter(sys.argv[1:]), "")
    about = f"cinecast {__version__}, Python {platform.python_version()}, {platform.platform()}, {command}"
    try:
        trace = "".join(traceback.format_exception(error))
        descriptor, name = tempfile.mkstemp(time.strftime("-%Y%m%d-%H%M%S.log"), "cinecast-fault-")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{_HEAD}\n{about}\n\n{trace}")
    except (OSError, MemoryError, RecursionError):
        return None
    return name
