"""Statistics over sequences, against numbers computed by hand and against scipy's other forms of the same test."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from cinecast.batch.page.statistics import FEWEST_FOR_TEST, holm, paired_comparison, spread


def test_a_spread_by_hand() -> None:
    got = spread([3.0, 1.0, math.nan, 8.0])
    assert got.number == 3
    assert got.mean == 4
    assert got.deviation == pytest.approx(math.sqrt((1 + 9 + 16) / 2))
    assert (got.median, got.low, got.high) == (3, 1, 8)


def test_spreads_of_one_and_of_none() -> None:
    assert spread([2.5])[:2] == (1, 2.5)
    assert math.isnan(spread([2.5]).deviation)
    assert spread([math.nan]).number == 0
    assert all(math.isnan(value) for value in spread([])[1:])


def test_two_values_have_a_deviation() -> None:
    assert spread([1.0, 4.0]).deviation == pytest.approx(math.sqrt(4.5))


def test_six_differences_of_one_sign_are_the_fewest_that_can_show_anything() -> None:
    found = [paired_comparison(np.arange(1.0, count + 1), np.zeros(count)).p_value for count in (5, 6)]
    np.testing.assert_array_equal(found, [np.nan, 2 / 64])


def test_a_comparison_by_hand() -> None:
    # Differences 1, 2, 3, 4, 5, -6: the ranks of the negative ones sum to 6. Among all 64 patterns of signs, those with
    # a rank sum of at most 6 or at least 15 are counted.
    got = paired_comparison([2, 4, 6, 8, 10, 0], [1, 2, 3, 4, 5, 6])
    sums = [sum(chosen) for n in range(7) for chosen in itertools.combinations(range(1, 7), n)]
    assert got.number == 6
    assert got.mean_difference == 1.5
    assert got.effect == pytest.approx(1.5 / np.std([1, 2, 3, 4, 5, -6], ddof=1))
    assert got.p_value == pytest.approx(sum(s <= 6 or s >= 15 for s in sums) / 64)


def test_a_comparison_beside_scipys(rng: np.random.Generator) -> None:
    first, second = rng.normal(1, 0.3, 25), rng.normal(1.2, 0.4, 25)
    got = paired_comparison(first, second)
    assert got.p_value == stats.wilcoxon(first, second).pvalue
    # The paired t statistic is d times the root of n.
    assert got.effect * math.sqrt(25) == pytest.approx(stats.ttest_rel(first, second).statistic)


def test_the_order_of_methods_turns_the_sign_alone(rng: np.random.Generator) -> None:
    first, second = rng.normal(size=(2, 12))
    there, back = paired_comparison(first, second), paired_comparison(second, first)
    assert (back.mean_difference, back.effect) == (-there.mean_difference, -there.effect)
    assert back.p_value == there.p_value


def test_pairs_without_both_values_are_left_out() -> None:
    assert paired_comparison([1, math.nan, 3], [0, 1, math.nan]) == paired_comparison([1], [0])


def test_too_few_for_a_test() -> None:
    first = np.arange(1.0, FEWEST_FOR_TEST)
    assert math.isnan(paired_comparison(first, np.zeros_like(first)).p_value)
    assert paired_comparison([*first, 6], np.zeros(FEWEST_FOR_TEST)).p_value == pytest.approx(2 / 2**FEWEST_FOR_TEST)
    # Sequences on which two methods agree say nothing of which is nearer.
    assert math.isnan(paired_comparison([*first, 0, 0, 0], np.zeros(FEWEST_FOR_TEST + 2)).p_value)


def test_equal_methods_and_constant_differences_have_no_effect_size() -> None:
    assert paired_comparison([1, 2, 3], [1, 2, 3])[:2] == (3, 0)
    assert math.isnan(paired_comparison([1, 2, 3], [1, 2, 3]).effect)
    assert math.isnan(paired_comparison([2, 3, 4], [1, 2, 3]).effect)
    assert paired_comparison([], []).number == 0
    # A difference of a tenth is not the same to the last bit on every sequence.
    assert math.isnan(paired_comparison([1.1, 2.2, 3.3, 0.7], [1.0, 2.1, 3.2, 0.6]).effect)
    assert math.isnan(paired_comparison([1000.1, 2000.2, 3000.3], [1000.0, 2000.1, 3000.2]).effect)


def test_one_pair_has_no_effect_size_and_two_have_one() -> None:
    assert paired_comparison([3], [1])[:2] == (1, 2)
    assert math.isnan(paired_comparison([3], [1]).effect)
    assert paired_comparison([3, 5], [2, 2]).effect == pytest.approx(2 / math.sqrt(2))
    tiny = 1e-9 * np.array([3.0, 5.0])  # small values are no rounding
    assert paired_comparison(tiny, 1e-9 * np.array([2.0, 2.0])).effect == pytest.approx(2 / math.sqrt(2))


def test_holms_adjustment_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.04 times 3, 2, 1, never falling.
    assert holm([0.04, math.nan, 0.01, 0.02]) == pytest.approx([0.04, math.nan, 0.03, 0.04], nan_ok=True)
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
