"""Fixtures of all tests: seeded numbers, and the folder of real sequences and golden arrays."""

from __future__ import annotations

import os

# Read when numpy is loaded. The processes of pytest-xdist share the processors: more threads would only compete.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from cinecast.garbage_collection import collect_rarely

# Tests start the program hundreds of times, and each process of pytest-xdist imports all tests: what one process has
# compiled, the next one loads.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("cinecast", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("cinecast")


def pytest_collection_finish() -> None:
    """Search for unreachable cycles as rarely as the program does, and not among the tests: a twentieth less time."""
    gc.freeze()
    collect_rarely()


@pytest.fixture(autouse=True)
def _not_held_for_good() -> Iterator[None]:
    """Have a test that sets this process up as a worker of a batch, for good, leave the threads of later ones alone."""
    yield
    tasks: Any = sys.modules.get("cinecast.batch.tasks")
    if tasks is not None and tasks._set_up_process.cache_info().currsize:
        tasks._set_up_process.cache_clear()
        tasks._HELD.close()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261123)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with `data`, `golden` and `published`; skip without it, fail under CI=true."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("CINECAST_SHARED", default))
    if (folder / "golden").is_dir():
        return folder
    reason = f"no real sequences or golden arrays at {folder}; set CINECAST_SHARED to their folder"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
