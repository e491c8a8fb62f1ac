"""Numbers as all that computes with them takes them: real samples in double precision, and whole numbers."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def real_values(given: ArrayLike) -> NDArray[np.floating]:
    """Return real numbers as compiled code takes them: single precision stays, all else is as `real_samples` has it.

    Raises
    ------
    ForecastingError
        If they are complex.
    """
    array = np.asanyarray(given)
    if array.dtype != np.float32:  # of the byte order of this machine
        return real_samples(array)
    return np.asarray(np.ma.filled(array, np.nan) if isinstance(array, np.ma.MaskedArray) else array)


def is_whole(given: object) -> bool:
    """Whether something is a whole number, numpy's among them: 2.5 frames ahead is no frame, and True is no count."""
    return isinstance(given, Integral) and not isinstance(given, bool)
