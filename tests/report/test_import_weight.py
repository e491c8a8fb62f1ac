"""Reports, searches and reproductions are imported without the heavy libraries that they use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("jinja2", "matplotlib", "optuna", "distributed", "dask")


def loaded_by(statement: str) -> set[str]:
    """Return the heavy libraries that a fresh interpreter has loaded after a statement."""
    code = f"import sys\n{statement}\nprint(*({set(HEAVY)!r} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "cinecast.report",
        "cinecast.report.data",
        "cinecast.series",
        "cinecast.tuning",
        "cinecast.tuning.tune",
        "cinecast.reproduce",
        "cinecast.reproduce.run",
    ],
)
def test_no_heavy_library_is_loaded(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_a_heavy_library_would_be_noticed() -> None:
    assert loaded_by("import jinja2") == {"jinja2"}
