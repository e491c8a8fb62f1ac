"""Call the real program: as a process of its own, or within this one for the many short calls."""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import os
import pty
import select
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from cinecast.cli import main

ROOT = Path(__file__).resolve().parents[2]

# The options of the finished run: two methods, one of which draws random numbers, at two horizons.
OPTIONS = ("--method", "linear", "--method", "snap1", "--horizon", "1", "--horizon", "2", "--set", "forecast.runs=3")


class Outcome(NamedTuple):
    """How a command ended, and what it wrote to standard output and standard error."""

    code: int
    output: str
    errors: str

    @property
    def sentence(self) -> str:
        """The one sentence that a user's mistake is answered with."""
        assert self.code == 2, self
        assert self.output == "", self
        lines = self.errors.splitlines()
        assert len(lines) == 1, self
        assert lines[0].startswith("cinecast: "), self
        return lines[0]


def environment() -> dict[str, str]:
    """Return the environment in which `python -m cinecast` finds this very checkout."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ("pipeline", "models"))}


def run_cli(*arguments: str | Path, **options: object) -> Outcome:
    """Run the program as a process; `options` go to subprocess.run."""
    command = [sys.executable, "-m", "cinecast", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, **options)  # type: ignore[call-overload]
    return Outcome(done.returncode, done.stdout, done.stderr)


def call_cli(*arguments: str | Path) -> Outcome:
    """Run the program's entry point within this process."""
    output, errors = io.StringIO(), io.StringIO()
    argv = ["cinecast", *map(str, arguments)]
    with patch.object(sys, "argv", argv), redirect_stdout(output), redirect_stderr(errors):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Outcome(code, output.getvalue(), errors.getvalue())


def call_aloud(*arguments: str | Path) -> Outcome:
    """Run the program within this process as `call_cli` does; its warnings too are among its errors, not pytest's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        return call_cli(*arguments)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def on_terminal(*arguments: str, columns: int = 120) -> tuple[int, str]:
    """Run the program with all its streams on a pseudo-terminal; return its exit code and what a person sees."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "cinecast", *arguments]
    settings = environment() | {"TERM": "xterm-256color", "COLUMNS": str(columns)}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=settings)
    os.close(slave)
    shown = b""
    while True:
        ended = process.poll() is not None  # before it is looked whether there is more: what it wrote last counts
        ready, _, _ = select.select([master], [], [], 0.1)
        if ready:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            shown += chunk
        elif ended:
            break
    os.close(master)
    return process.wait(timeout=60), shown.decode()


def succeed(*arguments: str | Path) -> str:
    """Run the program within this process and return what it printed; it must not complain."""
    outcome = call_cli(*arguments)
    assert outcome.code == 0, outcome
    assert outcome.errors == "", outcome
    return outcome.output


def digests(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its path in it."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def results(root: Path) -> dict[str, str]:
    """Return the digests of what a run computed, without what clocks put into it.

    Left out are records (stage.json), times per step in tables and the report, which shows both.
    """
    found = {}
    for name, digest in digests(root).items():
        if name.startswith("report/") or name.endswith(("stage.json", "step_times.csv")):
            continue
        if name.endswith("scores.csv"):
            lines = [line for line in (root / name).read_text().splitlines() if "step_time_ms" not in line]
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        found[name] = digest
    return found


def owner_of(process: int, host: str | None = None) -> str:
    """Return how a process signs the temporary files and folders that it makes."""
    return f"{host or socket.gethostname()}-{process}-00000000-11111111"


def made_at(root: Path) -> dict[str, int]:
    """Return the time of change of every file below a folder, in ns; others may write there meanwhile."""
    found = {}
    for folder, _, names in os.walk(root):  # passes over folders that have vanished since, which `rglob` stumbles over
        for path in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                found[path.relative_to(root).as_posix()] = path.stat().st_mtime_ns
    return found


def redone(before: dict[str, int], root: Path) -> set[str]:
    """Return the artifacts (their keys) whose record was written anew since `made_at`."""
    now = made_at(root)
    changed = {name for name in now if name.endswith("stage.json") and now[name] != before.get(name)}
    return {name.removesuffix("/stage.json") for name in changed}


def scores(root: Path) -> list[dict[str, str]]:
    """Return the rows of a run's table of scores."""
    with (root / "score" / "scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))
