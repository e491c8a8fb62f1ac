"""The real sequences as arrays, read without the package under test."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
from numpy.typing import NDArray

from cinecast.settings import FlowSettings


@cache
def frames(shared: Path, name: str) -> NDArray[Any]:
    """Return the frames (T, H, W) of the sequence ``name``, in the order of its file numbers."""
    folder = shared / "data" / "cine" / name
    if folder.is_dir():
        files = sorted(folder.iterdir(), key=lambda file: int(re.findall(r"\d+", file.name)[-1]))
        return np.stack([pydicom.dcmread(file).pixel_array for file in files])
    image: Any = nibabel.load(folder.with_name(f"{name}.nii.gz"))
    return np.ascontiguousarray(np.asarray(image.dataobj)[:, :, 0].transpose(2, 1, 0))


def sidecar(shared: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((shared / "data" / "cine" / f"{name}.json").read_text()))


def published_flow(shared: Path, name: str) -> FlowSettings:
    """Return the flow settings that the published evaluation chose for this sequence."""
    block = sidecar(shared, name)["published"]["flow"]
    return FlowSettings(
        levels=block["nb_layers"],
        iterations=block["nb_iter"],
        sigma_init=block["sigma_init"],
        sigma_subsampling=block["sigma_subspl"],
        sigma_window=block["sigma_LK"],
        arithmetic="published",
    )


def roi(shared: Path, name: str) -> tuple[slice, slice]:
    block = sidecar(shared, name)["roi"]
    return slice(*block["rows"]), slice(*block["columns"])
