"""Libraries are held to one thread, also those that a stage loads only when it begins."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from helpers.command_line import ROOT, environment

CODE = """
import numpy
from cinecast.single_thread import single_threaded
with single_threaded():
    import cv2, scipy.linalg
    from threadpoolctl import threadpool_info
    print(*[pool["num_threads"] for pool in threadpool_info()], cv2.getNumThreads())
"""


def test_every_thread_pool_is_held_to_one_thread() -> None:
    variables = environment() | {"OPENBLAS_NUM_THREADS": "2"}
    command = [sys.executable, "-c", CODE]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout
    threads = printed.split()
    assert len(threads) >= 3  # numpy's, scipy's and OpenCV's
    assert set(threads) == {"1"}


def test_no_other_module_limits_threads() -> None:
    """The limits of threadpoolctl reach only what is loaded, and scipy, which often is not yet, brings a BLAS too."""
    sources = [path for root in ("pipeline", "models") for path in (ROOT / root).rglob("*.py")]
    using = {
        path.name for path in sources if re.search(r"threadpool_limits|\bThreadpoolController\(", path.read_text())
    }
    assert using == {"single_thread.py"}


# What the command line does first, and then shows the threads of numpy and scipy in the place of a command.
COMMAND_LINE = """
import cinecast.cli, sys
assert "numpy" not in sys.modules
def show():
    import numpy, scipy.linalg
    from threadpoolctl import threadpool_info
    print(*[pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"])
cinecast.cli.main = show
cinecast.cli.entry_point()
"""


@pytest.mark.parametrize(("given", "threads"), [(None, "1"), ("2", "2")])
def test_the_command_line_begins_with_one_thread_unless_the_user_says_otherwise(
    given: str | None, threads: str
) -> None:
    variables = {name: value for name, value in environment().items() if name != "OPENBLAS_NUM_THREADS"}
    variables |= {} if given is None else {"OPENBLAS_NUM_THREADS": given}
    command = [sys.executable, "-c", COMMAND_LINE]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout
    assert printed.split() == [threads, threads]  # numpy's and scipy's
