"""Where a target is in one frame: along the forecast motion, and along the measured one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TargetPlace:
    """A target in one frame.

    Parameters
    ----------
    name
        Its name.
    mask
        True inside, shape (H, W); nothing is where it has left the image.
    centroid
        Mean place of its pixels, (row, column), pixels; NaN where there are none.
    offset_mm
        The centroid less that of the plan, which is the mask as it was given, (rows, columns), mm.
    folded
        Number of its pixels at which the motion folds: where there are any, its outline is not to be trusted.
    """

    name: str
    mask: NDArray[np.bool_]
    centroid: NDArray[np.float64]
    offset_mm: NDArray[np.float64]
    folded: int

    @property
    def distance_mm(self) -> float:
        """How far the centroid is from that of the plan, in mm; NaN for a target that has left the image."""
        return math.hypot(*self.offset_mm)


@dataclass(frozen=True, eq=False)
class ForecastTarget(TargetPlace):
    """A target where it is forecast to be.

    Parameters
    ----------
    beam_on
        Whether its centroid lies within the margin of the plan's, changed by its radius where the settings say so. The
        beam may only be on where the forecast is not stale either.
    radius_mm
        How far off its centroid may be, with the probability of ``score.level``; NaN before any error is known.
    number
        Its number among the targets of the stream, from 1.
    """

    beam_on: bool
    radius_mm: float = math.nan
    number: int = 1

    def copied(self) -> ForecastTarget:
        """Return the same place with arrays of its own."""
        return replace(self, mask=self.mask.copy(), centroid=self.centroid.copy(), offset_mm=self.offset_mm.copy())


@dataclass(frozen=True, eq=False)
class MeasuredTarget(TargetPlace):
    """A target where the measured motion of a frame carries it.

    Parameters
    ----------
    error_mm
        How far off the centroid of the forecast is whose time came with the frame; NaN where there is none.
    """

    error_mm: float
