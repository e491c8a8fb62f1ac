"""Whether places that a user gave are those of other frames than they say: lists often count frames from 1.

A place that is one frame late looks like one that no forecast reaches, or like one that needs none: methods then change
their order. The measured motion tells: it fits such places better a frame earlier.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

# So many frames before and after are looked at.
MOST_FRAMES = 3
# With fewer places a shift may fit better by chance.
FEWEST_PLACES = 20
# By a shift the places must be nearer to the measured motion than this share.
CLEARLY = 0.75


class FrameShift(NamedTuple):
    """A shift in time by which given places fit the measured motion clearly better.

    Parameters
    ----------
    frames
        The places fit the measured motion so many frames later than they say; negative for earlier.
    given_mm, shifted_mm
        Mean distance from the measured motion as the places were given, and when shifted.
    """

    frames: int
    given_mm: float
    shifted_mm: float

    def words(self, what: str) -> str:
        """Return a sentence on places that are called so."""
        count = abs(self.frames)
        frames = f"{count} frame{'' if count == 1 else 's'} {'earlier' if self.frames < 0 else 'later'}"
        from_1 = "frames count from 0, theirs may count from 1"
        advice = from_1 if self.frames == -1 else "check which frames they are of"
        return (
            f"the {what} are {self.given_mm:.1f} mm off the measured motion, and {self.shifted_mm:.1f} mm if they are "
            f"taken for those of {frames}: {advice}"
        )


def frame_shift(given_mm: Double, measured_mm: Double) -> FrameShift | None:
    """Return the shift in time by which given places fit the measured motion clearly better, if there is one.

    What a place is off by in all frames says nothing of time, and is left out.

    Parameters
    ----------
    given_mm, measured_mm
        Places of N points in each frame, as given and along the measured motion, shape (N, T, 2), mm; NaN where there
        is none.

    Returns
    -------
    FrameShift or None
        None where the places fit best as they are, not clearly better otherwise, or are too few to tell.
    """
    frames = given_mm.shape[1]
    inner = range(MOST_FRAMES, frames - MOST_FRAMES)
    shifts = range(-MOST_FRAMES, MOST_FRAMES + 1)
    off = np.stack([given_mm[:, inner] - measured_mm[:, [t + shift for t in inner]] for shift in shifts])
    known = np.asarray(np.isfinite(off).all(axis=(0, 3)))  # the same places for every shift
    if known.sum() < FEWEST_PLACES:
        return None
    counts = known.sum(axis=1, keepdims=True)[..., np.newaxis]
    own = np.where(known[..., np.newaxis], off, 0.0)
    mean = own.sum(axis=2, keepdims=True) / np.maximum(counts, 1)
    distances = np.linalg.norm(own - mean, axis=-1)[:, known].mean(axis=1)
    best = int(np.argmin(distances))
    as_given, least = float(distances[MOST_FRAMES]), float(distances[best])
    if least >= CLEARLY * as_given:
        return None
    return FrameShift(shifts[best], as_given, least)
