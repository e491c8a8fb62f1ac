"""Output in an encoding that lacks some of our characters."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpers.command_line import environment

# Printed once the command has set its streams up.
SCRIPT = (
    "import atexit, sys\n"
    "text = '\\u22121.2 \\u2013 \\xb1 3 \\u2264 \\u6f22'\n"
    "atexit.register(lambda: print(text))\n"
    "atexit.register(lambda: print(text, file=sys.stderr))\n"
    "from cinecast.cli import entry_point\n"
    "entry_point()"
)


@pytest.mark.parametrize(
    ("encoding", "line"),
    [("ascii", "-1.2 - +- 3 <= ?"), ("latin-1", "-1.2 - ± 3 <= ?"), ("utf-8", "\u22121.2 \u2013 ± 3 ≤ 漢")],
)
def test_a_minus_stays_one_and_no_command_fails(encoding: str, line: str) -> None:
    settings = environment() | {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-c", SCRIPT, "--version"]
    ended = subprocess.run(command, env=settings, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout.decode(encoding).splitlines()[1:]) == (0, [line])
    assert ended.stderr.decode(encoding).splitlines()[0] == line


def test_tables_are_printed() -> None:
    settings = environment() | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "cinecast", "methods"]
    ended = subprocess.run(command, env=settings, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"| history_length |" in ended.stdout
