"""Which frame motion is measured from: the one of the train span that resembles the others most."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.flow.steady_state import first_settled
from cinecast.sequence import Sequence, check_grey_values
from cinecast.settings import FlowSettings, Settings

# Frames are compared at so few pixels along their longer side: breathing shows, noise does not.
_LONGEST = 64
# What local is for brightness, as a share of the longer side.
_LOCAL = 0.08
# Resemblances are told apart to so many decimals: rounding of sums must not choose.
_DECIMALS = 9
# Small pictures that are kept at a time: 16 MB of the largest.
_TOGETHER = 512


def with_reference(settings: Settings, train: NDArray[Any], faulty: Collection[int] = ()) -> Settings:
    """Return settings whose reference frame is a number, chosen from the train span where it is ``"auto"``.

    Parameters
    ----------
    settings
        Settings of all stages.
    train
        Frames of the train span, or of a calibration, shape (T, H, W); nothing after them is looked at.
    faulty
        Indices of frames that are no candidates.

    Returns
    -------
    Settings
        The same where ``flow.reference`` is a number already.

    Raises
    ------
    SettingsError
        If it is none, and the DVFs are the user's own: those are measured from a frame already.
    """
    if settings.flow.reference != "auto":
        return settings
    if settings.flow.dvf:
        raise SettingsError(
            "flow.reference (--dvf-reference) must be the number of the frame that your own DVFs (--dvf) are measured "
            "from, got 'auto'; give it, counted from 0"
        )
    return replace(settings, flow=replace(settings.flow, reference=choose_reference(train, faulty)))


def settings_for(sequence: Sequence, settings: Settings) -> Settings:
    """Return settings whose reference frame is a number, chosen among the good frames of the train span.

    Parameters
    ----------
    sequence
        The sequence with its split and its faulty frames.
    settings
        Settings of all stages.

    Returns
    -------
    Settings
        The same where ``flow.reference`` is a number already.
    """
    return with_reference(settings, sequence.frames[: sequence.split.train_end], sequence.faults)


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


def choose_reference(train: NDArray[Any], faulty: Collection[int] = ()) -> int:
    """Return the index of the frame that resembles the others most.

    Frames are compared by the correlation of what is left when brightness is gone: raw grey values would choose by the
    flicker of the recording. Candidates are good frames from the steady state on; blank frames, which resemble nothing,
    come last. Of equals the earliest is taken.

    Parameters
    ----------
    train
        Grey values, shape (T, H, W), in any unit.
    faulty
        Indices of frames that are neither candidates nor compared with.

    Returns
    -------
    int
        The first candidate where no frame shows anything.

    Raises
    ------
    ReadError
        If pixels are masked, not real or not finite.
    """
    check_grey_values(train)
    train = np.asarray(train)
    good = [t for t in range(len(train)) if t not in faulty] or list(range(len(train)))
    resemblance = np.round(_products_with_sum(train, good) / len(good), _DECIMALS)
    if not np.isfinite(resemblance).all():
        raise ReadError("pixels must be finite numbers, got NaN or infinity in a frame; fill such pixels")
    first = first_settled(np.array([train[t].std(dtype=np.float64) for t in good]))
    return good[first + int(np.argmax(resemblance[first:]))]


def _products_with_sum(train: NDArray[Any], good: list[int]) -> NDArray[np.float64]:
    """Return the product of the small picture of each good frame with the sum of those of all.

    More frames than are kept together are looked at twice, so that memory does not grow with their number.
    """
    parts = [good[start : start + _TOGETHER] for start in range(0, len(good), _TOGETHER)]
    pictures = np.stack([_small(train[t]) for t in parts[0]])
    total = pictures.sum(axis=0)
    if len(parts) == 1:
        return np.asarray(pictures @ total)
    for part in parts[1:]:
        total += np.stack([_small(train[t]) for t in part]).sum(axis=0)
    return np.concatenate([np.stack([_small(train[t]) for t in part]) @ total for part in parts])


def _small(frame: NDArray[Any]) -> NDArray[np.float64]:
    """Return a small picture of a frame without brightness, of mean 0 and length 1, flattened; 0 for a blank one."""
    size = max(1, min(math.ceil(max(frame.shape) / _LONGEST), *frame.shape))
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
