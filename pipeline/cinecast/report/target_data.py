"""Targets as a report is given them: masks of the test frames, real and forecast, and how far the forecast is off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cinecast.target import MaskSeries

# Of a frame, in the order in which the page is given them; `missed` is told apart from them.
SHOWN_METRICS = ("centroid_mm", "hd95_mm", "dice")


@dataclass(frozen=True, eq=False)
class ReportLabels:
    """Reference masks of the test frames.

    Parameters
    ----------
    masks
        One mask for each of the F test frames.
    known
        Whether a frame has a label, shape (F,).
    """

    masks: MaskSeries
    known: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ReportTarget:
    """One target, given in one frame and followed through the test frames.

    Parameters
    ----------
    name
        Its name.
    frame
        Index of the frame that it was given in.
    mask
        The mask as it was given, shape (H, W): the plan.
    said
        What a user should know of it.
    in_reference
        The mask in the reference frame of each flow, shape (H, W); None where it is not known.
    measured
        Masks of the F test frames along the measured motion of each flow; None where they are missing.
    labels
        Reference masks that a user gave; None without any.
    not_in
        Runs of a comparison that have no such target, or have it with another mask or other labels.
    """

    name: str
    frame: int
    mask: NDArray[np.bool_]
    said: tuple[str, ...]
    in_reference: tuple[NDArray[np.bool_] | None, ...]
    measured: tuple[MaskSeries | None, ...]
    labels: ReportLabels | None = None
    not_in: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EntryTarget:
    """One target as one method at one horizon forecast it.

    Parameters
    ----------
    masks
        Masks of R runs and F test frames.
    known
        Whether there was a forecast, shape (R, F).
    scores
        By what they are against, ``measured`` or ``labels``: `SHOWN_METRICS` of each run and test frame, shape
        (R, F, 3); NaN where a frame is not scored.
    radius_mm
        By the same, the radius of the centroid of each run and test frame, shape (R, F); NaN where there is none.
    """

    masks: MaskSeries
    known: NDArray[np.bool_]
    scores: Mapping[str, NDArray[np.float64]]
    radius_mm: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
