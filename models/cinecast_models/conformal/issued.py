"""Radii as they are issued with forecasts: kept until the errors come, and steered by where in a breath that was."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.conformal.difficulty import Conditions
from cinecast_models.conformal.parameters import stride
from cinecast_models.conformal.steering import PlaceSteering, room_for_places
from cinecast_models.conformal.tracking import ConformalTracker, Errors, check_promise, checked_errors, start_multiple
from cinecast_models.errors import ForecastingError
from cinecast_models.real_samples import real_samples


class TrackedErrors(NamedTuple):
    """Errors of one frame's forecasts, and the radii issued with these, NaN where no error was known then."""

    errors: Errors
    radius: Errors


class IssuedRadius(NamedTuple):
    """The radius of one forecast.

    Parameters
    ----------
    tracked
        What the tracker told of a forecast that is as hard as most, of the shape of the errors; NaN before any error is
        known.
    scale
        How much wider that of this forecast is.
    place
        Where in a breath it was issued, shape (3,), as in `Conditions`.
    """

    tracked: Errors
    scale: float
    place: NDArray[np.float64]

    @property
    def radius(self) -> Errors:
        """The radius, of the shape and type of the errors."""
        return np.asarray(self.tracked * self.tracked.dtype.type(self.scale))


class BreathingRadii:
    """Radii of the forecasts of one run, which know where in a breath each was issued.

    Errors are divided by how hard their forecast was, and tracked (`ConformalTracker`); where bands held too seldom at
    a like place in earlier breaths they are wider, and narrower where they held too often (`PlaceSteering`).

    Parameters
    ----------
    level
        Probability that an error lies within its radius, above 0 and below 1.
    horizon
        Frames between a forecast and its target, 1 or more.

    Raises
    ------
    ForecastingError
        If one of these rules is broken.
    """

    def __init__(self, *, level: float, horizon: int) -> None:
        self._tracker = ConformalTracker(level=level, horizon=horizon)
        self._steering = PlaceSteering(level=level, horizon=horizon)

    def issue(self, conditions: Conditions | None = None) -> IssuedRadius:
        """Return the radius of a forecast issued now.

        Parameters
        ----------
        conditions
            How hard it is, a number above 0, and its place, shape (3,); None: all are alike.

        Returns
        -------
        IssuedRadius
            It is given back to `observe` with the errors.
        """
        if conditions is None:
            return IssuedRadius(self._tracker.radius(), 1.0, np.full(3, np.nan))
        scale = float(conditions.difficulty) * self._steering.scale(conditions.place)
        return IssuedRadius(self._tracker.radius(), scale, conditions.place)

    def observe(self, errors: Errors, issued: IssuedRadius) -> None:
        """Learn from the errors of a forecast whose target has arrived.

        Parameters
        ----------
        errors
            Distances of forecast and target, 0 or more, any shape, the same each time; NaN where one is not known.
        issued
            What `issue` returned with the forecast.
        """
        missed = self._tracker.observe(errors, issued.tracked, issued.scale)
        self._steering.observe(issued.place, missed)


class IssuedRadii:
    """The radii of one run, frame after frame: each is kept from when it was issued until its errors arrive.

    Parameters
    ----------
    horizon
        Frames between a forecast and its target, 1 or more.
    level
        Probability that an error lies within its radius, above 0 and below 1.

    Raises
    ------
    ForecastingError
        If horizon or level are out of range.
    """

    def __init__(self, *, horizon: int, level: float) -> None:
        self._radii = BreathingRadii(level=level, horizon=horizon)
        self._waiting = deque([self._radii.issue()] * horizon)

    def observe(self, errors: Errors, ahead: Conditions | None = None) -> TrackedErrors:
        """Learn from the errors of the next frame's forecast; return them with the radius that was issued with it.

        Parameters
        ----------
        errors
            0 or more, the same shape each time; NaN where there was no forecast.
        ahead
            Of the forecast that is issued at this frame, one horizon ahead of it: as `BreathingRadii.issue` takes them.

        Returns
        -------
        TrackedErrors
            The errors as given.
        """
        issued = self._waiting.popleft()
        self._radii.observe(errors, issued)
        self._waiting.append(self._radii.issue(ahead))
        radius = issued.radius
        shape = np.shape(errors)
        return TrackedErrors(errors, radius if radius.shape == shape else np.broadcast_to(radius, shape))


def track_errors(
    errors: Iterable[Errors], *, horizon: int, level: float, conditions: Conditions | None = None
) -> Iterator[TrackedErrors]:
    """Yield the errors of each forecast with the radius that was issued with it, `horizon` frames before they arrived.

    Parameters
    ----------
    errors
        Errors of the forecasts of consecutive frames, 0 or more, all of one shape; NaN where there was no forecast.
    horizon
        Frames between a forecast and its target, 1 or more.
    level
        Probability that an error lies within its radius.
    conditions
        Of the forecast of each frame: how hard it is, shape (T,), and its place, (T, 3); None: all are alike.

    Yields
    ------
    TrackedErrors
        Of each frame in turn.

    Raises
    ------
    ForecastingError
        If horizon or level are out of range.
    """
    issued = IssuedRadii(horizon=horizon, level=level)
    for frame, own in enumerate(errors):
        yield issued.observe(own, None if conditions is None else conditions.at(frame + horizon))


def series_radii(errors: Errors, *, horizon: int, level: float, conditions: Conditions | None = None) -> Errors:
    """Return the radii of `track_errors`, of all frames at once and sooner, to the bit.

    Parameters
    ----------
    errors
        Errors of the forecasts of T consecutive frames and N components, shape (T, N), 0 or more; NaN where there was
        no forecast.
    horizon, level, conditions
        As `track_errors` takes them.

    Returns
    -------
    NDArray[np.floating]
        Shape (T, N); each was issued `horizon` frames before its errors came.

    Raises
    ------
    ForecastingError
        If horizon or level are out of range, conditions are of other frames, or errors are below 0.
    """
    from cinecast_models.conformal.series_kernels import radii_of_series  # compiled, which a plan can do without

    check_promise(level, horizon)
    known = checked_errors(errors)
    if known.ndim != 2:
        raise ForecastingError(f"errors must have shape (T, N), got {known.shape}; give a column for each component")
    frames = len(known)
    difficulty, place = conditions or Conditions(np.ones(frames), np.full((frames, 3), np.nan))
    if (np.shape(difficulty), np.shape(place)) != ((frames,), (frames, 3)):
        raise ForecastingError(
            f"conditions must be of the same {frames} frames as forecasts, of shapes {(frames,)} and {(frames, 3)}, "
            f"got {np.shape(difficulty)} and {np.shape(place)}; make them with forecast_conditions"
        )
    own = (
        np.ascontiguousarray(known),
        np.ascontiguousarray(real_samples(difficulty)),
        np.ascontiguousarray(real_samples(place)),
    )
    start, room = start_multiple(level), room_for_places()
    return np.asarray(radii_of_series(*own, level, start, horizon, stride(horizon), *room))
