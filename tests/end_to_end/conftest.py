"""A small phantom as a user's files, and one finished run of it that tests copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom_files import write_phantom
from command_line import OPTIONS, succeed


@pytest.fixture(scope="session")
def original_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom's file, for reading only."""
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    write_phantom(out, make_phantom(settings))
    return out


@pytest.fixture(scope="session")
def original_run(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the phantom, for reading only."""
    out = tmp_path_factory.mktemp("finished") / "run"
    succeed("run", original_phantom, "--out", out, *OPTIONS)
    return out


@pytest.fixture
def phantom(original_phantom: Path, tmp_path: Path) -> Path:
    """A copy of the phantom, with its sidecar, that a test may change."""
    for path in original_phantom.parent.iterdir():
        shutil.copy2(path, tmp_path)
    return tmp_path / original_phantom.name


@pytest.fixture
def run(original_run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(original_run, tmp_path / "run"))
