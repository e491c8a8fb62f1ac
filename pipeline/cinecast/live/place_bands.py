"""Radii of live forecasts at places: of each pixel, and of the centroid of a target."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.pending import PendingForecasts
from cinecast_models import BreathingRadii, Conditions, IssuedRadius

# Of what a forecast and a measurement are, the errors of the one by the other.
Distance = Callable[[Any, NDArray[Any]], NDArray[Any]]


class Issue(NamedTuple):
    """When and of what a forecast is issued.

    Parameters
    ----------
    instant
        Number of the instant that it is issued at; None between two, where it is not remembered.
    ahead
        How many instants ahead it is.
    conditions
        How hard it is and where in a breath it was issued, of its run.
    """

    instant: int | None
    ahead: float
    conditions: Conditions


class PlaceBands:
    """Conformal radii of one run's forecasts, as `cinecast.score.bands.RadiiByFrame` has them in a run.

    Parameters
    ----------
    level
        Probability that an error lies within its radius.
    horizon
        Instants between the newest one and the forecast one, 1 or more.
    distance
        Gives errors of one shape, in mm.
    """

    def __init__(self, *, level: float, horizon: int, distance: Distance) -> None:
        self._radii = BreathingRadii(level=level, horizon=horizon)
        self._distance = distance
        self.restart()

    def restart(self) -> None:
        """Forget the forecasts that are pending: a long gap lies between them and what comes."""
        self._pending: PendingForecasts[tuple[Any, IssuedRadius]] = PendingForecasts(1.0)

    def issue(self, issue: Issue, forecast: Any) -> IssuedRadius:
        """Return the radius of a forecast, and remember both until its time has come.

        Parameters
        ----------
        issue
            When and of what it is issued.
        forecast
            What ``distance`` takes.

        Returns
        -------
        IssuedRadius
            NaN before any error is known.
        """
        issued = self._radii.issue(issue.conditions)
        if issue.instant is not None:
            self._pending.add(issue.instant, issue.instant + issue.ahead, (forecast, issued))
        return issued

    def observe(self, instant: int, measured: NDArray[Any] | None) -> None:
        """Learn from the errors of the forecasts whose time has come with a frame.

        Parameters
        ----------
        instant
            Number of the instant of the frame.
        measured
            What was measured on it; None where nothing was.
        """
        for (forecast, issued), then in self._pending.observe(instant, measured):
            self._radii.observe(self._distance(forecast, then), issued)


class PixelRadius:
    """The radius of each pixel of one forecast: computed when it is asked for, between two frames at the latest.

    Parameters
    ----------
    bands
        What issues it.
    shape
        Rows and columns of the image.
    """

    def __init__(self, bands: PixelRadii, shape: tuple[int, int]) -> None:
        self._bands, self._shape = bands, shape
        self.issued: IssuedRadius | None = None

    @property
    def mm(self) -> NDArray[np.float32]:
        """The radius in mm, shape (H, W); NaN before any error is known."""
        if self.issued is None:
            self._bands.settle()
        assert self.issued is not None  # settled
        return np.array(np.broadcast_to(self.issued.radius, self._shape), dtype=np.float32)


class PixelRadii:
    """Radii of all pixels of a stream's forecasts: what they need is done between two frames, or when one is asked for.

    Parameters
    ----------
    level, horizon
        As `PlaceBands` takes them.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    shape
        Rows and columns of the image.
    """

    def __init__(self, *, level: float, horizon: int, spacing_mm: tuple[float, float], shape: tuple[int, int]) -> None:
        # The scores bring the readers with them: loaded by a calibration, not with the program.
        from cinecast.score.bands import in_single_precision
        from cinecast.score.geometric import pixel_distance_mm

        def distance(forecast: Callable[[], NDArray[Any]], measured: NDArray[Any]) -> NDArray[Any]:
            return in_single_precision(pixel_distance_mm(forecast(), measured, spacing_mm=spacing_mm))

        self._bands = PlaceBands(level=level, horizon=horizon, distance=distance)
        self._shape = shape
        self._due: deque[Callable[[], None]] = deque()
        self._lock = Lock()

    def restart(self) -> None:
        """Forget the forecasts that are pending."""
        self._due.append(self._bands.restart)

    def observe(self, instant: int, measured: NDArray[np.float32] | None) -> None:
        """Learn from the errors of the forecasts whose time has come with a frame, as `PlaceBands.observe`.

        Parameters
        ----------
        instant
            Number of the instant of the frame.
        measured
            Its DVF, shape (H, W, 2), pixels, which nobody changes later; None where it was not measured.
        """
        self._due.append(lambda: self._bands.observe(instant, measured))

    def issue(self, issue: Issue, dvf: Callable[[], NDArray[Any]]) -> PixelRadius:
        """Return the radius of a forecast, and remember both until its time has come.

        Parameters
        ----------
        issue
            When and of what it is issued.
        dvf
            Gives its DVF, shape (H, W, 2), pixels.

        Returns
        -------
        PixelRadius
            What computes it.
        """
        radius = PixelRadius(self, self._shape)

        def make() -> None:
            radius.issued = self._bands.issue(issue, dvf)

        self._due.append(make)
        return radius

    def settle(self) -> None:
        """Do all that is due, in the order in which it came; another thread than that of the stream may call this."""
        with self._lock:
            while self._due:  # the stream may add to it meanwhile
                self._due.popleft()()
