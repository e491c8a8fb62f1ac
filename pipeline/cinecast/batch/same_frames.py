"""Sequences of a cohort that show the same frames: counted as several, they make its tables surer than they are.

A DICOM folder and a file made of it often lie in one folder. Converters turn rows round and rescale grey values, so
that only the course of the mean grey value is compared, up to a gain and an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.frame_look import unit

Double = NDArray[np.float64]

# So many frames are looked at; with fewer than the least, two courses may be alike by chance.
_FRAMES, _FEWEST = 64, 6
# In standard deviations of the course: conversions round grey values.
_SAME = 1e-3
# By how much the likeness of the first frames of two sequences may be below 1 for the others to be compared.
_NEAR = 1e-4


def grey_course(frames: NDArray[Any]) -> Double:
    """Return the mean grey values of the first frames, shape (N,), of frames (T, H, W)."""
    return np.array([frame.mean(dtype=np.float64) for frame in frames[:_FRAMES]])


def same_frames(courses: Mapping[str, Double]) -> dict[str, tuple[str, ...]]:
    """Return which sequences show the same frames as others.

    Parameters
    ----------
    courses
        `grey_course` by name of the sequence.

    Returns
    -------
    dict
        Names of the others by name; without sequences that show frames of their own.
    """
    names = [name for name, course in courses.items() if len(course) >= _FEWEST]
    begun = np.array([unit(courses[name][:_FEWEST]) for name in names]).reshape(-1, _FEWEST)
    found: dict[str, tuple[str, ...]] = {}
    for name, likeness in zip(names, begun @ begun.T, strict=True):  # most are told apart by their first frames
        near = [names[i] for i in np.flatnonzero(likeness > 1 - _NEAR)]
        others = tuple(other for other in near if other != name and _alike(courses[name], courses[other]))
        found |= {name: others} if others else {}
    return found


def _alike(one: Double, other: Double) -> bool:
    count = min(len(one), len(other))
    first, second = unit(one[:count]), unit(other[:count])
    return bool(first.any() and np.abs(first - second).max() < _SAME / np.sqrt(count))
