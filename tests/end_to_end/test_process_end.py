"""A command's process ends at once, after all that has to be done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cinecast import __version__
from helpers.command_line import environment

VERSION = f"cinecast {__version__}\n"


def end(first: str, *arguments: str, **streams: object) -> subprocess.CompletedProcess[str]:
    """Run the program in a process that does something else first."""
    script = f"{first}\nfrom cinecast.cli import entry_point\nentry_point()"
    taken = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    command = [sys.executable, "-c", script, *arguments]
    buffered = environment() | {"PYTHONUNBUFFERED": ""}
    return subprocess.run(command, env=buffered, text=True, check=False, **taken)  # type: ignore[call-overload,no-any-return]


def test_what_is_left_to_the_end_is_done_and_written() -> None:
    ended = end("import atexit\natexit.register(print, 'last')", "--version")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{VERSION}last\n", "")


def test_nothing_is_taken_apart() -> None:
    kept = "class Kept:\n    def __del__(self):\n        print('taken apart')\nkept = Kept()"
    assert end(kept, "--version").stdout == VERSION


def test_a_thread_that_still_works_is_waited_for() -> None:
    last = "def last():\n    threading.main_thread().join()\n    time.sleep(0.2)\n    print('done')"
    ended = end(f"import threading, time\n{last}\nthreading.Thread(target=last).start()", "--version")
    assert (ended.returncode, ended.stdout) == (0, f"{VERSION}done\n")


@pytest.mark.parametrize(("arguments", "code"), [(["info", "nowhere"], 2), (["nonsense"], 2), (["--help"], 0)])
def test_the_exit_code_is_that_of_the_command(arguments: list[str], code: int) -> None:
    assert end("", *arguments).returncode == code


def test_output_that_nobody_takes_is_told_by_python_itself() -> None:
    with Path("/dev/full").open("w") as full:
        ended = end("import sys\nsys.stdout.write('first')", "nonsense", stdout=full)
    assert ended.returncode == 120  # that of Python for streams that it could not flush
    assert "No such command" in ended.stderr


@pytest.mark.parametrize("arguments", [["methods"], ["--version"]])
def test_output_that_finds_no_room_is_said(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = end("import sys\nsys.stdout.reconfigure(line_buffering=True)", *arguments, stdout=full)
    assert ended.returncode in (2, 120)  # that of Python where some is left that it could not flush
    assert ended.stderr.startswith(
        "cinecast: there must be room for what is printed, got No space left on device; make some, or direct it "
        "elsewhere\n"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_service_may_have_no_streams(closed: str) -> None:
    command = f'"{sys.executable}" -m cinecast methods {closed}'
    ended = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ("snap1" in ended.stdout) == (closed == "2>&-")
