"""What a program pays at the door: `from cinecast import LiveForecaster` loads no library that it does not need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import cinecast.live

HEAVY = (
    "PIL",
    "SimpleITK",
    "jinja2",
    "matplotlib",
    "nibabel",
    "optuna",
    "pydantic",
    "pydicom",
    "rich",
    "scipy.ndimage",
    "scipy.signal",
    "scipy.stats",
    "skimage",
    "sklearn",
    "torch",
    "typer",
)


def modules_after(statement: str) -> set[str]:
    """Return the names of the modules that a fresh interpreter has loaded after a statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True, capture_output=True
    )
    return set(json.loads(done.stdout))


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return modules_after("from cinecast import LiveForecaster")


@pytest.mark.parametrize("library", HEAVY)
def test_the_live_forecaster_does_without(library: str, loaded: set[str]) -> None:
    assert library not in loaded


def test_the_live_forecaster_loads_neither_readers_nor_store_nor_page(loaded: set[str]) -> None:
    assert "cinecast.live.forecaster" in loaded
    others = ("cinecast.frames", "cinecast.store", "cinecast.score", "cinecast.report", "cinecast.live.page")
    assert [name for name in sorted(loaded) if name.startswith(others)] == []


def test_every_public_name_can_be_had_in_a_fresh_interpreter() -> None:
    names = ", ".join(cinecast.live.__all__)
    assert "cinecast.live.sources" in modules_after(f"from cinecast.live import {names}")
    assert set(cinecast.live.__all__) <= set(dir(cinecast.live))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'cinecast\.live' has no attribute 'nothing'"):
        cinecast.live.nothing  # noqa: B018
