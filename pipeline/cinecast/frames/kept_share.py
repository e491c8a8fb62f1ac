"""How much of an image stack is left when it is averaged along an axis: a cine keeps its structure over time alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Recorded cines keep 0.9 or so of their variance when averaged over time, and 0.05 to 0.6 over columns or rows, always
# 0.25 less; noise keeps the inverse of the number of samples along each.
STRUCTURED, CLEARLY_MORE = 0.3, 0.15


def thinned(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return a regular selection of the values, of 64 to 127 along each axis that has more."""
    return values[tuple(slice(None, None, max(1, size // 64)) for size in values.shape)].astype(np.float64)


def kept_share(values: NDArray[Any], axis: int) -> float:
    """Return the share of the variance that is left when values are averaged over an axis.

    Parameters
    ----------
    values
        Grey values with three axes; at most 64 to 127 samples along each count.
    axis
        The axis.

    Returns
    -------
    float
        0 to 1; 0 where the values do not vary.
    """
    thin = thinned(values)
    whole = float(thin.var())
    return float(thin.mean(axis=axis).var()) / whole if whole > 0 else 0.0
