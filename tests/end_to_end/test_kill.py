"""A kill at any moment leaves what was finished; the next run ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cinecast.store import replacing
from helpers.command_line import OPTIONS, ROOT, environment, results, succeed


@pytest.fixture(scope="session")
def undisturbed(original_run: Path) -> dict[str, str]:
    return results(original_run)


def kill_when(source: Path, out: Path, ready: Callable[[float], bool]) -> int:
    """Start a run, SIGKILL it once `ready(seconds since its folder appeared)`; return how it ended."""
    command = [sys.executable, "-m", "cinecast", "run", str(source), "--out", str(out), *OPTIONS]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = 0.0
    while process.poll() is None:
        if not started and out.exists():
            started = time.monotonic()
        if started and ready(time.monotonic() - started):
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.001)
    return process.wait(timeout=300)


def finish(source: Path, out: Path) -> dict[str, str]:
    succeed("run", source, "--out", out, *OPTIONS)
    assert not [path for path in out.rglob("*") if path.name.startswith((".tmp-", ".old-"))]
    return results(out)


@pytest.mark.parametrize("appears", ["run.json", "flow", "score", "report"])
def test_killed_when_a_folder_appears(
    original_phantom: Path, tmp_path: Path, undisturbed: dict[str, str], appears: str
) -> None:
    out = tmp_path / "run"
    ended = kill_when(original_phantom, out, lambda _: (out / appears).exists())
    # The last result may be in place before the signal arrives.
    assert ended == -signal.SIGKILL or appears == "report"
    assert finish(original_phantom, out) == undisturbed


def test_killed_again_and_again_at_random(
    original_phantom: Path, tmp_path: Path, undisturbed: dict[str, str], rng: np.random.Generator
) -> None:
    out = tmp_path / "run"
    killed = 0
    for delay in rng.uniform(0, 0.4, 4):
        killed += kill_when(original_phantom, out, lambda seconds, delay=delay: seconds > delay) == -signal.SIGKILL
    assert killed
    assert finish(original_phantom, out) == undisturbed


_KILLED_BETWEEN_RENAMES = """
import os, signal, sys
from pathlib import Path
from cinecast.store import replacing
rename = Path.rename
def fatal(path, target):
    if path.name.startswith(replacing.TEMPORARY) and "flow" == Path(target).name:
        os.kill(os.getpid(), signal.SIGKILL)  # the old flow has been moved away, the new one is not in place
    return rename(path, target)
Path.rename = fatal
from cinecast.cli import main
main()
"""


def test_killed_between_moving_the_old_away_and_the_new_in(original_phantom: Path, run: Path) -> None:
    before = results(run)
    command = [sys.executable, "-c", _KILLED_BETWEEN_RENAMES, "run", str(original_phantom), "--out", str(run)]
    ended = subprocess.run([*command, "--from", "flow"], env=environment(), check=False).returncode
    assert ended == -signal.SIGKILL
    assert not (run / "flow").exists()
    assert "Nothing to do" in succeed("run", original_phantom, "--out", run)
    assert results(run) == before


def test_interrupted_by_the_keyboard(original_phantom: Path, tmp_path: Path, undisturbed: dict[str, str]) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "cinecast", "run", str(original_phantom), "--out", str(out), *OPTIONS]
    process = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # tests in the background may ignore it
    )
    while not (out / "flow").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert (output, errors) == ("", "cinecast: interrupted; what is finished is kept\n")
    assert finish(original_phantom, out) == undisturbed


def test_what_a_living_process_writes_is_left_alone(original_phantom: Path, run: Path) -> None:
    own = replacing.temporary_folder(run / "flow")
    other = own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-"))
    other.mkdir()
    ended = own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{_ended_process()}-"))
    ended.mkdir()
    elsewhere = own.with_name(".tmp-another-computer-1-00000000-00000000")
    elsewhere.mkdir()
    restarted = own.with_name(f"{own.name.rsplit('-', 2)[0]}-00000000-00000000")  # the same number, another process
    restarted.mkdir()
    succeed("run", original_phantom, "--out", run)
    kept = {path.name for path in run.iterdir() if path.name.startswith(".tmp-")}
    assert kept == {own.name, other.name, elsewhere.name}


def _ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_thirty_kills_of_every_command_lose_nothing() -> None:
    command = [sys.executable, str(ROOT / "tests/benchmarks/kill_commands.py"), "--count", "30", "--seconds", "60"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(", 0 findings\n")
