"""Masks as others give them: as files hold them, of numbers, or already of booleans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def boolean_mask(given: NDArray[Any], shape: tuple[int, ...] | None = None) -> NDArray[np.bool_]:
    """Return which pixels a mask holds; one of whole numbers would pick rows by their index, and its inverse is -1.

    Parameters
    ----------
    given
        Booleans, or 0 and 1 of any type; what is masked is outside.
    shape
        The shape that it must have; None for any.

    Returns
    -------
    NDArray[np.bool_]
        Of the same shape.

    Raises
    ------
    ValueError
        If it has another shape or other numbers.
    """
    mask = np.asarray(np.ma.filled(given, 0))
    if (shape is not None and mask.shape != shape) or not (mask.dtype == bool or np.isin(mask, (0, 1)).all()):
        held = f"shape {mask.shape} and {mask.min(initial=0)} to {mask.max(initial=0)}"
        raise ValueError(
            f"a mask must have shape {'(H, W)' if shape is None else shape} and hold booleans, or 0 and 1, got {held}; "
            "take one label, as in labels == 2"
        )
    return mask.astype(bool, copy=False)
