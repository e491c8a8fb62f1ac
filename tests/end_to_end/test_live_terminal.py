"""A terminal that somebody stops or closes costs a live session nothing."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from end_to_end.test_live import rows
from helpers.command_line import environment

STOP, GO = b"\x13", b"\x11"  # Ctrl-S and Ctrl-Q


@contextmanager
def session(
    source: Path, folder: Path, *options: str, stopped: bool = False, hang_up: signal.Handlers = signal.SIG_DFL
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Give a session that has a terminal of its own, and the other side of this."""
    master, slave = pty.openpty()
    if stopped:
        os.write(master, STOP)

    def prepare() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, hang_up)

    process = subprocess.Popen(
        [sys.executable, "-m", "cinecast", "live", str(source), "--out", "live", *options],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment() | {"TERM": "xterm"},
        cwd=folder,
        start_new_session=True,
        preexec_fn=prepare,
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)


def test_one_that_is_stopped_holds_up_no_forecast(original_phantom: Path, tmp_path: Path) -> None:
    with session(original_phantom, tmp_path, "--rate", "max", stopped=True) as (process, terminal):
        wait_until((tmp_path / "live" / "summary.json").exists, process)
        os.write(terminal, GO)
        shown = b""
        while b"Forecasts: live" not in shown:
            shown += os.read(terminal, 65536)
        assert process.wait(300) == 0
        os.close(terminal)


def test_one_that_is_closed_ends_the_session_with_all_that_it_has_made(original_phantom: Path, tmp_path: Path) -> None:
    made, options = tmp_path / "live" / "forecasts.csv", ("--method", "linear", "--frame-period", "0.1")
    with session(original_phantom, tmp_path, *options) as (process, terminal):
        wait_until(lambda: made.exists() and len(made.read_text().splitlines()) > 5, process)
        os.close(terminal)
        assert process.wait(300) > 0  # by itself, and not by the signal
    issued = rows(made)
    assert json.loads((tmp_path / "live" / "summary.json").read_text())["forecasts"] == len(issued) < 40
    assert [row["state"] for row in rows(tmp_path / "live" / "frames.csv")][-1] in ("forecast", "stale")
    assert (tmp_path / "live" / issued[-1]["file"]).exists()


def test_below_nohup_the_session_goes_on_without_it(original_phantom: Path, tmp_path: Path) -> None:
    options = ("--method", "linear", "--horizon", "2", "--frame-period", "0.05")
    with session(original_phantom, tmp_path, *options, hang_up=signal.SIG_IGN) as (process, terminal):
        wait_until((tmp_path / "live" / "frames.csv").exists, process)
        os.close(terminal)
        assert process.wait(300) >= 0  # by itself; Python has a code of its own for output that nobody took
    assert len(rows(tmp_path / "live" / "frames.csv")) == 60
