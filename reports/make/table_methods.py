"""Table of every registered method on all recorded data: both protocols, every horizon, default settings.

    python reports/make/table_methods.py --data ../shared/data --out reports --work /somewhere/table

What is finished in the work folder, per recording, protocol, method and horizon, is not done again, unless settings or
seed have changed. When the budget is used up, cells that are not finished stay empty, and the table says so.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded; small products gain nothing by threads

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from table_data import DataSet, Recording, all_data
from table_page import MethodScores, averages_csv, page

from cinecast.errors import CinecastError
from cinecast.series import plan_series
from cinecast.series.plan import SeriesPlan, SeriesTask
from cinecast.series.scores import score_forecast
from cinecast.settings import ForecastSettings
from cinecast.store.digests import json_digest
from cinecast.store.replacing import replacing
from cinecast_models import METHODS, ForecastingError, SeriesForecast, forecast_series

PROTOCOLS = ("causal", "published")
# What a trained population forecasts depends on what it was trained on.
_WITHOUT_FILES = [name for name in METHODS if name != "population_transformer"]


class Work(NamedTuple):
    """One method on one recording in one protocol, all horizons."""

    data: str
    recording: Recording
    protocol: str
    method: str
    horizons: tuple[int, ...]
    runs: int
    folder: Path
    deadline: float


def works(data: list[DataSet], arguments: argparse.Namespace) -> Iterator[Work]:
    """Yield all work, recordings innermost, so that a budget leaves whole averages."""
    deadline = time.monotonic() + arguments.budget
    for each in data:
        recordings = list(each.recordings())
        for method, protocol, recording in product(arguments.methods or _WITHOUT_FILES, PROTOCOLS, recordings):
            # What is fitted once learns nothing from the targets that the published protocol hands over.
            if protocol == "causal" or not METHODS[method].offline:
                horizons = each.horizons[:: int(dict(arguments.every).get(each.name, 1))]
                yield Work(each.name, recording, protocol, method, horizons, arguments.runs, arguments.work, deadline)


def measure(work: Work) -> tuple[list[MethodScores], list[str]]:
    """Return the scores of one piece of work, from the work folder where they are up to date, and what failed."""
    cells, failures, held = [], [], work.recording.held
    for horizon in work.horizons:
        settings = ForecastSettings((work.method,), (str(horizon),), work.protocol, work.runs)  # type: ignore[arg-type]
        where = f"{work.method}, {work.protocol}, {work.data}"
        try:
            plan = plan_series(work.recording.trace, work.recording.objects, settings, work.recording.spans)
            task = next(task for task in plan.tasks if task.method == work.method)
            mark = json_digest([plan.task_settings(task), plan.trace.samples.tolist(), sorted(held)])
            file = (
                work.folder / work.data / work.protocol / plan.trace.name / f"{work.method}_{horizon}_{mark[:16]}.json"
            )
            if not file.exists():
                if time.monotonic() > work.deadline:
                    failures.append(f"{where}: the budget was used up before")
                    continue
                _write(file, _scores(plan, task, held))
            scores = json.loads(file.read_text())
            cells.append(MethodScores(work.data, work.protocol, work.method, horizon, task.horizon.seconds, scores))
        except (CinecastError, ForecastingError) as error:
            failures.append(f"{where}, horizon {horizon}: {error}")
    return cells, failures


def _scores(plan: SeriesPlan, task: SeriesTask, held: Collection[int]) -> dict[str, tuple[float, int]]:
    """Return value and number of runs of every metric; nothing is learned from held samples, and no error is theirs."""
    settings = plan.forecast
    forecast = forecast_series(
        plan.trace.samples,
        method=task.method,
        settings=task.settings,
        horizon=task.horizon.frames,
        train_end=task.train_end,
        protocol=settings.protocol,
        runs=settings.runs,
        seed=settings.seed,
        held=held,
    )
    scores = {score.metric: score for score in score_forecast(plan, forecast)}
    if held:
        errors = {score.metric: score for score in score_forecast(*_without(plan, forecast, held))}
        scores |= {metric: score for metric, score in errors.items() if metric not in ("jitter", "step_time_ms")}
    return {metric: (score.value, score.runs) for metric, score in scores.items()}


def _without(plan: SeriesPlan, forecast: SeriesForecast, held: Collection[int]) -> tuple[SeriesPlan, SeriesForecast]:
    """Return plan and forecast without the held samples of the test span."""
    left_out = [t for t in plan.split.test_frames if t in held]
    samples = np.delete(plan.trace.samples, left_out, axis=0)
    lost = np.delete(plan.trace.lost, left_out)
    trace = replace(plan.trace, samples=samples, times_s=plan.trace.times_s[: len(samples)], lost=lost)
    split = replace(plan.split, test_end=len(samples))
    forecasts = np.delete(forecast.forecasts, left_out, axis=1)
    return replace(plan, trace=trace, split=split), replace(forecast, forecasts=forecasts)


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as temporary:
        temporary.write_text(json.dumps(content))


def measure_all(data: list[DataSet], arguments: argparse.Namespace) -> tuple[list[MethodScores], dict[str, int]]:
    """Return all scores, and how many cells failed by what was said."""
    found: list[MethodScores] = []
    failures: dict[str, int] = defaultdict(int)
    with ProcessPoolExecutor(arguments.workers) as pool:
        for cells, failed in pool.map(measure, works(data, arguments)):
            found += cells
            for reason in failed:
                failures[reason] += 1
            found += [cell._replace(protocol="published") for cell in cells if METHODS[cell.method].offline]
    return found, failures


def main() -> None:
    """Measure and write ``methods.md`` and ``methods.csv``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with markers/ and cine/")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder of the two tables")
    parser.add_argument("--work", type=Path, required=True, help="folder of finished cells")
    parser.add_argument("--sets", nargs="+", help="names of data sets; all by default")
    parser.add_argument(
        "--every",
        action="append",
        default=[],
        type=lambda text: text.split("="),
        metavar="SET=N",
        help="keep every Nth horizon of a data set, such as markers_hz_30=3",
    )
    parser.add_argument("--methods", nargs="+", help="all that need no file by default")
    parser.add_argument("--runs", type=int, default=2, help="random runs")
    parser.add_argument("--workers", type=int, default=1, help="processes; more than one disturb the times per step")
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds after which no cell is begun")
    arguments = parser.parse_args()
    data = [each for each in all_data(arguments.data, arguments.work) if each.name in (arguments.sets or each.name)]
    found, failures = measure_all(data, arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "methods.md").write_text(page(data, found, failures, arguments.runs), encoding="utf-8")
    (arguments.out / "methods.csv").write_text(averages_csv(found), encoding="utf-8")


if __name__ == "__main__":
    main()
