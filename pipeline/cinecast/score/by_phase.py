"""A score by where in the breathing cycle its frame lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast_models.real_samples import is_whole, real_samples


def mean_by_phase(values: NDArray[np.float64], phases: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return the mean of a score, coverage say, in each part of the breathing cycle.

    Parameters
    ----------
    values
        One score per frame, shape (T,); frames whose score is NaN or masked are left out.
    phases
        Phase of each frame, shape (T,), 0 to 1; NaN or masked where it is unknown, such frames are left out.
    bins
        Number of equal parts that the cycle is cut into, 1 or more.

    Returns
    -------
    Array
        Shape (bins,); NaN where no frame lies.

    Raises
    ------
    SettingsError
        If `bins` is no whole number from 1 on, a phase lies outside 0 to 1, or there is not one phase for each score.
    """
    if not is_whole(bins) or bins < 1:
        raise SettingsError(f"a breathing cycle must be cut into 1 part or more, got {bins}; ask for 4, say")
    values, phases = real_samples(values), real_samples(phases)
    if values.ndim != 1 or values.shape != phases.shape:
        raise SettingsError(
            f"each frame must have one score and one phase, got shapes {values.shape} and {phases.shape}; give NaN "
            "where one is unknown"
        )
    outside = phases[(phases < 0) | (phases > 1)]
    if len(outside):
        raise SettingsError(
            f"a phase must be a share of the breathing cycle, 0 to 1, got {outside[0]:g}; divide degrees by 360"
        )
    known = np.isfinite(values) & np.isfinite(phases)
    part = np.minimum((phases[known] * bins).astype(int), bins - 1)  # phase 1 ends the last part
    counts = np.bincount(part, minlength=bins)
    sums = np.bincount(part, weights=values[known], minlength=bins)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
