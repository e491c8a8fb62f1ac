"""Cases in the layout of TrackRAD2025, made of a phantom whose motion is known."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.phantom import Phantom

Masks = NDArray[np.bool_]
SPACING_MM = (3.0, 3.6)
CENTRE, RADIUS_MM = (62.0, 24.0), 16.0
ORIGIN = (4.5, -12.25, 38.0)


@cache
def phantom(seed: int = 5) -> Phantom:
    """Return a phantom of 10 frames with pixels that are not square."""
    return make_phantom(
        PhantomSettings(rows=96, columns=72, pixel_spacing_mm=SPACING_MM, frame_count=10, frame_period_s=0.4, seed=seed)
    )


def disc(rows: NDArray[Any], columns: NDArray[Any]) -> Masks:
    """Return which places lie in the target of frame 0."""
    away = ((rows - CENTRE[0]) * SPACING_MM[0]) ** 2 + ((columns - CENTRE[1]) * SPACING_MM[1]) ** 2
    return np.asarray(away <= RADIUS_MM**2)


def true_masks(made: Phantom) -> Masks:
    """Return where the target is in each frame, shape (T, H, W): scattered places of known motion, interpolated."""
    from scipy.interpolate import LinearNDInterpolator

    shape = made.dvf.shape[1:3]
    rows, columns = np.indices(shape)
    places = np.stack([rows.ravel(), columns.ravel()], axis=1)
    masks = []
    for field in made.dvf.astype(np.float64):
        moved = places + field[..., ::-1].reshape(-1, 2)
        came_from = LinearNDInterpolator(moved, places.astype(np.float64))(rows, columns)
        masks.append(disc(came_from[..., 0], came_from[..., 1]))
    return np.array(masks)


def write_mha(path: Path, values: NDArray[Any], spacing_mm: tuple[float, float] = SPACING_MM) -> Path:
    """Write values (T, H, W) with the time along the first ITK axis."""
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(values, 0, -1)))
    image.SetSpacing((5.0, spacing_mm[1], spacing_mm[0]))
    image.SetOrigin(ORIGIN)
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(image, str(path), useCompression=True)
    return path


def read_mha(path: Path) -> NDArray[Any]:
    """Read values (T, H, W)."""
    return np.moveaxis(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path))), -1, 0)


def write_case(
    folder: Path, frames: NDArray[Any] | None = None, masks: Masks | None = None, *, rate: bool = True
) -> Path:
    """Write a case named as its folder, of a phantom and its true masks unless others are given."""
    made = phantom()
    frames = made.sequence.frames if frames is None else frames
    masks = true_masks(made) if masks is None else masks
    name = folder.name
    write_mha(folder / "images" / f"{name}_frames.mha", frames)
    write_mha(folder / "targets" / f"{name}_first_label.mha", masks[:1].astype(np.uint8))
    write_mha(folder / "targets" / f"{name}_labels.mha", masks.astype(np.uint8))
    if rate:
        (folder / "frame-rate.json").write_text(json.dumps(4.0))
    (folder / "scanned-region.json").write_text(json.dumps("abdomen"))
    return folder
