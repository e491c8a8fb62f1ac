"""A disk that runs full in the middle of a run."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from helpers.command_line import OPTIONS, digests, results, run_cli, succeed

LIMIT = 400_000  # bytes; the DVFs take 60 * 48 * 40 * 2 * 4 = 921 600


def _mounted(folder: Path, size: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 1 MB; skipped where mounting is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mounted(folder, "1m"):
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_keeps_what_is_finished_and_the_same_command_goes_on(
    original_phantom: Path, original_run: Path, small_disk: Path
) -> None:
    out = small_disk / "run"
    filler = small_disk / "filler"
    filler.write_bytes(bytes(500_000))
    command = ["run", original_phantom, "--out", out, *OPTIONS]
    sentence = run_cli(*command).sentence
    assert f"the run needs space on the disk of {out}, got No space left on device; free some space" in sentence
    assert "start the same command again: what is finished is kept" in sentence
    finished = digests(out / "frames")
    assert set(finished) == {"frames.npy", "sequence.json", "stage.json", "times.csv", "warnings.json"}
    assert not list(out.rglob(".tmp-*"))
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    succeed(*command)
    assert digests(out / "frames") == finished
    assert results(out) == results(original_run)


def test_a_finished_run_survives_a_full_disk(original_phantom: Path, original_run: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    out = Path(shutil.copytree(original_run, small_disk / "run"))
    before = digests(out)
    _fill(small_disk / "filler")
    assert "needs space" in run_cli("run", original_phantom, "--out", out, "--set", "flow.iterations=1").sentence
    assert digests(out) == before
    assert "Nothing to do" in succeed("run", original_phantom, "--out", out)


def test_a_limit_of_file_size_is_a_full_disk_too(original_phantom: Path, original_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = ["run", str(original_phantom), "--out", str(out), *OPTIONS]
    done = run_cli(*command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT)))
    assert done.code == 2
    assert done.errors == (
        f"cinecast: the run needs space on the disk of {out}, got File too large; free some space and start the same "
        "command again: what is finished is kept\n"
    )
    assert (out / "frames/stage.json").exists()
    assert not (out / "flow").exists()
    succeed(*command)
    assert results(out) == results(original_run)
