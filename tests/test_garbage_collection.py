"""The search for unreachable cycles: rarer in processes of the program, still made, left out where a worker ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpers.command_line import environment

_PROGRAM = """
import gc, weakref
from cinecast.garbage_collection import collect_rarely

class Node:
    pass

def cycle():
    node = Node()
    node.itself = node
    return weakref.ref(node)

before = gc.get_threshold()[0]
collect_rarely()
gone = cycle()
kept = [[] for _ in range(before + 100)]
assert gone() is not None, "searched as often as before"
kept += [[] for _ in range(20_000)]
assert gone() is None, "never searched"
"""


def test_cycles_are_searched_for_less_often_but_still_are() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True, env=environment())


def test_the_program_searches_rarely_and_a_program_that_imports_it_as_before() -> None:
    program = """
import gc, sys
before = gc.get_threshold()
import cinecast.cli
assert gc.get_threshold() == before
sys.argv = ["cinecast", "--version"]
import cinecast.cli.process_end, os
os._exit = lambda code: print("threshold", gc.get_threshold()[0])
cinecast.cli.entry_point()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, env=environment(), capture_output=True, text=True
    )
    assert "threshold 10000" in done.stdout


@pytest.mark.parametrize(("ending", "said"), [("", "taken apart"), ("end_without_collecting()", "")])
def test_a_process_that_is_to_end_at_once_does_not_search_then(ending: str, said: str) -> None:
    program = f"""
from cinecast.garbage_collection import end_without_collecting

class Node:
    def __del__(self):
        print("taken apart")

node = Node()
node.itself = node
del node
{ending}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.strip() == said


def test_a_worker_of_a_batch_ends_without_a_search() -> None:
    program = """
import atexit, gc
from cinecast.batch.tasks import _set_up_process
_set_up_process()
atexit._run_exitfuncs()
print(gc.get_freeze_count() > 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.strip() == "True"
