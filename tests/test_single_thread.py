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


# One thread holds first, and another leaves last. The first lives on, and asks for threads again.
TWO_THREADS = """
import threading
from threadpoolctl import threadpool_info
from cinecast.single_thread import {first} as first, one_thread, thread_pools
pools = thread_pools()
def show(words):
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "opencv" not in pool["filepath"]]
    print(words, *sorted({{pool["num_threads"] for pool in pools}}))
def other():
    with one_thread(pools):
        held.set()
        left.wait()
        show("other")
    show("other left")
held, left = threading.Event(), threading.Event()
show("before")
thread = threading.Thread(target=other)
with first({arguments}):
    show("held")
    thread.start()
    held.wait()
left.set()
thread.join()
show("after")
def alone():
    with one_thread(pools):
        show("alone")
    show("alone left")
thread = threading.Thread(target=alone)
thread.start()
thread.join()
"""


@pytest.mark.parametrize(("first", "arguments"), [("one_thread", "pools"), ("single_threaded", "")])
def test_several_threads_hold_and_give_back_what_they_found(first: str, arguments: str) -> None:
    code = TWO_THREADS.format(first=first, arguments=arguments)
    variables = environment() | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=variables)
    words = ["before 2", "held 1", "other 1", "other left 2", "after 2", "alone 1", "alone left 2"]
    assert printed.stdout.splitlines() == words


# What torch has in the thread that held it, in a new one, and for MKL.
TORCH = """
import re, threading, torch
from cinecast.single_thread import {first} as first, one_thread, thread_pools
from cinecast_models.transformer.network import single_thread
def show():
    said = torch.__config__.parallel_info()
    print(torch.get_num_threads(), *re.findall("(?:mkl|omp)_get_max_threads.. : (.*)", said))
def shown_in_a_new_thread():
    thread = threading.Thread(target=show)
    thread.start()
    thread.join()
pools = thread_pools()
show()
shown_in_a_new_thread()
with first({arguments}), single_thread():
    show()
show()
shown_in_a_new_thread()
"""


@pytest.mark.parametrize(("first", "arguments"), [("one_thread", "pools"), ("single_threaded", "")])
def test_torch_has_its_threads_again_in_this_thread_and_in_those_to_come(first: str, arguments: str) -> None:
    pytest.importorskip("torch")
    variables = environment() | {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    command = [sys.executable, "-c", TORCH.format(first=first, arguments=arguments)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout
    before, in_new, held, *after = printed.splitlines()
    assert set(held.split()) == {"1"}
    assert set(before.split()) == {"2"}
    assert after == [before, in_new]


# A run in another thread begins first, and this thread leaves last.
OPENMP = """
import threading, torch
from cinecast.single_thread import one_thread, single_threaded, thread_pools
def run():
    with single_threaded():
        held.set()
        end.wait()
before = torch.get_num_threads()
held, end = threading.Event(), threading.Event()
thread = threading.Thread(target=run)
thread.start()
held.wait()
with one_thread(thread_pools()):
    end.set()
    thread.join()
print(before, torch.get_num_threads())
"""


def test_a_thread_does_not_get_the_openmp_threads_of_another() -> None:
    pytest.importorskip("torch")
    variables = environment() | {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    command = [sys.executable, "-c", OPENMP]
    assert subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout == "2 2\n"
