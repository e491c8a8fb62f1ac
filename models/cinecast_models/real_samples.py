"""Samples as all that computes with them takes them: real numbers in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array


def real_samples(given: ArrayLike) -> Array:
    """Return samples in double precision, where differences of unsigned ones do not wrap.

    One that is masked was not measured, and is NaN.

    Raises
    ------
    ForecastingError
        If they are complex.
    """
    array = np.asanyarray(given)
    if array.dtype.kind == "c":
        raise ForecastingError("samples must be real numbers, got complex ones; give their parts as components")
    if isinstance(array, np.ma.MaskedArray):
        array = np.ma.filled(array.astype(np.float64), np.nan)
    return np.asarray(array, dtype=np.float64)
