"""Maxima of breathing signals: those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal as other  # type: ignore[import-untyped]

from cinecast.report.peaks import find_peaks


@pytest.mark.parametrize("prominence", [0.0, 0.5, 2.0])
def test_maxima_are_those_of_scipy(rng: np.random.Generator, prominence: float) -> None:
    for length in (1, 2, 3, 10, 300):
        smooth = rng.standard_normal(length).cumsum()
        level = np.rint(smooth)  # stretches of equal samples
        for values in (smooth, level, level[::-1], np.zeros(length)):
            expected = other.find_peaks(values, prominence=prominence)[0]
            np.testing.assert_array_equal(find_peaks(values, prominence), expected)
