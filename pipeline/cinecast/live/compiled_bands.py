"""Has all compiled that bands need: in the middle of a stream it would hold up frames by tenths of a second."""

from __future__ import annotations

import numpy as np

from cinecast.live.place_bands import Issue, PixelRadii, PlaceBands
from cinecast.live.weight_bands import WeightBands
from cinecast_models import Conditions


def compile_bands(components: int) -> None:
    """Have the bands of weights, pixels and targets learn from a few errors of 0.

    Parameters
    ----------
    components
        Number K of weights.
    """
    from cinecast_models.conformal.parameters import WARM_UP

    zeros = np.zeros(components)
    # Of weights that do not vary no forecast is harder than another, and nothing is asked for that.
    weights = WeightBands(level=0.5, horizon=1, known=np.array([zeros, zeros + 1]))
    pixels = PixelRadii(level=0.5, horizon=1, spacing_mm=(1.0, 1.0), shape=(1, 2))
    points = PlaceBands(level=0.5, horizon=1, distance=lambda forecast, measured: np.abs(forecast - measured))
    alike = Conditions(np.ones(()), np.zeros(3))
    measured, forecast, place = np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 2)), np.zeros(1)
    # The first radii are none, then the largest error makes them, then the mean of many.
    for instant in range(WARM_UP + 3):
        issue = Issue(instant, 1.0, alike)
        weights.observe(instant, zeros)
        weights.issue(instant, 1.0, zeros[np.newaxis])
        pixels.observe(instant, measured)
        pixels.issue(issue, lambda: forecast)
        pixels.settle()
        points.observe(instant, place)
        points.issue(issue, place)
