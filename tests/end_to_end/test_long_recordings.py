"""Recordings that memory does not hold, in small: what is large is whatever is more than a few frames here."""

from __future__ import annotations

import gzip
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.command_line import OPTIONS, environment, results, succeed

# Nothing stays in memory, and blocks are of two frames; the run is the same to the bit.
_SMALL = """
import os, signal, sys
from cinecast.frames import spool
spool.MOST_IN_MEMORY, spool._AT_ONCE = 0, 2 * 48 * 40 * 2
from cinecast.cli import main
"""
# Motion models of more than ten train frames are found by iteration, from parts of three.
_MANY_FRAMES = """
from cinecast.motion import leading_directions, train_fields
leading_directions.MOST_FRAMES_EXACT, train_fields.MOST_NUMBERS = 10, 3 * 48 * 40 * 2
"""
_KILLED_WHILE_READING = """
write = spool._OnDisk.write
def fatal(sink, values):
    write(sink, values[:len(values) // 2])
    sink._file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
spool._OnDisk.write = fatal
"""
_KILLED_WHILE_FITTING = """
rows, passes = train_fields.TrainFields.rows, []
def fatal(fields):
    passes.append(1)
    for part, values in rows(fields):
        if len(passes) == 4 and part.start:
            os.kill(os.getpid(), signal.SIGKILL)
        yield part, values
train_fields.TrainFields.rows = fatal
"""
_KILLED_WHILE_KEEPING = """
from cinecast.store import sequence_files
save = sequence_files.save_array
def fatal(path, array):
    save(path, array[:20])
    os.kill(os.getpid(), signal.SIGKILL)
sequence_files.save_array = fatal
"""


def run(source: Path, out: Path, changes: str, limit: int | None = None) -> tuple[int, str]:
    """Run with changes to the program; return how it ended and what it said."""
    command = [sys.executable, "-c", f"{_SMALL}{changes}main()", "run", str(source), "--out", str(out), *OPTIONS]

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=300, preexec_fn=limited
    )
    return done.returncode, done.stderr


@pytest.fixture
def source(original_phantom: Path, tmp_path: Path) -> Path:
    """The phantom alone in a folder, so that nothing can be left beside it unnoticed."""
    folder = tmp_path / "place"
    folder.mkdir()
    for path in original_phantom.parent.iterdir():
        shutil.copy(path, folder)
    return folder / original_phantom.name


def test_a_recording_by_way_of_the_disk_is_the_same_run(source: Path, original_run: Path, tmp_path: Path) -> None:
    assert run(source, tmp_path / "run", "") == (0, "")
    assert results(tmp_path / "run") == results(original_run)


def test_killed_while_it_is_read_nothing_is_left(source: Path, original_run: Path) -> None:
    before, out = sorted(source.parent.iterdir()), source.parent / "run"
    assert run(source, out, _KILLED_WHILE_READING)[0] == -signal.SIGKILL
    assert sorted(source.parent.iterdir()) == before
    succeed("run", source, "--out", out, *OPTIONS)
    assert results(out) == results(original_run)


def test_killed_while_its_frames_are_kept(source: Path, original_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run(source, out, _KILLED_WHILE_KEEPING)[0] == -signal.SIGKILL
    assert run(source, out, "") == (0, "")
    assert results(out) == results(original_run)


def test_killed_in_the_middle_of_a_part_of_the_train_span(source: Path, tmp_path: Path) -> None:
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "run"
    assert run(source, undisturbed, _MANY_FRAMES) == (0, "")
    assert run(source, out, _MANY_FRAMES + _KILLED_WHILE_FITTING)[0] == -signal.SIGKILL
    flow = results(out / "flow")
    assert flow == results(undisturbed / "flow")
    assert run(source, out, _MANY_FRAMES) == (0, "")
    assert results(out) == results(undisturbed)


def test_a_disk_without_room_for_the_frames_is_said(source: Path, original_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, said = run(source, out, "", limit=100_000)  # the frames take 230 400 bytes
    assert code == 2
    assert said == (
        f"cinecast: {source.name}: 0.00023 GB of grey values must find room on the disk of {tmp_path} while they are "
        "read, got: File too large; free some there, or choose another place for the results\n"
    )
    assert not out.exists()
    succeed("run", source, "--out", out, *OPTIONS)
    assert results(out) == results(original_run)


def test_a_disk_that_fills_while_the_frames_are_kept(source: Path, original_run: Path, tmp_path: Path) -> None:
    out, plain = tmp_path / "run", source.with_suffix("")
    plain.write_bytes(gzip.decompress(source.read_bytes()))
    code, said = run(plain, out, "", limit=230_450)  # the run's copy has a header of 128 bytes
    assert code == 2, said
    assert f"the run needs space on the disk of {out}" in said
    assert not (out / "frames").exists()
    assert run(plain, out, "") == (0, "")
    assert results(out) == results(original_run)
