"""The geometric error: how many mm lie between where the tissue is and where the forecast puts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.drift import ForecastMotion
from cinecast.score.regions import Region
from cinecast.sequence import check_spacing
from cinecast_models.real_samples import real_samples, real_values

_PERCENTILE = 0.95


class GeometricError(NamedTuple):
    """Error of one forecast DVF over the pixels of a region, in mm."""

    mean: float
    p95: float
    max: float


def pixel_distance_mm(
    forecast: NDArray[Any], truth: NDArray[Any], *, spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the distance between two DVFs at each pixel.

    Parameters
    ----------
    forecast, truth
        DVFs, shape (..., H, W, 2), pixels, last axis (x = column, y = row).
    spacing_mm
        Pixel spacing along (rows, columns) in mm: y is scaled by the first, x by the second.

    Returns
    -------
    NDArray[np.float64]
        Shape (..., H, W), mm; NaN where a vector is NaN or masked.

    Raises
    ------
    ReadError
        If the spacing is not two positive numbers.
    """
    check_spacing(spacing_mm)
    from cinecast.score.geometric_kernels import distances  # compiled, which a plan can do without

    forecast, truth = real_values(forecast), real_values(truth)
    if forecast.shape != truth.shape:
        forecast, truth = np.broadcast_arrays(forecast, truth)
    one, other = (np.ascontiguousarray(dvf).reshape(-1) for dvf in (forecast, truth))
    found = distances(one, other, float(spacing_mm[0]), float(spacing_mm[1]))
    if not np.isfinite(found.max(initial=0)):  # rare: NaN, or numbers whose squares are beyond the largest there is
        difference = np.subtract(truth, forecast, dtype=np.float64)
        return np.asarray(np.hypot(difference[..., 0] * spacing_mm[1], difference[..., 1] * spacing_mm[0]))
    return found.reshape(forecast.shape[:-1])


def forecast_dvfs(motion: ForecastMotion, forecasts: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield each frame from the first to the last that has a forecast, with its DVF.

    Parameters
    ----------
    motion
        Turns forecast weights into DVFs; each frame's is rebuilt once.
    forecasts
        Forecast weights of one run, shape (T, K); NaN where there are none.

    Yields
    ------
    frame, dvf
        Index t, and the forecast DVF, shape (H, W, 2), pixels; NaN at a frame without forecast between two that have
        one.
    """
    frames = np.flatnonzero(np.isfinite(forecasts).all(axis=1)).tolist()
    for t in range(frames[0], frames[-1] + 1) if frames else ():
        yield t, motion.dvf(t, forecasts[t])


def forecast_distances(
    dvf: NDArray[Any], motion: ForecastMotion, forecasts: NDArray[np.float64], *, spacing_mm: tuple[float, float]
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield each frame from the first to the last that has a forecast, with its distances at each pixel in mm.

    Parameters
    ----------
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels; may be memory-mapped.
    motion
        Turns forecast weights into DVFs; each frame's is rebuilt once.
    forecasts
        Forecast weights of one run, shape (T, K); NaN where there are none.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Yields
    ------
    frame, distance
        Index t, and `pixel_distance_mm`, shape (H, W); NaN at a frame without forecast between two that have one.
    """
    for t, forecast in forecast_dvfs(motion, forecasts):
        yield t, pixel_distance_mm(forecast, dvf[t], spacing_mm=spacing_mm)


def geometric_error(distance_mm: NDArray[np.float64]) -> GeometricError:
    """Return mean, 95th percentile and maximum over the pixels of one frame's distances (H, W), or some of them.

    NaN of no pixels, and where one is NaN or masked.
    """
    distance_mm = real_samples(distance_mm)
    if not distance_mm.size:
        return GeometricError(np.nan, np.nan, np.nan)
    from cinecast.score.geometric_kernels import mean_percentile_and_largest

    return GeometricError(*mean_percentile_and_largest(np.ascontiguousarray(distance_mm).ravel(), _PERCENTILE))


class RegionErrors:
    """The geometric error in each of several regions.

    Parameters
    ----------
    regions
        What picks the pixels of each out of an array (H, W).
    shape
        H and W.
    """

    def __init__(self, regions: Iterable[Region], shape: tuple[int, ...]) -> None:
        pixels = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
        own = [pixels[region].ravel() for region in regions]
        self._pixels = np.concatenate([np.zeros(0, np.int32), *own])
        self._ends = np.cumsum([0, *map(len, own)])

    def __call__(self, distance_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return mean, 95th percentile and maximum of one frame's distances.

        Parameters
        ----------
        distance_mm
            Shape (H, W), mm.

        Returns
        -------
        NDArray[np.float64]
            Shape (regions, 3), mm, as `geometric_error` has it of each region; NaN of no pixels.
        """
        from cinecast.score.geometric_kernels import errors_of_parts  # compiled, which a plan can do without

        return np.asarray(errors_of_parts(distance_mm.reshape(-1), self._pixels, self._ends, _PERCENTILE))
