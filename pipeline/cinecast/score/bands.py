"""How far, in mm, tissue may lie from where a forecast puts it: a radius for each pixel, known with the forecast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.drift import ForecastMotion
from cinecast.score.geometric import pixel_distance_mm
from cinecast_models import track_errors

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
        distance, radius = self.distance_mm[region], self.radius_mm[region]
        counted = (distance > 0) | (radius > 0)
        if not counted.any() or np.isnan(radius).any():
            return float("nan")
        return float((distance <= radius)[counted].mean())


def pixel_bands(
    dvf: NDArray[Any],
    motion: ForecastMotion,
    forecasts: NDArray[np.float64],
    *,
    spacing_mm: tuple[float, float],
    level: float,
) -> Iterator[PixelBand]:
    """Yield every frame that has a forecast, with the radius of each pixel.

    Each pixel has a tracker of its own (`cinecast_models.ConformalTracker`), so that the asked probability holds at
    each of them over time, and with it in every region. The work per frame is a few operations per pixel.

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

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """
    frames = np.flatnonzero(np.isfinite(forecasts).all(axis=1)).tolist()

    def distances() -> Iterator[NDArray[np.float32]]:
        for t in range(frames[0], frames[-1] + 1):
            distance = pixel_distance_mm(motion.dvf(t, forecasts[t]), dvf[t], spacing_mm=spacing_mm)
            yield np.minimum(distance, _LARGEST_DISTANCE_MM).astype(np.float32)

    if frames:
        for t, tracked in enumerate(track_errors(distances(), horizon=motion.horizon, level=level), start=frames[0]):
            yield PixelBand(t, tracked.errors, tracked.radius)
