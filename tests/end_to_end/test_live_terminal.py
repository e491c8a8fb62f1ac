"""A terminal that somebody has stopped holds up no live session."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

from helpers.command_line import environment

STOP, GO = b"\x13", b"\x11"  # Ctrl-S and Ctrl-Q


def test_a_live_session_ends_on_a_terminal_that_is_stopped(original_phantom: Path, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    os.write(master, STOP)
    command = [sys.executable, "-m", "cinecast", "live", str(original_phantom), "--out", "live", "--rate", "max"]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment() | {"TERM": "xterm"}, cwd=tmp_path
    )
    os.close(slave)
    try:
        summary, end = tmp_path / "live" / "summary.json", time.monotonic() + 60
        while not summary.exists():
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        os.write(master, GO)
        shown = b""
        while b"Forecasts: live" not in shown:
            shown += os.read(master, 65536)
        assert process.wait(60) == 0
    finally:
        process.kill()
        os.close(master)
