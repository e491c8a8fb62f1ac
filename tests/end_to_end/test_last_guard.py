"""What nobody foresaw ends in one sentence, and its traceback in a file that only its owner reads."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.command_line import environment

# A fault that quotes a patient, planted in a function that every command of frames calls.
_FAULTY = """
import cinecast.cli.info as info
def fault(*_): raise {error}
info.list_series = fault
from cinecast.cli import main
main()
"""


def end_in(error: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _FAULTY.format(error=error), "info", "MEIER_ANNA.nii"]
    return subprocess.run(
        command, env=environment() | {"TMPDIR": str(temporary)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("error", ["ZeroDivisionError('MEIER ANNA')", "RecursionError('MEIER')", "OSError(5, 'MEIER')"])
def test_a_fault_of_the_program(tmp_path: Path, error: str) -> None:
    ended = end_in(error, tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    kind = error.partition("(")[0]
    found = re.fullmatch(
        rf"cinecast: this command met a fault of the program \({kind} in info line \d+\), what is finished is kept; "
        r"its log is (\S+); please report it\n",
        ended.stderr,
    )
    assert found, ended.stderr
    log = Path(found[1])
    assert log.parent == tmp_path
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "MEIER" in log.read_text()
    assert "Traceback" in log.read_text()
    assert "look through it before you pass it on" in log.read_text()


def test_want_of_memory(tmp_path: Path) -> None:
    ended = end_in("MemoryError('MEIER')", tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("cinecast: the work must fit into this machine's memory, got too little for it; its")
    assert len(ended.stderr.splitlines()) == 1


def test_without_room_for_a_log(tmp_path: Path) -> None:
    nowhere = f"import tempfile; tempfile.tempdir = {str(tmp_path / 'gone')!r}"
    command = [sys.executable, "-c", nowhere + _FAULTY.format(error="ValueError('MEIER')"), "info", "a.nii"]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "it could not be logged for want of a writable folder" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
