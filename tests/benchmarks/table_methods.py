"""Table of every registered method on recorded markers: both protocols, several rates and horizons.

    python tests/benchmarks/table_methods.py --data ../shared/data/markers --out reports --work /somewhere/table

Every method runs with its default settings. What is finished in the work folder, per sequence, rate, protocol, method
and horizon, is not done again. When the budget is used up, cells that are not finished stay empty, and the table says
so.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cinecast.errors import CinecastError
from cinecast.score import SCORE_COLUMNS
from cinecast.series import Spans, TraceSource, group_columns, plan_series, read_trace, write_series
from cinecast.settings import ForecastSettings
from cinecast.store.tables import write_table
from cinecast_models import METHODS, ForecastingError

# Rate in Hz of each array, and the spans of arXiv 2403.01607 in samples.
RATES = {
    "hz_3.33": (3.33, Spans(100, 200, 180)),
    "hz_10": (10.0, Spans(300, 600, 540)),
    "hz_30": (30.0, Spans(900, 1800, 1620)),
}
PROTOCOLS = ("causal", "published")
# What a trained population forecasts depends on what it was trained on.
_WITHOUT_FILES = [name for name in METHODS if name != "population_transformer"]


class Cell(NamedTuple):
    """One method on one sequence."""

    protocol: str
    array: str
    horizon: str
    method: str
    file: Path


def cells(arguments: argparse.Namespace) -> Iterator[Cell]:
    """Yield all cells, sequences innermost, so that a budget leaves whole averages."""
    files = sorted(arguments.data.glob("markers-*.npz"))[: arguments.sequences]
    for array in arguments.arrays:
        for horizon in arguments.horizons:
            for method in arguments.methods or _WITHOUT_FILES:
                for protocol in PROTOCOLS:
                    for file in files:
                        yield Cell(protocol, array, horizon, method, file)


def measure(cell: Cell, work: Path, runs: int) -> list[dict[str, str]]:
    """Return the scores of one cell, from the work folder where they are up to date."""
    rate, spans = RATES[cell.array]
    trace = read_trace(cell.file, TraceSource(array=cell.array, sample_rate_hz=rate))
    objects = group_columns(trace.columns, "3d", named=False)
    settings = ForecastSettings((cell.method,), (cell.horizon,), cell.protocol, runs)  # type: ignore[arg-type]
    plan = plan_series(trace, objects, settings, spans)
    rows = write_series(work / cell.protocol / trace.name, plan)
    return [row for row in rows if row["method"] == cell.method]


def measure_all(arguments: argparse.Namespace) -> tuple[dict[Cell, list[dict[str, str]]], dict[str, int]]:
    """Return the scores by cell, and how many cells failed by what was said."""
    found: dict[Cell, list[dict[str, str]]] = {}
    failures: dict[str, int] = defaultdict(int)
    start = time.monotonic()
    for cell in cells(arguments):
        if time.monotonic() - start > arguments.budget:
            failures[f"budget of {arguments.budget:g} s used up before"] += 1
            continue
        try:
            found[cell] = measure(cell, arguments.work, arguments.runs)
        except (CinecastError, ForecastingError) as error:
            failures[f"{cell.method}, {cell.protocol}, {cell.array}, {cell.horizon}: {error}"] += 1
    return found, failures


def markdown(
    found: dict[Cell, list[dict[str, str]]], failures: dict[str, int], arguments: argparse.Namespace
) -> Iterator[str]:
    """Yield the lines of the report."""
    yield "# Every method on recorded external markers\n"
    yield (
        "Written by `python tests/benchmarks/table_methods.py`. Three markers on chest and abdomen (Krilavicius et al. "
        f"2015), {len({cell.file for cell in found})} recordings; spans of arXiv 2403.01607; default settings of "
        f"every method, {arguments.runs} run(s) of those that draw numbers. Averages over recordings: RMSE in mm, 3D "
        "distance (nRMSE). A number in square brackets after a cell says how many recordings are in it where "
        "some are missing. "
        "Nothing is tuned to these recordings, which have 9 components; the papers choose settings per recording. "
        f"Thinned to the horizons {', '.join(arguments.horizons)}, {arguments.runs} run(s); "
        f"{f'budget {arguments.budget:g} s' if failures else 'no cell was left out'}.\n"
    )
    for array in arguments.arrays:
        for protocol in PROTOCOLS:
            label = "causal" if protocol == "causal" else "published: NON-CAUSAL, targets are handed over at once"
            yield f"## {RATES[array][0]:g} Hz, {label}\n"
            yield "| method | " + " | ".join(arguments.horizons) + " | ms/step |"
            yield "|---|" + "---|" * (len(arguments.horizons) + 1)
            for method in arguments.methods or _WITHOUT_FILES:
                yield _line(found, array, protocol, method, arguments)
            yield ""
    if failures:
        yield "Cells without a number:\n"
        yield from (f"- {count} x {reason}" for reason, count in failures.items())


def _line(
    found: dict[Cell, list[dict[str, str]]], array: str, protocol: str, method: str, arguments: argparse.Namespace
) -> str:
    texts, steps = [], []
    for horizon in arguments.horizons:
        rows = [r for cell, r in found.items() if cell[:4] == (protocol, array, horizon, method)]
        values = {name: [_value(row, name) for row in rows] for name in ("rmse", "nrmse", "step_time_ms")}
        steps += values["step_time_ms"]
        short = "" if len(rows) == arguments.sequences else f" [{len(rows)}]"
        mean = f"{np.mean(values['rmse']):.2f} ({np.mean(values['nrmse']):.2f}){short}"
        texts.append(mean if rows else "-")
    return f"| {method} | {' | '.join(texts)} | {f'{np.median(steps):.3f}' if steps else '-'} |"


def _value(rows: list[dict[str, str]], metric: str) -> float:
    return next(float(row["value"]) for row in rows if row["metric"] == metric)


def main() -> None:
    """Measure and write ``methods_markers.md`` and ``methods_markers.csv``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of markers-N.npz")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder of the two tables")
    parser.add_argument("--work", type=Path, required=True, help="folder of finished cells")
    parser.add_argument("--arrays", nargs="+", choices=list(RATES), default=list(RATES))
    parser.add_argument("--horizons", nargs="+", default=["0.3s", "0.6s", "0.9s", "1.2s", "1.5s", "1.8s", "2.1s"])
    parser.add_argument("--methods", nargs="+", help="all registered ones by default")
    parser.add_argument("--sequences", type=int, default=6, help="how many recordings")
    parser.add_argument("--runs", type=int, default=5, help="random runs")
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds after which no cell is begun")
    arguments = parser.parse_args()
    arguments.sequences = min(arguments.sequences, len(list(arguments.data.glob("markers-*.npz"))))
    found, failures = measure_all(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(markdown(found, failures, arguments)) + "\n"
    (arguments.out / "methods_markers.md").write_text(text, encoding="utf-8")
    rows = [[row[name] for name in SCORE_COLUMNS] for each in found.values() for row in each]
    write_table(arguments.out / "methods_markers.csv", SCORE_COLUMNS, rows)


if __name__ == "__main__":
    main()
