"""The page and the table of averages that `table_methods` writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from table_data import DataSet

from cinecast.store.tables import table_text

PROTOCOL_TITLES = {
    "causal": "causal",
    "published": "published: NON-CAUSAL, targets are handed over before they exist",
}
COLUMNS = (
    "data",
    "protocol",
    "method",
    "horizon_frames",
    "horizon_s",
    "metric",
    "mean",
    "standard_error",
    "recordings",
)


class MethodScores(NamedTuple):
    """Scores of one method on one recording: ``metric -> (value, runs)``."""

    data: str
    protocol: str
    method: str
    horizon: int
    horizon_s: float
    scores: dict[str, tuple[float, int]]


def averages_csv(cells: list[MethodScores]) -> str:
    """Return the mean over recordings of every metric and its standard error, as CSV."""
    values: dict[tuple[str, str, str, int, str], list[float]] = defaultdict(list)
    seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for cell in cells:
        seconds[cell.data, cell.horizon].append(cell.horizon_s)
        for metric, (value, _) in cell.scores.items():
            values[cell.data, cell.protocol, cell.method, cell.horizon, metric].append(value)
    return table_text(
        COLUMNS,
        (
            (*key[:4], round(float(np.mean(seconds[key[0], key[3]])), 4), key[4], *_mean(found))
            for key, found in values.items()
        ),
    )


def _mean(found: list[float]) -> tuple[float, float | None, int]:
    error = float(f"{np.std(found, ddof=1) / np.sqrt(len(found)):.3g}") if len(found) > 1 else None
    return float(f"{np.mean(found):.5g}"), error, len(found)


def page(data: list[DataSet], cells: list[MethodScores], failures: dict[str, int], runs: int) -> str:
    """Return the page in Markdown: a table for each data set and protocol, methods by horizon."""
    return "\n".join(_lines(data, cells, failures, runs)) + "\n"


def _lines(data: list[DataSet], cells: list[MethodScores], failures: dict[str, int], runs: int) -> Iterator[str]:
    yield "# Every method on recorded data\n"
    yield (
        "Written by `python reports/make/table_methods.py`; `methods.csv` beside this page has every metric with "
        "its standard error. nRMSE, mean over the recordings of a set: 1 is as good as forecasting the mean of the "
        f"test span. Default settings of every method, {runs} random runs of those that draw numbers; nothing is tuned "
        "to a recording (the papers choose settings for each), and histories are 12 samples whatever the rate. Spans "
        "are those of the papers; methods fitted once get the papers' longer train span, and are the same in both "
        "protocols. The lowest value of a horizon is bold. Times per step were taken on a busy machine.\n"
    )
    yield (
        "nRMSE says how well weights are forecast, not how far off the tissue is: errors in mm of the cine sequences, "
        "at landmarks first, are in [mixture.md](mixture.md). The weights are those of the default flow and motion "
        "model. Faulty frames hold the motion of the frame before; they teach nothing and are not scored.\n"
    )
    for each in data:
        own = [cell for cell in cells if cell.data == each.name]
        for protocol, title in PROTOCOL_TITLES.items():
            yield f"## {each.title}, {title}\n"
            yield from _table([cell for cell in own if cell.protocol == protocol], len(each.horizons))
            yield ""
    if failures:
        yield "Cells without a number:\n"
        yield from (f"- {count} x {reason}" for reason, count in failures.items())


def _table(cells: list[MethodScores], all_horizons: int) -> Iterator[str]:
    horizons = sorted({cell.horizon for cell in cells})
    recordings = max((len(found) for found in _by_horizon(cells).values()), default=0)
    seconds = {h: np.mean([cell.horizon_s for cell in cells if cell.horizon == h]) for h in horizons}
    means = {key: float(np.mean(found)) for key, found in _by_horizon(cells).items()}
    best = {h: min(value for (_, horizon), value in means.items() if horizon == h) for h in horizons}
    unit = any("rmse" in cell.scores for cell in cells) and cells[0].data.startswith("markers")
    shown = "all" if len(horizons) == all_horizons else f"{len(horizons)} of the"
    yield f"{recordings} recordings, {shown} {all_horizons} horizons of the paper.\n"
    yield (
        "| method | mean | "
        + "RMSE, mm | " * unit
        + " | ".join(f"{seconds[h]:.2f} s" for h in horizons)
        + " | ms/step |"
    )
    yield "|---|" + "---|" * (len(horizons) + 2 + unit)
    for method in dict.fromkeys(cell.method for cell in cells):
        own = [cell for cell in cells if cell.method == method]
        texts = [f"{np.mean([means[method, h] for h in horizons if (method, h) in means]):.3f}"]
        texts += [f"{np.mean([cell.scores['rmse'][0] for cell in own]):.2f}"] * unit
        texts += [
            _text(means.get((method, h)), best[h], len(_by_horizon(own)[method, h]), recordings) for h in horizons
        ]
        steps = f"{np.median([cell.scores['step_time_ms'][0] for cell in own]):.3f}"
        yield f"| {method} | {' | '.join(texts)} | {steps} |"


def _by_horizon(cells: list[MethodScores]) -> dict[tuple[str, int], list[float]]:
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for cell in cells:
        found[cell.method, cell.horizon].append(cell.scores["nrmse"][0])
    return found


def _text(mean: float | None, best: float, count: int, recordings: int) -> str:
    if mean is None:
        return "-"
    number = f"**{mean:.2f}**" if mean == best else f"{mean:.2f}"
    return number + (f" [{count}]" if count < recordings else "")
