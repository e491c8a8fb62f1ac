"""What the program loads before it works: heavy libraries only where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cinecast
from helpers.command_line import OPTIONS, environment, succeed

# Prints what is loaded after the command line has done what its arguments say.
CODE = """
import sys
from cinecast.cli import main
sys.argv[0] = "cinecast"
try:
    main()
finally:
    print("loaded:", *sys.modules)
"""
HEAVY = {
    "numpy",
    "scipy",
    "cv2",
    "numba",
    "sklearn",
    "skimage",
    "SimpleITK",
    "pydicom",
    "nibabel",
    "matplotlib",
    "jinja2",
    "dask",
    "distributed",
    "optuna",
    "torch",
}


def loaded(*arguments: object) -> set[str]:
    """Return which heavy libraries a command loads, and check that it ends well."""
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return HEAVY & set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_heavy_library(option: str) -> None:
    assert loaded(option) == set()


def test_a_run_with_nothing_to_do_compiles_draws_and_solves_nothing(phantom: Path, tmp_path: Path) -> None:
    options = (
        phantom,
        "--out",
        tmp_path / "run",
        *OPTIONS,
        "--method",
        "mixture",
        "--set",
        "forecast.mixture.history_length=8",
    )
    succeed("run", *options)
    found = loaded("run", *options)
    assert "numpy" in found
    # nibabel, which reads the phantom, loads pydicom and some of scipy itself.
    assert found <= {"numpy", "nibabel", "pydicom", "scipy"}


def test_the_package_shows_its_public_names() -> None:
    assert {"LiveForecaster", "__version__"} <= set(dir(cinecast))
