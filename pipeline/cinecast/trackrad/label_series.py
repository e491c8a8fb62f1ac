"""Label series in the layout of TrackRAD2025: MHA, one label per pixel and frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import detect_format
from cinecast.frames.mha import read_mha_values
from cinecast.frames.sidecar import read_json
from cinecast.score.patient_axes import is_placeholder
from cinecast.trackrad.evaluation import MasksError

_TOLERANCE_MM = 0.01
# In some frames a target may have left the image; hardly any covers so many rows of it.
_NEARLY_ALL = 0.75


@dataclass(frozen=True, eq=False)
class LabelSeries:
    """Masks of one target.

    Attributes
    ----------
    name
        Of the file.
    masks
        Shape (T, H, W), True inside.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    affine
        (column, row, through plane, 1) to patient RAS+ mm, shape (4, 4).
    """

    name: str
    masks: NDArray[np.bool_]
    spacing_mm: tuple[float, float]
    affine: NDArray[np.float64]


def read_label_series(path: Path) -> LabelSeries:
    """Read a label series.

    Raises
    ------
    ReadError
        If the file is no MHA or MHD with the axes (time, column, row), or holds anything but 0 and one label.
    """
    if detect_format(path) != "mha":
        raise ReadError(f"a label series must be an MHA or MHD file in the TrackRAD2025 layout, got {path}; convert it")
    found = read_mha_values(path)
    return LabelSeries(path.name, _mask(found.values, path.name), found.spacing_mm, found.affine)


def check_same_geometry(forecasts: LabelSeries, references: LabelSeries) -> None:
    """Refuse series that do not lie on each other pixel by pixel.

    Parameters
    ----------
    forecasts, references
        Where one of them has only zeros for a position, as programs write that know nothing of it, position and
        orientation are not compared.

    Raises
    ------
    MasksError
        If frames, size, spacing, position or orientation differ.
    """
    both = (forecasts, references)
    if forecasts.masks.shape != references.masks.shape:
        _refuse("as many frames, rows and columns", both, [" x ".join(map(str, each.masks.shape)) for each in both])
    if not np.allclose(forecasts.spacing_mm, references.spacing_mm, rtol=0, atol=_TOLERANCE_MM):
        _refuse("the same pixel spacing", both, ["{:g} x {:g} mm".format(*each.spacing_mm) for each in both])
    if any(is_placeholder(each.affine) for each in both):
        return
    if not np.allclose(_corners(forecasts), _corners(references), rtol=0, atol=_TOLERANCE_MM):
        _refuse("the same position and orientation", both, [_position(each) for each in both])


def check_time_first(forecasts: LabelSeries, references: LabelSeries) -> None:
    """Refuse series whose last axis looks like time, as ITK's own tools write it: their columns would count as frames.

    Parameters
    ----------
    forecasts, references
        Of the same geometry.

    Raises
    ------
    MasksError
        If the reference marks nearly every row, and fewer of the frames, and the forecast more of the rows than of the
        frames.
    """
    shares = [
        [float(each.masks.any(axis=axes).mean()) for axes in ((1, 2), (0, 2))] for each in (references, forecasts)
    ]
    (frames, rows), (forecast_frames, forecast_rows) = shares
    if frames < rows and rows >= _NEARLY_ALL and forecast_frames < forecast_rows:
        marked, along = (int(references.masks.any(axis=axes).sum()) for axes in ((1, 2), (0, 2)))
        _, *size = references.masks.shape
        raise MasksError(
            "the first axis of a label series must be time (time, column, row: TrackRAD2025), got labels in "
            f"{along} of {size[0]} slices along the last axis and in {marked} of {len(references.masks)} along the "
            f"first in {references.name}, as ITK's own tools write them; move the axis of time to the front"
        )


def find_scanned_region(labels: Path) -> str | None:
    """Return the region that a case's ``scanned-region.json`` names, beside its labels or frames or above their folder.

    Raises
    ------
    ReadError
        If the file is damaged or holds no word.
    """
    number = re.search(r"_(?:labels|frames)(\d*)$", labels.stem)
    name = f"scanned-region{number[1] if number else ''}.json"
    for file in (labels.absolute().parent / name, labels.absolute().parent.parent / name):
        if file.is_file():
            region: Any = read_json(file)
            if not isinstance(region, str):
                raise ReadError(f'{name} must hold one word such as "lung", got {region!r}; mend or remove it')
            return region
    return None


def _mask(labels: NDArray[Any], name: str) -> NDArray[np.bool_]:
    # Most are 0 and 1; looking for the others alone is many times faster than sorting all.
    others = np.unique(labels[(labels != 0) & (labels != 1)])
    found = [*([1] if (labels == 1).any() else []), *others.tolist()]
    whole = all(float(value).is_integer() and value > 0 for value in found)
    if len(found) > 1 or not whole:
        shown = ", ".join(f"{value:g}" for value in found[:4]) + (", ..." if len(found) > 4 else "")
        raise ReadError(
            f"{name} must hold 0 and one whole label, got {shown}; write a file of the target's label alone"
        )
    return np.asarray(labels != 0)


def _refuse(rule: str, both: tuple[LabelSeries, LabelSeries], got: list[str]) -> NoReturn:
    raise MasksError(
        f"both label series must have {rule}, got {got[0]} in {both[0].name} and {got[1]} in {both[1].name}; "
        "write one on the grid of the other"
    )


def _corners(series: LabelSeries) -> NDArray[np.float64]:
    """Return where the first pixel, the last of its row and the last of its column lie, shape (4, 3), mm."""
    _, rows, columns = series.masks.shape
    return np.asarray(series.affine @ np.array([[0, 0, 0, 1], [columns - 1, 0, 0, 1], [0, rows - 1, 0, 1]]).T)


def _position(series: LabelSeries) -> str:
    first, along_row, along_column = _corners(series)[:3].T
    shown = (first, along_row - first, along_column - first)
    return "corner ({}), row to ({}), column to ({}) mm".format(
        *(", ".join(f"{value:.2f}" for value in each) for each in shown)
    )
