"""Files that were changed at random are read or refused; tests/benchmarks/fuzz_files.py does thousands of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError
from helpers.capped_process import LONGEST_S, read_in_child
from helpers.command_line import ROOT, environment
from helpers.mutated_files import mutated


@pytest.mark.parametrize("first", [0, 500])
def test_a_thousand_changed_files_end_in_no_traceback_and_do_not_hang(first: int) -> None:
    program = str(ROOT / "tests/benchmarks/fuzz_files.py")
    command = [sys.executable, program, "--first", str(first), "--count", "500", "--seconds", "90"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("files, 0 findings\n")


def _refuse(file: Path) -> None:
    raise ReadError(f"{file} is none")


def _fail(file: Path) -> None:
    raise ZeroDivisionError(file)


def _hang(_: Path) -> None:
    while True:
        pass


def _wait(_: Path) -> None:
    time.sleep(300)


def _take_memory(_: Path) -> None:
    np.zeros(3 * 2**30, np.uint8)


def _crash(_: Path) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (lambda _: None, ""),
        (_refuse, ""),
        (_fail, "ZeroDivisionError"),
        (_hang, "longer than 2 s"),
        (_wait, "waits longer than 5 s"),
        (_take_memory, "MemoryError"),
        (_crash, "signal SIGTERM"),
    ],
)
def test_what_goes_wrong_is_found(tmp_path: Path, read: object, found: str) -> None:
    assert callable(read)
    said = read_in_child(read, tmp_path, longest_s=5 if read is _wait else LONGEST_S)
    assert said.startswith(found)
    assert bool(said) == bool(found)


def test_the_same_seed_changes_a_file_alike_and_another_one_otherwise() -> None:
    content = bytes(range(256)) * 8
    made = [mutated(content, "a.nii", np.random.default_rng(seed)).content for seed in range(40)]
    assert made == [mutated(content, "a.nii", np.random.default_rng(seed)).content for seed in range(40)]
    assert len(set(made)) > 35
    assert sum(each != content for each in made) > 35
