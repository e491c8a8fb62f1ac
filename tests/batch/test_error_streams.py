"""What a worker says while it starts is no talk of the command that starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from helpers.command_line import environment

_COMMAND = """
import subprocess, sys
from pathlib import Path
from cinecast.batch.cluster import errors_of_children
from cinecast.cli.console import part_error_stream
child = [sys.executable, "-c", "import sys; print('a traceback of a child', file=sys.stderr)"]
if sys.argv[2] == "parted":
    part_error_stream()
with errors_of_children(Path(sys.argv[1])):
    print("ours", file=sys.stderr)
    subprocess.run(child, check=True)
subprocess.run(child, check=True)
print("after", file=sys.stderr)
"""


def _said(log: Path, how: str) -> str:
    command = [sys.executable, "-c", _COMMAND, str(log), how]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stderr


def test_the_errors_of_children_go_to_a_file_and_ours_do_not(tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    assert _said(log, "parted") == "ours\na traceback of a child\nafter\n"
    assert log.read_text() == "a traceback of a child\n"


def test_of_a_program_that_shares_its_stream_nothing_is_turned_away(tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    assert _said(log, "shared") == "ours\na traceback of a child\na traceback of a child\nafter\n"
    assert not log.exists()
