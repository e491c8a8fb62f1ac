"""The error of the forecast places of targets, known once the frame that they are of has come."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.gate import beam_state
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.live_target import LiveTarget
from cinecast.live.pending import PendingForecasts
from cinecast.live.target_place import MeasuredTarget

Array = NDArray[np.float64]


class TargetFigures(NamedTuple):
    """What came of the forecasts of one target so far.

    Parameters
    ----------
    forecasts, beam_on
        How many forecasts there were, and how many of them had the beam on.
    scored, error_mm
        How many of them were held against the measured motion, and the mean distance of the centroids in mm; NaN where
        there is none.
    missed
        How many had the target nowhere while the measured motion had it in the image.
    """

    forecasts: int
    beam_on: int
    scored: int
    error_mm: float
    missed: int


class TargetError:
    """Distance of the forecast centroid from the measured one.

    As `cinecast.score.mask_scores` has it: a forecast that has the target nowhere is off by the larger side of the
    image, and a frame in which the measured motion has it nowhere does not count.

    Parameters
    ----------
    target
        The target.
    period_s
        Time between frames in s.
    """

    def __init__(self, target: LiveTarget, period_s: float) -> None:
        self._target = target
        self._pending: PendingForecasts[Array] = PendingForecasts(period_s)
        shape = target.target.mask.shape
        self._side_mm = max(size * step for size, step in zip(shape, target.spacing_mm, strict=True))
        self._forecasts = self._beam_on = self._scored = self._missed = 0
        self._total_mm = 0.0

    @property
    def figures(self) -> TargetFigures:
        """The figures so far."""
        mean_mm = self._total_mm / self._scored if self._scored else math.nan
        return TargetFigures(self._forecasts, self._beam_on, self._scored, mean_mm, self._missed)

    def observe(self, forecast: LiveForecast) -> MeasuredTarget | None:
        """Take in the next frame that was forecast from, and the forecast issued at it.

        Parameters
        ----------
        forecast
            With what was measured on the frame.

        Returns
        -------
        MeasuredTarget or None
            Where the target is in this frame, and the error that became known with it; None for a faulty frame.
        """
        place = None if forecast.held else self._target.place(forecast.measured)
        error_mm = math.nan
        for then, measured in self._pending.observe(forecast.issued_s, None if place is None else place.centroid):
            error_mm = self._error_mm(then, measured)
        if not forecast.without_history:
            self._add(forecast)
        return None if place is None else MeasuredTarget(**vars(place), error_mm=error_mm)

    def _add(self, forecast: LiveForecast) -> None:
        for each in forecast.targets:
            if each.name == self._target.target.name:
                self._pending.add(forecast.issued_s, forecast.time_s, each.centroid)
                self._forecasts += 1
                self._beam_on += beam_state(each, forecast.stale) == "on"

    def _error_mm(self, forecast: Array, measured: Array) -> float:
        if not np.isfinite(measured).all():
            return math.nan
        missed = not np.isfinite(forecast).all()
        error_mm = self._side_mm if missed else math.hypot(*((forecast - measured) * self._target.spacing_mm))
        self._missed += missed
        self._scored += 1
        self._total_mm += error_mm
        return error_mm


class TargetErrors:
    """The errors of all targets of a stream, each from the frame on at which it was set.

    Parameters
    ----------
    period_s
        Time between frames in s.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._errors: dict[LiveTarget, TargetError] = {}

    def observe(self, targets: Iterable[LiveTarget], forecast: LiveForecast) -> tuple[MeasuredTarget, ...]:
        """Take in the next frame that was forecast from.

        Parameters
        ----------
        targets
            The targets of the stream.
        forecast
            The forecast issued at the frame, with what was measured on it.

        Returns
        -------
        tuple of MeasuredTarget
            Where they are in the frame, with the errors that became known with it; none in a faulty frame.
        """
        self._errors = {each: self._errors.get(each) or TargetError(each, self._period_s) for each in targets}
        found = (error.observe(forecast) for error in self._errors.values())
        return tuple(each for each in found if each is not None)

    def figures(self, target: LiveTarget) -> TargetFigures:
        """Return the figures of one target; all are 0 before its first frame."""
        error = self._errors.get(target)
        return error.figures if error else TargetFigures(0, 0, 0, math.nan, 0)
