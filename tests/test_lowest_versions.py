"""The constraints of `make test-lowest`: each declared minimum exactly, and nothing that cannot be tried."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helpers.command_line import ROOT


def constraints(project: Path, pinned: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / ".ci" / "lowest.py"), str(project), str(pinned)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    (tmp_path / "constraints.txt").write_text("torch==2.13.0\n")
    return tmp_path / "constraints.txt"


def write_project(folder: Path, requirement: str) -> Path:
    project = folder / "pyproject.toml"
    project.write_text(
        '[build-system]\nrequires = ["hatchling>=1.26"]\n'
        f'[project]\ndependencies = ["{requirement}", "tomli-w>=1.2"]\n'
        '[project.optional-dependencies]\ntest = ["pytest>=8.3", "torch>=2.5"]\ntorch = ["torch>=2.5"]\n'
    )
    return project


def test_each_package_once_at_its_lowest_but_the_pinned_ones(tmp_path: Path, pinned: Path) -> None:
    done = constraints(write_project(tmp_path, "SimpleITK>=2.4"), pinned)
    assert done.stdout.split() == [
        "SimpleITK==2.4",
        "hatchling==1.26",
        "pytest==8.3",
        "tomli-w==1.2",
        "torch==2.13.0",
    ]
    assert done.returncode == 0


@pytest.mark.parametrize("requirement", ["numpy", "numpy<3", "numpy>=2,<3", "numpy~=2.0"])
def test_a_requirement_whose_lowest_version_is_not_plain(tmp_path: Path, pinned: Path, requirement: str) -> None:
    done = constraints(write_project(tmp_path, requirement), pinned)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"A requirement needs one lower bound, got '{requirement}'; write it as name>=version.\n"


def test_every_requirement_of_the_project_has_one_lowest_version() -> None:
    done = constraints(ROOT / "pyproject.toml", ROOT / ".ci" / "constraints.txt")
    assert done.stderr == ""
    assert {"numpy", "hatchling", "pytest", "torch"} <= {line.split("==")[0] for line in done.stdout.split()}
