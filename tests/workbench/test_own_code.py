"""The digest of code of one's own: it changes with what the code does, and with nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from cinecast.workbench.own_code import code_digest
from helpers.command_line import environment

SOURCE = """
import numpy as np

FACTOR, TABLE = 2, np.arange(3)

def helper(x):
    return x + 1

def made(step):
    class Mine:
        "Doubles."
        limit = 7

        def __init__(self, start=0.5):
            self.start = start

        def predict(self, x):
            def inner(y):
                return helper(y) * FACTOR + TABLE[0] + step
            return inner(x) if x < self.limit else self.name

        @property
        def name(self):
            return "mine"

        @staticmethod
        def known(x):
            return x in {"a", "b", "c"}
    return Mine

Mine = made(4)
"""


def digest(source: str = SOURCE) -> str:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)  # as a cell of a notebook does it
    return code_digest(names["Mine"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR, TABLE = 2", "FACTOR, TABLE = 3"),
        ("np.arange(3)", "np.arange(4)"),
        ("return x + 1", "return x - 1"),
        ("limit = 7", "limit = 8"),
        ("start=0.5", "start=0.6"),
        ("TABLE[0] + step", "TABLE[1] + step"),
        ("made(4)", "made(5)"),
        ('return "mine"', 'return "mine."'),
        ('"c"', '"d"'),
    ],
)
def test_it_changes_with_what_the_code_does(old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    assert digest(SOURCE.replace(old, new)) != digest()


@pytest.mark.parametrize(
    ("old", "new"), [("Doubles.", "Adds."), ("\n\nMine = ", "\n\n# A comment.\nOTHER = 3\nMine = ")]
)
def test_it_does_not_change_with_what_is_said_of_it(old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    assert digest(SOURCE.replace(old, new)) == digest()


def test_another_program_finds_the_same() -> None:
    script = f"from cinecast.workbench.own_code import code_digest\nexec({SOURCE!r})\nprint(code_digest(Mine))"
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env=environment() | {"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {digest()}
