"""Kill commands again and again at random: nothing that was finished is lost, and none ends in a traceback.

Run ``python tests/benchmarks/kill_commands.py --count 1000``. Of a batch, the command or its worker is killed. After a
few kills the same command is left alone, and must end with what an undisturbed one makes, to the bit; the tables of a
live session must be a beginning of the undisturbed ones at any moment. The exit code is 1 where anything was found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.command_line import environment
from helpers.victims import Victim, victims

# Kills of the same folder before the command is left alone.
_KILLS = 4


def start(victim: Victim, out: Path) -> subprocess.Popen[str]:
    """Start a command with its own folder of results."""
    command = [sys.executable, "-m", "cinecast", *victim.arguments, "--out", str(out)]
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment(), text=True, start_new_session=True, **streams)  # type: ignore[call-overload, no-any-return]


def workers_of(process: int) -> list[int]:
    """Return the worker processes below a process."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            continue
        if parent == process:
            found += [int(folder.name)] if b"spawn_main" in command else []
            found += workers_of(int(folder.name))
    return found


def end_of(process: subprocess.Popen[str], what: str) -> str:
    """Wait for a command; return what is wrong with what it said."""
    try:
        _, errors = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"{what} hangs"
    if "Traceback" in errors or "fault of the program" in errors:
        return f"{what}: {' '.join(errors.split())[-400:]}"
    return ""


class Trial:
    """One kind of command with its undisturbed results; `kill` kills it once and says what is wrong."""

    def __init__(self, victim: Victim, work: Path) -> None:
        self.victim, self.out, self.killed = victim, work / victim.kind, 0
        whole = work / f"undisturbed_{victim.kind}"
        self.lasts_s, self.expected = self._undisturbed(whole), victim.made(whole)

    def _undisturbed(self, out: Path) -> float:
        """Let the command end; return how long it takes in s."""
        started = time.monotonic()
        process = start(self.victim, out)
        fault = end_of(process, "undisturbed")
        assert not fault, fault
        assert process.returncode == 0, self.victim.kind
        return time.monotonic() - started

    def kill(self, rng: np.random.Generator) -> tuple[bool, str]:
        """Return whether it was still there to be killed, and what is wrong with what it said or left."""
        anew = not self.out.exists()
        process, started = start(self.victim, self.out), time.monotonic()
        end = started + rng.uniform(0.2, 1.1) * self.lasts_s
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.002)
        alone = process.poll() is None
        if anew and not alone:  # the undisturbed one compiled, or the machine had more to do
            self.lasts_s = time.monotonic() - started
        workers = workers_of(process.pid) if self.victim.kind == "batch" and rng.random() < 0.5 else []
        if alone and workers:
            _kill(workers[int(rng.integers(len(workers)))])
        elif alone:
            _kill(process.pid)
        fault = end_of(process, "killed")
        if workers and process.returncode != 0:
            fault = fault or f"a batch whose worker was killed once ends with {process.returncode}"
        self.killed += alone
        return alone, fault or self._check(not alone or self.killed % _KILLS == 0)

    def _check(self, last: bool) -> str:
        if not self.victim.continues:
            return self._check_part()
        if not last:
            return ""
        process = start(self.victim, self.out)
        fault = end_of(process, "left alone")
        if fault or process.returncode:
            return fault or f"left alone it ends with {process.returncode}"
        made = self.victim.made(self.out)
        left = [path.name for path in self.out.rglob("*") if path.name.startswith((".tmp-", ".old-"))]
        shutil.rmtree(self.out)
        if made != self.expected:
            names = {name for name in made | self.expected if made.get(name) != self.expected.get(name)}
            return f"other results than undisturbed: {sorted(names)[:5]}"
        return f"left behind: {left}" if left else ""

    def _check_part(self) -> str:
        try:
            made = self.victim.made(self.out)
        except AssertionError as error:
            return str(error)
        finally:
            shutil.rmtree(self.out, ignore_errors=True)
        wrong = [name for name, row in made.items() if self.expected.get(name) != row]
        return f"other rows than undisturbed: {wrong[:5]}" if wrong else ""


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def main() -> int:
    """Kill as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="how many kills")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so many")
    parser.add_argument("--kind", default="", help="run, batch, series, tune or live; all in turn by default")
    arguments = parser.parse_args()
    rng, kills, faults = np.random.default_rng(arguments.seed), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="cinecast-kill-") as work:
        chosen = [victim for victim in victims(Path(work)) if arguments.kind in ("", victim.kind)]
        trials = [Trial(victim, Path(work)) for victim in chosen]
        end = time.monotonic() + arguments.seconds
        turn = 0
        while kills.total() < arguments.count and time.monotonic() < end:
            trial = trials[turn % len(trials)]
            turn += 1
            killed, fault = trial.kill(rng)
            kills[trial.victim.kind] += killed
            if fault:
                faults += 1
                print(f"{trial.victim.kind}, kill {trial.killed}: {fault}", flush=True)
    listed = ", ".join(f"{count} of {kind}" for kind, count in sorted(kills.items()))
    print(f"{kills.total()} kills ({listed}), {faults} findings")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
