"""Statistics over sequences: spread of one method, and two methods in pairs. Functions of numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

# With fewer differences no arrangement of signs reaches p < 0.05 on two sides.
FEWEST_FOR_TEST = 6
# A spread below this share of the values is rounding.
_ROUNDING = 1e-12


class Spread(NamedTuple):
    """Values of several sequences: their number, mean, standard deviation (n - 1), median and range.

    NaN where there are no values, or one alone for the standard deviation.
    """

    number: int
    mean: float
    deviation: float
    median: float
    low: float
    high: float


class PairedComparison(NamedTuple):
    """Two methods on the same sequences.

    ``number`` of pairs; ``mean_difference``, first minus second; ``effect``, Cohen's d of paired samples, which is the
    mean difference over its standard deviation (NaN where that is 0, or with one pair); two-sided ``p_value`` of
    Wilcoxon's signed-rank test (NaN with fewer than `FEWEST_FOR_TEST` differences that are not 0).
    """

    number: int
    mean_difference: float
    effect: float
    p_value: float


def spread(values: ArrayLike) -> Spread:
    """Return the spread of values, shape (n,), NaNs left out."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return Spread(0, np.nan, np.nan, np.nan, np.nan, np.nan)
    deviation = float(numbers.std(ddof=1)) if numbers.size > 1 else np.nan
    low, high = float(numbers.min()), float(numbers.max())
    return Spread(numbers.size, float(numbers.mean()), deviation, float(np.median(numbers)), low, high)


def paired_comparison(first: ArrayLike, second: ArrayLike) -> PairedComparison:
    """Compare two methods by their values on the same sequences; pairs with a NaN are left out.

    Wilcoxon (1945), Biometrics Bulletin 1, 80-83, differences of 0 left out; d as in Cohen (1988), d_z.

    Parameters
    ----------
    first
        Values of the first method, shape (n,).
    second
        Values of the second method on the same sequences in the same order, shape (n,).

    Returns
    -------
    PairedComparison
        With ``number`` 0 and NaNs where no pair is left.
    """
    pairs = np.array([first, second], dtype=np.float64)
    pairs = pairs[:, np.isfinite(pairs).all(axis=0)]
    differences = pairs[0] - pairs[1]
    count = differences.size
    if not count:
        return PairedComparison(0, np.nan, np.nan, np.nan)
    mean = float(differences.mean())
    deviation = float(differences.std(ddof=1)) if count > 1 else 0.0
    effect = mean / deviation if deviation > _ROUNDING * float(np.abs(pairs).max()) else np.nan
    return PairedComparison(count, mean, effect, _signed_rank_p_value(differences))


def _signed_rank_p_value(differences: NDArray[np.float64]) -> float:
    if np.count_nonzero(differences) < FEWEST_FOR_TEST:
        return np.nan
    # Here, as a small batch does without scipy.stats, which takes half a second; scipy ships no types.
    from scipy.stats import wilcoxon  # type: ignore[import-untyped]

    test: Any = wilcoxon(differences)
    return float(test.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values of several tests made together, adjusted by Holm (1979), Scand. J. Statist. 6, 65-70.

    NaNs, tests that were not made, stay NaN and do not count.
    """
    adjusted = [float("nan")] * len(p_values)
    order = sorted((p, i) for i, p in enumerate(p_values) if np.isfinite(p))
    largest = 0.0
    for rank, (p, i) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        adjusted[i] = largest
    return adjusted
