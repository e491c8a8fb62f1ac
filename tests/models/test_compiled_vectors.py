"""Vectors in compiled code: sum and product in one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from helpers.fused import plus_product

NUMBERS = st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-9)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_sum_with_a_product_is_rounded_once_or_as_both_are(total: float, first: float, second: float) -> None:
    once = float(Fraction(total) + Fraction(first) * Fraction(second))
    assert plus_product(total, first, second) in (once, total + first * second)
