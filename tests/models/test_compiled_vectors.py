"""Vectors in compiled code: sum and product in one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.motion.reconstruction_kernels import weighted_sums
from helpers.fused import plus_product

NUMBERS = st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-9)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_sum_with_a_product_is_rounded_once_or_as_both_are(total: float, first: float, second: float) -> None:
    once = float(Fraction(total) + Fraction(first) * Fraction(second))
    assert plus_product(total, first, second) in (once, total + first * second)


def test_arrays_of_other_numbers_are_refused() -> None:
    modes, out = np.ones((2, 40), np.float32), np.zeros((1, 40))
    with pytest.raises(Exception, match="float64 or int64, got float32"):
        weighted_sums(modes, np.ones((1, 2)), out)  # type: ignore[arg-type]
