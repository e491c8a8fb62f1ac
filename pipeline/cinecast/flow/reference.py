"""Which frame motion is measured from: the one of the train span that resembles the others most."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.settings import FlowSettings, Settings

# Frames are compared at so few pixels along their longer side: breathing shows, noise does not.
_LONGEST = 64
# What local is for brightness, as a share of the longer side.
_LOCAL = 0.08
# A frame further from the span's typical brightness than this share of it, at the beginning, has not settled yet: the
# magnetisation of the first frames approaches its steady state.
_SETTLED = 0.03
# Resemblances are told apart to so many decimals: rounding of sums must not choose.
_DECIMALS = 9


def with_reference(settings: Settings, train: NDArray[Any]) -> Settings:
    """Return settings whose reference frame is a number, chosen from the train span where it is ``"auto"``.

    Parameters
    ----------
    settings
        Settings of all stages.
    train
        Frames of the train span, or of a calibration, shape (T, H, W); nothing after them is looked at.

    Returns
    -------
    Settings
        The same where ``flow.reference`` is a number already.
    """
    if settings.flow.reference != "auto":
        return settings
    return replace(settings, flow=replace(settings.flow, reference=choose_reference(train)))


def reference_index(settings: FlowSettings) -> int:
    """Return the number of the reference frame.

    Raises
    ------
    SettingsError
        If it has not been chosen yet.
    """
    if settings.reference == "auto":
        raise SettingsError(
            "flow.reference must be a number once frames are looked at, got 'auto'; choose it with "
            "cinecast.flow.with_reference"
        )
    return settings.reference


def choose_reference(train: NDArray[Any]) -> int:
    """Return the index of the frame that resembles the others most.

    Frames are compared by the correlation of what is left when brightness is gone: raw grey values would choose by the
    flicker of the recording. Only frames in the steady state are candidates; blank frames, which resemble nothing, come
    last. Of equals the earliest is taken.

    Parameters
    ----------
    train
        Grey values, shape (T, H, W), in any unit.

    Returns
    -------
    int
        0 where no frame shows anything.
    """
    pictures = np.stack([_small(frame) for frame in train])
    resemblance = np.round((pictures @ pictures.sum(axis=0)) / len(pictures), _DECIMALS)
    first = settled_from(train)
    return first + int(np.argmax(resemblance[first:]))


def settled_from(train: NDArray[Any]) -> int:
    """Return the index of the first frame in the steady state.

    Parameters
    ----------
    train
        Grey values, shape (T, H, W).

    Returns
    -------
    int
        The number of frames at the beginning whose mean grey value lies off the span's typical one on the same side,
        by more than it varies afterwards; at most half of the span.
    """
    means = np.array([frame.mean(dtype=np.float64) for frame in train])
    half = len(means) // 2
    typical = float(np.median(means[half:]))
    varies = float(np.abs(means[half:] - typical).max())
    off = (means - typical) / max(abs(typical) * _SETTLED, varies, np.finfo(float).tiny)
    beyond = np.sign(off[0]) * off[:half] > 1
    return half if beyond.all() and half else int(np.argmin(beyond)) if half else 0


def _small(frame: NDArray[Any]) -> NDArray[np.float64]:
    """Return a small picture of a frame without brightness, of mean 0 and length 1, flattened; 0 for a blank one."""
    size = max(1, math.ceil(max(frame.shape) / _LONGEST))
    rows, columns = (length // size for length in frame.shape)
    blocks = frame[: rows * size, : columns * size].reshape(rows, size, columns, size)
    picture = blocks.mean(axis=(1, 3), dtype=np.float64)
    picture -= picture.mean()
    down, across = _smoothing(rows), _smoothing(columns)
    picture -= down @ picture @ across.T
    deviation = np.sqrt(np.maximum(down @ picture**2 @ across.T, 0))
    floor = float(deviation.mean())
    if floor <= 1e-12 * float(np.abs(blocks).max()):
        return np.zeros(picture.size)
    picture /= np.hypot(deviation, floor)
    picture -= picture.mean()
    return np.asarray((picture / np.linalg.norm(picture)).ravel())


def _smoothing(length: int) -> NDArray[np.float64]:
    """Return the matrix that smooths a line of so many pixels with a Gaussian whose weights add up to 1 everywhere."""
    places = np.arange(length)
    weights = np.exp(-0.5 * ((places[:, np.newaxis] - places) / (_LOCAL * _LONGEST)) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
