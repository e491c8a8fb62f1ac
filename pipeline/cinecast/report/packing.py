"""Arrays as text that a page unpacks to the very same numbers: predicted, deflated, in base64."""

from __future__ import annotations

import base64
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Deflating harder than this takes several times as long for one byte in fifty.
_LEVEL = 6
_LARGEST_INT16 = 32767
# A vector component is stored to half of this, in mm, unless motion is so wild that 16 bits do not hold it.
DVF_STEP_MM = 0.02
# Grey values that are no whole numbers, or span more than 16 bits, are stored in this many steps.
GREY_STEPS = 4095


class Grey(NamedTuple):
    """How grey values are stored: ``value = low + step * level``."""

    low: float
    step: float
    levels: int


def grey_scale(frames: list[NDArray[Any]]) -> Grey:
    """Return how to store the grey values of some frames: exactly where they are whole numbers of at most 16 bits.

    Zero is always among the values: it is what a predicted frame has where no pixel of the reference lands.
    """
    low = min(0.0, *(float(f.min()) for f in frames))
    high = max(0.0, *(float(f.max()) for f in frames))
    if all(f.dtype.kind in "iu" for f in frames) and high - low <= np.iinfo(np.uint16).max:
        return Grey(low, 1.0, int(high - low) + 1)
    return Grey(low, (high - low) / GREY_STEPS, GREY_STEPS + 1)


def quantise_grey(frames: NDArray[Any], grey: Grey) -> NDArray[np.uint16]:
    """Return grey values as levels.

    Parameters
    ----------
    frames
        Grey values, any shape, within the range that `grey_scale` was given.
    grey
        How they are stored.

    Returns
    -------
    Level of each value, the nearest one, from 0 to ``grey.levels - 1``.
    """
    return np.asarray(np.rint((frames.astype(np.float64) - grey.low) / grey.step).astype(np.uint16))


def dvf_step_mm(dvf: NDArray[Any], spacing_mm: tuple[float, float]) -> float:
    """Return the step that DVFs are stored in: `DVF_STEP_MM`, or more where 16 bits would not hold the largest.

    Parameters
    ----------
    dvf
        Shape (N, H, W, 2), pixels, last axis (x, y).
    spacing_mm
        Size of a pixel in mm, [row, column].

    Returns
    -------
    The step in mm.
    """
    largest = max(float(np.abs(dvf[..., axis]).max()) * spacing_mm[1 - axis] for axis in (0, 1))
    return max(DVF_STEP_MM, largest / _LARGEST_INT16)


def quantise_dvf(dvf: NDArray[Any], spacing_mm: tuple[float, float], step_mm: float) -> NDArray[np.int16]:
    """Return DVFs in pixels as whole steps of mm.

    Parameters
    ----------
    dvf
        Shape (N, H, W, 2), pixels, last axis (x, y).
    spacing_mm
        Size of a pixel in mm, [row, column].
    step_mm
        The step, as `dvf_step_mm` gives it.

    Returns
    -------
    Shape (N, 2, H, W), x first.
    """
    to_steps = np.array([spacing_mm[1], spacing_mm[0]]) / step_mm
    return np.moveaxis(np.rint(dvf * to_steps).astype(np.int16), -1, -3)


def pack_integers(values: NDArray[np.int16] | NDArray[np.uint16]) -> dict[str, Any]:
    """Return 16-bit pictures (..., H, W) as text.

    Every value is predicted from its left, upper and upper left neighbour (left + upper - upper left) and stored as
    what it differs by, modulo 65536: smooth pictures become small numbers, and nothing is lost.
    """
    rest = values.view(np.uint16).copy()
    rest[..., 1:, :] -= values.view(np.uint16)[..., :-1, :]
    rest[..., 1:] = np.diff(rest, axis=-1)
    signed = rest.view(np.int16)
    folded = np.asarray(((signed << 1) ^ (signed >> 15)).view(np.uint16))  # 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
    return {"kind": values.dtype.name, "shape": list(values.shape), "data": _deflated(folded)}


def pack_floats(values: NDArray[Any]) -> dict[str, Any]:
    """Return numbers as text with the precision of 32-bit floats; NaN stays NaN, what overflows becomes infinite."""
    with np.errstate(over="ignore"):  # weights of a run that diverges; the page takes them for no forecast
        narrow = values.astype("<f4")
    return {"kind": "float32", "shape": list(values.shape), "data": _deflated(narrow)}


def _deflated(values: NDArray[Any]) -> str:
    """Return values as text, all first bytes before all second bytes and so on: like bytes deflate better together."""
    size = values.dtype.itemsize
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    planes = little.reshape(-1, 1).view(np.uint8).reshape(-1, size).T
    return base64.b64encode(zlib.compress(planes.tobytes(), _LEVEL)).decode("ascii")
