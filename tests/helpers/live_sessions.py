"""Wait for what a live session has written, and end it with Ctrl-C once that is there: no test counts on speed."""

from __future__ import annotations

import csv
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.command_line import Outcome, environment

# For a machine with much else to do; a session that works takes seconds.
_LONGEST_S = 300.0


def wait_until(reached: Callable[[], object], longest_s: float = _LONGEST_S) -> None:
    """Wait until something is so; that it never is fails the test."""
    deadline = time.monotonic() + longest_s
    while not reached():
        assert time.monotonic() < deadline, f"{reached} was waited for in vain"
        time.sleep(0.01)


def row_count(table: Path) -> int:
    """Return how many whole rows a table has below its header."""
    return max(0, table.read_bytes().count(b"\n") - 1) if table.exists() else 0


def newest_forecast_s(out: Path) -> float:
    """Return the time in s of the frame that was forecast from last; rows of frames may wait for a later one."""
    table = out / "forecasts.csv"
    lines = table.read_text().rpartition("\n")[0].splitlines() if table.exists() else []
    found = list(csv.DictReader(lines))
    return float(found[-1]["issued_s"]) if found else -math.inf


def until_forecasts(out: Path, count: int = 1) -> None:
    """Wait until a session has written so many rows of forecasts: the first is of the newest frame that has come."""
    wait_until(lambda: row_count(out / "forecasts.csv") >= count)


class LiveProcess:
    """`cinecast live` as a process, whose streams go to two files in a folder; it ends with its ``with`` statement."""

    def __init__(self, folder: Path, *arguments: str | Path) -> None:
        self._output, self._errors = folder / "output.txt", folder / "errors.txt"
        command = [sys.executable, "-m", "cinecast", "live", *map(str, arguments)]
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(command, env=environment(), stdout=output, stderr=errors)

    def __enter__(self) -> LiveProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def said(self) -> str:
        """What it has said on standard error."""
        return self._errors.read_text()

    @property
    def printed(self) -> str:
        """What it has printed on standard output."""
        return self._output.read_text()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it stand still while the block runs: what is done there comes at once for it."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def interrupted(self, reached: Callable[[], bool]) -> Outcome:
        """Press Ctrl-C once something is reached, or where the session has ended by itself; return how it ended."""
        wait_until(lambda: reached() or self._process.poll() is not None)
        self._process.send_signal(signal.SIGINT)
        return Outcome(self._process.wait(_LONGEST_S), self.printed, self.said)
