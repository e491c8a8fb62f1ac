"""Heavy libraries are loaded where they are used, not by whoever imports the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

READERS = {"nibabel", "SimpleITK", "pydicom"}
HEAVY = READERS | {"scipy", "cv2", "numba", "matplotlib", "jinja2", "dask", "distributed", "skimage"}
HEAVY |= {"av", "PIL", "torch", "sklearn"}


def loaded_by(code: str) -> set[str]:
    """Return the modules that a new interpreter has loaded when it has run some code."""
    asked = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(asked.stdout.split())


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("cinecast.store", HEAVY | {"numpy"}),
        ("cinecast.store.artifacts", HEAVY),
        ("cinecast.store.live_folder", HEAVY),
        ("cinecast.frames", HEAVY),
        ("cinecast.batch", HEAVY | {"numpy"}),
        ("cinecast.batch.watching", HEAVY | {"numpy"}),
        ("cinecast.export", HEAVY | {"numpy"}),
        ("cinecast.phantom", HEAVY | {"numpy"}),
        ("cinecast.flow", READERS | {"scipy.stats", "scipy.signal", "scipy.ndimage", "skimage", "PIL"}),
        ("cinecast.batch.page", {"scipy.stats", "SimpleITK", "cv2", "dask"}),
    ],
)
def test_a_package_loads_no_library_that_only_its_work_needs(module: str, unwanted: set[str]) -> None:
    assert unwanted.isdisjoint(loaded_by(f"import {module}"))


def test_an_npz_file_is_read_without_the_libraries_of_other_formats(tmp_path: Path) -> None:
    path = tmp_path / "lung.npz"
    np.savez(path, frames=np.arange(576.0).reshape(9, 8, 8), frame_period_s=0.2, pixel_spacing_mm=[1.0, 1.0])
    code = "from pathlib import Path; from cinecast.frames import read_sequence"
    assert HEAVY.isdisjoint(loaded_by(f"{code}; read_sequence(Path({str(path)!r}))"))
