"""Which modes of a motion model the page shows at once, and how many of them each method forecasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.references import ORACLE
from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.listed import listed

# Of the variance that all modes of the model explain in the train span.
SHARE_SHOWN = 0.95


def few_modes(explained_variance: NDArray[np.float64]) -> int:
    """Return how many modes are shown at once: the fewest that hold 95 % of what all of them explain.

    Parameters
    ----------
    explained_variance
        Share of the train span's variance that each mode explains, shape (K,), the largest first.

    Returns
    -------
    int
        At least 1. K where that would leave out a single mode, or where no mode explains anything.
    """
    total = float(explained_variance.sum())
    if not total > 0:
        return len(explained_variance)
    reached = np.cumsum(explained_variance) >= SHARE_SHOWN * total * (1 - 1e-12)  # sums are rounded
    few = int(np.argmax(reached)) + 1
    return len(explained_variance) if few == len(explained_variance) - 1 else few


def forecast_modes(entry: ReportEntry) -> int:
    """Return how many modes a method forecasts; those that it leaves out stay at 0, their mean over the train span."""
    used = np.flatnonzero(np.nan_to_num(entry.forecasts).any(axis=(0, 1)))
    return int(used[-1]) + 1 if len(used) else 0


def oracle_words(data: ReportData) -> str:
    """Return what the oracle is, of how many modes, and how that number differs from those of the forecasters.

    Parameters
    ----------
    data
        One run, or several compared.

    Returns
    -------
    str
        Sentences; empty without an oracle, and for runs compared, which may differ in all of this.
    """
    oracle = next((entry for entry in data.entries if entry.method == ORACLE), None)
    if oracle is None or data.runs:
        return ""
    count = len(data.models[oracle.model].modes)
    said = (
        "The oracle takes the weights that were measured on the frame itself, "
        f"for {_modes(count, 'all ')} of the motion model. It is no forecast. "
        "Its error is what remains when every weight is right."
    )
    others: dict[int, list[str]] = {}
    for entry in data.entries:
        if not entry.is_reference:
            others.setdefault(forecast_modes(entry), []).append(entry.title)
    fewer = {number: list(dict.fromkeys(titles)) for number, titles in others.items() if 0 < number < count}
    for number, titles in sorted(fewer.items()):
        said += (
            f" {listed(titles)} {'forecasts' if len(titles) == 1 else 'forecast'} the first {_modes(number)} only, "
            "and cannot reach this error."
        )
    drifting = list(dict.fromkeys(entry.title for entry in data.entries if entry.follows_drift))
    if oracle.follows_drift:
        said += " The mean motion is corrected as it drifts, for the oracle and for all methods."
    elif drifting:
        said += (
            f" {listed(drifting)} also {'corrects' if len(drifting) == 1 else 'correct'} the mean motion "
            "as it drifts. "
            "The oracle does not, so after a large drift its error can be the larger one."
        )
    return said


def _modes(count: int, before: str = "") -> str:
    return "the one mode" if count == 1 else f"{before}{count} modes"
