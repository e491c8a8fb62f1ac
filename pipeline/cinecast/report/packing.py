"""Arrays as text that a page unpacks to the same numbers: predicted, deflated, in printable characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.report.text_of_bytes import deflated_text

_LARGEST_INT16 = 32767
# A vector component is stored to half of this, in mm, unless motion is so wild that 16 bits do not hold it.
DVF_STEP_MM = 0.02
# Grey values that are no whole numbers, or span more than 16 bits, are stored in this many steps.
GREY_STEPS = 4095
# Differences from here on stand apart from those that share a byte, where they are this part of all at most.
_LARGE, _FEW = 15, 0.1
_EXPONENT = np.uint32(0x7F800000)


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
        Grey values, shape (N, ...), within the range that `grey_scale` was given.
    grey
        How they are stored.

    Returns
    -------
    Level of each value, the nearest one, from 0 to ``grey.levels - 1``.
    """
    levels = np.empty(frames.shape, np.uint16)
    for frame, out in zip(frames, levels, strict=True):  # one by one: each fits into the cache
        out[...] = np.rint((frame.astype(np.float64) - grey.low) / grey.step)
    return levels


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
    most = np.zeros(2)
    for field in dvf:  # one by one: all of a long recording are not held at any time
        most = np.maximum(most, np.abs(field).max(axis=0).max(axis=0))  # both axes at once take ten times as long
    largest = max(float(most[axis]) * spacing_mm[1 - axis] for axis in (0, 1))
    return max(DVF_STEP_MM, largest / _LARGEST_INT16)


def quantise_dvf(
    dvf: NDArray[Any], positions: Sequence[int], spacing_mm: tuple[float, float], step_mm: float
) -> NDArray[np.int16]:
    """Return DVFs in pixels as whole steps of mm.

    Parameters
    ----------
    dvf
        Shape (T, H, W, 2), pixels, last axis (x, y).
    positions
        Which N of them.
    spacing_mm
        Size of a pixel in mm, [row, column].
    step_mm
        The step, as `dvf_step_mm` gives it.

    Returns
    -------
    Shape (N, 2, H, W), x first.
    """
    to_steps = np.array([spacing_mm[1], spacing_mm[0]]) / step_mm
    steps = np.empty((len(positions), 2, *dvf.shape[1:3]), np.int16)
    for position, out in zip(positions, steps, strict=True):  # one by one: each fits into the cache
        for axis in (0, 1):
            out[axis] = np.rint(dvf[position, ..., axis] * to_steps[axis])
    return steps


def pack_integers(values: NDArray[np.int16] | NDArray[np.uint16]) -> dict[str, Any]:
    """Return 16-bit pictures (..., H, W) as text.

    Every value is predicted from its left, upper and upper left neighbour (left + upper - upper left) and stored as
    what it differs by, modulo 65536: smooth pictures become small numbers, and nothing is lost. Where most are below
    15, two of them share a byte, and the others follow.
    """
    pictures = values.reshape(-1, *values.shape[-2:])
    folded = np.empty(pictures.shape, np.uint16)
    for picture, out in zip(pictures, folded, strict=True):  # one by one: each fits into the cache
        _fold(picture.view(np.uint16), out)
    packed = {"kind": values.dtype.name, "shape": list(values.shape)}
    large = folded >= _LARGE
    if np.count_nonzero(large) > _FEW * folded.size:
        return packed | {"data": _planes(folded, "differences")}
    return packed | {"small": _pairs(folded), "large": _planes(folded[large] - np.uint16(_LARGE), "any")}


def _fold(picture: NDArray[np.uint16], out: NDArray[np.uint16]) -> None:
    rest = picture.copy()
    rest[1:] -= picture[:-1]
    rest[:, 1:] = np.diff(rest, axis=-1)
    signed = rest.view(np.int16)
    np.bitwise_xor(signed << 1, signed >> 15, out=out.view(np.int16))  # 0, -1, 1, -2, ... become 0, 1, 2, 3, ...


def _pairs(folded: NDArray[np.uint16]) -> str:
    """Return numbers up to 15 as text, the first of two in the lower half of a byte; 15 stands for any larger one."""
    small = np.zeros(folded.size + folded.size % 2, np.uint8)
    np.minimum(folded.ravel(), _LARGE, out=small[: folded.size], casting="unsafe")
    return deflated_text((small[::2] | small[1::2] << 4).tobytes(), "differences")


def pack_steps(values: NDArray[Any]) -> dict[str, Any]:
    """Return pictures (N, ..., H, W) as text, the values of each of the N in steps of its own.

    The largest value is 32767 steps.
    """
    largest = np.abs(values.reshape(len(values), -1)).max(axis=1)
    steps = np.where(largest > 0, largest, 1.0).astype(np.float64) / _LARGEST_INT16
    whole = np.rint(values / steps.reshape(-1, *[1] * (values.ndim - 1))).astype(np.int16)
    return {"steps": steps.tolist(), "values": pack_integers(whole)}


def pack_floats(values: NDArray[Any]) -> dict[str, Any]:
    """Return numbers as text with the precision of 32-bit floats; NaN stays NaN, what overflows becomes infinite."""
    with np.errstate(over="ignore"):  # weights of a run that diverges; the page takes them for no forecast
        narrow = values.astype("<f4")
    return {"kind": "float32", "shape": list(values.shape), "data": _planes(narrow, "any")}


def pack_shortened(values: NDArray[Any]) -> dict[str, Any]:
    """Return numbers as `pack_floats` does, to 16 binary digits: their last bytes are 0 and take no room."""
    with np.errstate(over="ignore"):
        bits = values.astype("<f4").view("<u4")
    finite = (bits & _EXPONENT) != _EXPONENT
    half = np.uint32(0x7F) + (bits >> 8 & 1)  # to the nearest, to even digits from the middle
    return pack_floats(np.where(finite, bits + half & np.uint32(0xFFFFFF00), bits).view("<f4"))


def _planes(values: NDArray[Any], kind: Literal["any", "differences"]) -> str:
    """Return values as text, all first bytes before all second bytes and so on: like bytes deflate better together."""
    size = values.dtype.itemsize
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return deflated_text(little.reshape(-1, 1).view(np.uint8).reshape(-1, size).T.tobytes(), kind)
