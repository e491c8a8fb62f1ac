"""Read a file in a process of its own, which has a limit of time and of memory.

The time is that of the processor, which does not depend on what else the machine has to do. A process that waits for
something uses none of it, so it is ended after a while too.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from cinecast.errors import CinecastError
from cinecast_models import ForecastingError

SECONDS, GIGABYTES = 2.0, 2.0
LONGEST_S = 120.0
_FAULT = re.compile(r"fault of the program \((.+?)\)")


def read_in_child(read: Callable[[Path], object], file: Path, *, longest_s: float = LONGEST_S) -> str:
    """Read a file in a process of its own; return what went wrong, nothing where it was read or refused."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _limit_memory()
        os.write(writer, _read(read, file).encode()[:4000])
        os._exit(0)
    os.close(writer)
    end, status = time.monotonic() + longest_s, None
    while time.monotonic() < end and status is None and _processor_s(child) < SECONDS:
        ended, code = os.waitpid(child, os.WNOHANG)
        status = code if ended else None
        time.sleep(0.0 if ended else 0.002)
    if status is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    if status is None:
        return f"longer than {SECONDS:g} s" if time.monotonic() < end else f"waits longer than {longest_s:g} s"
    return said if not os.WIFSIGNALED(status) else f"signal {signal.Signals(os.WTERMSIG(status)).name}"


def _processor_s(process: int) -> float:
    """Return how much of the processor's time in s a process that has not been waited for has used."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _limit_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limit = used + int(GIGABYTES * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _read(read: Callable[[Path], object], file: Path) -> str:
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    warnings.simplefilter("ignore")
    try:
        read(file)
    except (CinecastError, ForecastingError):
        return ""
    except AssertionError as error:
        found = _FAULT.search(str(error))
        return found[1] if found else " ".join(str(error).split())[-300:]
    except BaseException as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/cinecast" in f.filename]
        place = f" in {Path(frames[-1].filename).stem} line {frames[-1].lineno}" if frames else ""
        return f"{type(error).__name__}{place}"
    return ""
