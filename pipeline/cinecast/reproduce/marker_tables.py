"""Tables of external markers: published averages beside ours, over all recordings and over the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cinecast.reproduce.comparison import ComparisonRow
from cinecast.reproduce.markers import RATES
from cinecast.reproduce.published import IRREGULAR, MarkerFigures, MarkerKey

_METRICS = ("nrmse", "rmse", "mae", "max_error", "jitter")


def marker_tables(rows: Sequence[ComparisonRow], figures: MarkerFigures) -> Iterator[str]:
    """Yield the lines of the tables in Markdown, rate by rate.

    Parameters
    ----------
    rows
        Our figures, by recording and horizon.
    figures
        Published averages.

    Yields
    ------
    One line at a time, without its line break.
    """
    for rate in dict.fromkeys(key.rate for key in figures.averages):
        own = [row for row in rows if row.sequence.endswith(_ending(rate))]
        if not own:
            continue
        count = len({row.sequence for row in own})
        yield f"## {rate} Hz: published / ours"
        yield ""
        yield (
            f"Averages over all horizons; published: nine recordings, ours: the {count} at hand, so a difference "
            "is not only ours. Errors in mm. Methods in order of our nRMSE; where figures are missing, averages are "
            "over those that there are, and no difference is given."
        )
        yield ""
        yield from _table(rate, own, figures.averages, _METRICS)
        names = {f"{name}{_ending(rate)}" for name in IRREGULAR}
        same = [row for row in own if row.sequence in names]
        if names == {row.sequence for row in same} and any(key.rate == rate for key in figures.irregular):
            yield f"### {rate} Hz, the same recordings: published / ours"
            yield ""
            yield (
                f"Averages over all horizons of the recordings with irregular breathing, {', '.join(IRREGULAR)}, "
                "of which the paper gives averages of their own (without jitter)."
            )
            yield ""
            yield from _table(rate, same, figures.irregular, _METRICS[:-1])


def _ending(rate: str) -> str:
    """Return how names of recordings at a rate end."""
    return f"_hz_{rate}"


def _table(
    rate: str, rows: Sequence[ComparisonRow], published: Mapping[MarkerKey, float], metrics: tuple[str, ...]
) -> Iterator[str]:
    wanted = len({row.sequence for row in rows}) * len(RATES[rate].horizons)
    yield f"| method | {' | '.join(metrics)} | difference of nRMSE |"
    yield "|---" * (len(metrics) + 2) + "|"
    means = {
        (method, metric): float(np.mean([row.ours for row in rows if (row.method, row.metric) == (method, metric)]))
        for method in dict.fromkeys(row.method for row in rows)
        for metric in metrics
    }
    for method in sorted({name for name, _ in means}, key=lambda name: means[name, "nrmse"]):
        cells = []
        for metric in metrics:
            figure = published.get(MarkerKey(rate, method, metric))
            cells.append(f"{'-' if figure is None else f'{figure:.3f}'} / {means[method, metric]:.3f}")
        known = published.get(MarkerKey(rate, method, "nrmse"))
        number = sum((row.method, row.metric) == (method, "nrmse") for row in rows)
        label = method if number == wanted else f"{method} ({number} of {wanted} figures)"
        apart = "-"
        if known is not None and number == wanted:
            apart = f"{100 * (means[method, 'nrmse'] / known - 1):+.1f} %"
        yield f"| {label} | {' | '.join(cells)} | {apart} |"
    yield ""
