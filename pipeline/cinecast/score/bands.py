"""How far, in mm, tissue may lie from where a forecast puts it: a radius for each pixel, known with the forecast."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE, Instants
from cinecast.motion.drift import ForecastMotion
from cinecast.score.geometric import forecast_distances
from cinecast_models import Conditions, IssuedRadii, forecast_conditions, series_radii

# Columns of the scores of bands: share of pixels within their radius, 0 to 1, and mean radius.
BAND_METRICS = ("pixels_inside", "radius_mm")
Errors = NDArray[np.floating[Any]]

# A run that is about to diverge may forecast motion beyond what half the usual precision holds.
_LARGEST_DISTANCE_MM = 1e30


class PixelBand(NamedTuple):
    """One frame's forecast DVF, seen afterwards.

    Parameters
    ----------
    frame
        Index t of the frame.
    distance_mm
        Distance of the measured motion from the forecast one, shape (H, W).
    radius_mm
        What was issued with the forecast: within it the measured motion lies with the asked probability, for each
        pixel on its own. Shape (H, W); NaN for the first forecasts, before any has been checked.
    """

    frame: int
    distance_mm: NDArray[np.float32]
    radius_mm: NDArray[np.float32]

    def share_inside(self, region: tuple[slice, slice]) -> float:
        """Return the share of a region's pixels whose measured motion lies within the radius.

        Left out are pixels where nothing has moved yet, nor was forecast to, such as the border and air: they would
        count as inside. NaN where no pixel is left or there is no radius.
        """
        return self.inside_and_radius(region)[0]

    def inside_and_radius(self, region: tuple[slice, slice]) -> tuple[float, float]:
        """Return `share_inside` of a region, and the mean radius of all of its pixels in mm; NaN where one is."""
        from cinecast.score.band_kernels import count_inside  # compiled, which a plan can do without

        radius = self.radius_mm[region]
        inside, counted, total = count_inside(self.distance_mm[region], radius)
        known = np.isfinite(total) or not np.isnan(radius).any()
        return inside / counted if counted and known else float("nan"), total / radius.size


class RadiiByFrame:
    """Radii of one run's forecasts, issued and checked frame by frame, of errors of any shape.

    Parameters
    ----------
    horizon
        Frames between a forecast and the frame that it is of, 1 or more.
    level
        Probability asked for, above 0 and below 1.
    instants
        Where the frames lie on the clock; None where no frame is missing.
    conditions
        How hard the forecast of each instant is and where in a breath it was issued, shape (N,) and (N, 3), from
        `instant_conditions`; None: all are alike.

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """

    def __init__(
        self, *, horizon: int, level: float, instants: Instants | None = None, conditions: Conditions | None = None
    ) -> None:
        self._issued = IssuedRadii(horizon=horizon, level=level)
        self._instants, self._conditions, self._horizon = instants, conditions, horizon
        self._next: int | None = None

    def observe(self, frame: int, errors: Errors) -> Errors:
        """Learn from the next frame that has a forecast; return the radius that was issued for it.

        Parameters
        ----------
        frame
            Index t of the frame.
        errors
            Distances of what was measured from what was forecast, 0 or more; NaN where one is not known.

        Returns
        -------
        Errors
            Of the shape of the errors; NaN for the first frames, `horizon` or more: no forecast had been checked when
            theirs were issued. So it is for a frame between two instants.
        """
        at = frame if self._instants is None else int(self._instants.instant_of[frame])
        passed = frame + 1 if self._instants is None else int(self._instants.passed[frame])
        lost = range(passed if self._next is None else self._next, passed - (at != NONE))
        for instant in lost:  # their radii were issued, and never checked
            self._issued.observe(np.full_like(errors, np.nan), self._ahead(instant))
        self._next = passed
        if at == NONE:
            return np.full_like(errors, np.nan)
        return self._issued.observe(errors, self._ahead(at)).radius

    def _ahead(self, instant: int) -> Conditions | None:
        return self._conditions and self._conditions.at(instant + self._horizon)


def radii_by_frame(
    errors: NDArray[np.float64],
    first: int,
    *,
    horizon: int,
    level: float,
    instants: Instants | None = None,
    conditions: Conditions | None = None,
) -> NDArray[np.float64]:
    """Return the radii of `RadiiByFrame`, of all frames at once and sooner, to the bit.

    Parameters
    ----------
    errors
        Distances of what was measured from what was forecast, of F consecutive frames and N components, shape (F, N), 0
        or more; NaN where one is not known.
    first
        Index t of the first of them.
    horizon, level, instants, conditions
        As `RadiiByFrame` takes them.

    Returns
    -------
    NDArray[np.float64]
        Shape (F, N), as `RadiiByFrame.observe` returns them.

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """
    radii = np.full(errors.shape, np.nan)
    if not len(errors):
        return radii
    frames = np.arange(first, first + len(errors))
    at, passed = (frames, frames + 1) if instants is None else (instants.instant_of[frames], instants.passed[frames])
    there, begin, end = at != NONE, int(passed[0] - (at[0] != NONE)), int(passed[-1])
    placed = np.full((end - begin, errors.shape[1]), np.nan)  # of instants that no frame came for nothing is known
    placed[at[there] - begin] = errors[there]
    own = conditions and Conditions(conditions.difficulty[begin:end], conditions.place[begin:end])
    radii[there] = series_radii(placed, horizon=horizon, level=level, conditions=own)[at[there] - begin]
    return radii


class PixelBands:
    """Radii of the pixels of one run's forecasts, issued and checked frame by frame.

    Each pixel has a tracker of its own (`cinecast_models.ConformalTracker`), so that the asked probability holds at
    each of them over time, and with it in every region. The work per frame is a few operations per pixel.

    Parameters
    ----------
    horizon, level, instants, conditions
        As `RadiiByFrame` takes them.

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """

    def __init__(
        self, *, horizon: int, level: float, instants: Instants | None = None, conditions: Conditions | None = None
    ) -> None:
        self._radii = RadiiByFrame(horizon=horizon, level=level, instants=instants, conditions=conditions)

    def observe(self, frame: int, distance_mm: NDArray[np.float64]) -> PixelBand:
        """Learn from the next frame that has a forecast; return it with the radius that was issued for it.

        Parameters
        ----------
        frame
            Index t of the frame.
        distance_mm
            Distance of the measured motion from the forecast one, shape (H, W).

        Returns
        -------
        PixelBand
            Its radius is that of `RadiiByFrame.observe`.
        """
        errors = in_single_precision(distance_mm)
        return PixelBand(frame, errors, np.asarray(self._radii.observe(frame, errors)))


def in_single_precision(distance_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return distances (H, W) in mm in half their precision, the largest of them bounded; NaN where one is."""
    from cinecast.score.band_kernels import single_precision  # compiled, which a plan can do without

    flat = np.ascontiguousarray(distance_mm, dtype=np.float64).reshape(-1)
    return np.asarray(single_precision(flat, _LARGEST_DISTANCE_MM)).reshape(distance_mm.shape)


def pixel_bands(
    dvf: NDArray[Any],
    motion: ForecastMotion,
    forecasts: NDArray[np.float64],
    *,
    spacing_mm: tuple[float, float],
    level: float,
    instants: Instants | None = None,
    conditions: Conditions | None = None,
    left_out: Collection[int] = (),
) -> Iterator[PixelBand]:
    """Yield each frame from the first to the last that has a forecast, with the radius of each pixel.

    Parameters
    ----------
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels; may be memory-mapped.
    motion
        Turns forecast weights into DVFs; tells how many frames ahead they were forecast, 1 or more.
    forecasts
        Forecast weights of one run, shape (T, K): those of frame t were issued at ``t - motion.horizon``. NaN where
        there are none.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    level
        Probability asked for, above 0 and below 1.
    instants
        Where the frames lie on the clock; None where no frame is missing.
    conditions
        How hard the forecast of each instant is, and where in a breath it was issued, from `instant_conditions`; None:
        all are alike.
    left_out
        Frames whose motion was not measured, from which nothing is learned.

    Yields
    ------
    PixelBand
        From `PixelBands.observe`; its distance is NaN in a frame that is left out.

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """
    bands = PixelBands(horizon=motion.horizon, level=level, instants=instants, conditions=conditions)
    for frame, distance in forecast_distances(dvf, motion, forecasts, spacing_mm=spacing_mm):
        yield bands.observe(frame, np.full_like(distance, np.nan) if frame in left_out else distance)


def instant_conditions(
    weights: NDArray[np.float64],
    forecasts: NDArray[np.float64],
    *,
    horizon: int,
    instants: Instants,
    left_out: Collection[int] = (),
    train_end: int | None = None,
) -> Conditions:
    """Return how hard the forecast of every instant is beside others of its method, and where in a breath it is.

    Parameters
    ----------
    weights
        Measured weights of all frames, shape (T, K), pixels.
    forecasts
        Forecast weights, shape (R, T, K), pixels; NaN where there are none.
    horizon
        Instants between the newest one and the forecast one, 1 or more.
    instants
        Where the frames lie on the clock.
    left_out
        Frames whose motion was not measured, from which nothing is learned. Forecasts that are issued at them are
        harder.
    train_end
        Number of frames in the train span, at whose last one the first forecast is issued; None where the first one of
        a frame that came tells it.

    Returns
    -------
    Conditions
        Of shape (R, N) and (R, N, 3), from `cinecast_models.forecast_conditions`.
    """
    measured = weights.copy()
    measured[sorted(left_out)] = np.nan
    samples, issued = instants.at_instants(measured, 0), instants.at_instants(forecasts, 1)
    start = None if train_end is None else int(instants.passed[train_end - 1])
    return forecast_conditions(samples, issued, horizon=horizon, start=start)
