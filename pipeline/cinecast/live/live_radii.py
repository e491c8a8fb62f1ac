"""How far off live forecasts may be: weights, pixels and targets, each by the errors of its own that have come."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.place_bands import Issue, PixelRadii, PixelRadius, PlaceBands
from cinecast.live.weight_bands import WeightBands
from cinecast_models import Conditions

if TYPE_CHECKING:
    from cinecast.live.live_target import LiveTarget

Array = NDArray[np.float64]


class RadiiIssued(NamedTuple):
    """The radii of one forecast.

    Parameters
    ----------
    weights
        Of every run, shape (R, K), as in `cinecast.live.LiveForecast`.
    pixels
        Of every pixel; None where the spacing is not known, or there is no history to forecast from.
    targets_mm
        Of the centroid of each target, by name; NaN before any error is known.
    conditions
        How hard the forecast is and where in a breath it was issued; None where there is no history.
    """

    weights: Array
    pixels: PixelRadius | None
    targets_mm: Mapping[str, float]
    conditions: Conditions | None


class LiveRadii:
    """The radii of one stream, from its calibration on.

    Parameters
    ----------
    level
        Probability that a weight, pixel or target lies within its radius.
    horizon
        Instants between the newest one and the forecast one, 1 or more.
    known
        Weights of the instants of the calibration, shape (N, K), on the modes that are forecast; NaN where lost.
    spacing_mm
        Pixel spacing along (rows, columns) in mm; None: pixels have no radius.
    shape
        Rows and columns of the image.
    """

    def __init__(
        self,
        *,
        level: float,
        horizon: int,
        known: Array,
        spacing_mm: tuple[float, float] | None,
        shape: tuple[int, int],
    ) -> None:
        self._level, self._horizon = level, horizon
        self._weights = WeightBands(level=level, horizon=horizon, known=known)
        self._pixels = None
        if spacing_mm is not None:
            self._pixels = PixelRadii(level=level, horizon=horizon, spacing_mm=spacing_mm, shape=shape)
        self._targets: dict[LiveTarget, PlaceBands] = {}
        self._recent: deque[tuple[Issue, Callable[[], NDArray[Any]]]] = deque()

    def follow(self, targets: tuple[LiveTarget, ...]) -> None:
        """Give radii of these targets from now on; forecasts that are pending are learned from, too.

        Parameters
        ----------
        targets
            The targets of the stream.
        """
        self._targets = {each: self._targets.get(each) or self._bands_of(each) for each in targets}

    def restart(self) -> None:
        """Forget the forecasts that are pending: a long gap lies between them and what comes."""
        self._recent.clear()
        for bands in (self._weights, self._pixels, *self._targets.values()):
            if bands is not None:
                bands.restart()

    def observe(self, instant: int, weights: Array | None, measured: NDArray[np.float32]) -> None:
        """Learn from the errors of the forecasts whose time has come with a frame.

        Parameters
        ----------
        instant
            Number of the instant of the frame.
        weights
            Its weights, shape (K,), on the modes that are forecast; None where they were not measured.
        measured
            Its DVF, shape (H, W, 2), pixels; not looked at where ``weights`` is None.
        """
        self._weights.observe(instant, weights)
        if self._pixels is not None:
            self._pixels.observe(instant, None if weights is None else measured)
        while self._recent and _due(self._recent[0][0]) <= instant:
            self._recent.popleft()
        for target, bands in self._targets.items():
            bands.observe(instant, None if weights is None else target.centroids.places(measured))

    def issue(
        self,
        instant: int | None,
        ahead: float,
        weights: Array,
        dvf: Callable[[], NDArray[Any]],
        age: int = 0,
    ) -> RadiiIssued:
        """Return the radii of a forecast, and remember all until its time has come.

        Parameters
        ----------
        instant
            Number of the instant that it is issued at; None between two, where it is not remembered.
        ahead
            How many instants ahead it is.
        weights
            Of every run, shape (R, K); NaN for a run that diverged.
        dvf
            Gives the DVF of the first run that has not, shape (H, W, 2), pixels.
        age
            How many instants have passed since the newest weights that were measured: radii are wider by what moves in
            that time.

        Returns
        -------
        RadiiIssued
            Targets are those of `follow`.
        """
        radius, conditions = self._weights.issue(instant, ahead, weights, age)
        issue = Issue(instant, ahead, conditions.by_run()[first_run(weights)])
        pixels = None if self._pixels is None else self._pixels.issue(issue, dvf)
        if instant is not None:
            self._recent.append((issue, dvf))
        found = {
            target.target.name: bands.issue(issue, target.centroids.places(dvf()))
            for target, bands in self._targets.items()
        }
        targets_mm = {each.target.name: each.radius_mm(found[each.target.name].radius) for each in self._targets}
        return RadiiIssued(radius, pixels, targets_mm, issue.conditions)

    def settle(self) -> None:
        """Do what later forecasts alone need."""
        if self._pixels is not None:
            self._pixels.settle()

    def _bands_of(self, target: LiveTarget) -> PlaceBands:
        bands = PlaceBands(level=self._level, horizon=self._horizon, distance=target.centroids.between)
        for issue, dvf in self._recent:
            bands.issue(issue, target.centroids.places(dvf()))
        return bands


def _due(issue: Issue) -> float:
    """Return the instant that a forecast is of, which is remembered."""
    return math.inf if issue.instant is None else issue.instant + issue.ahead


def first_run(weights: Array) -> int:
    """Return the first run that has not diverged, of weights (R, K), NaN where a run has; 0 where all have."""
    return int(np.argmax(np.isfinite(weights).all(axis=1)))
