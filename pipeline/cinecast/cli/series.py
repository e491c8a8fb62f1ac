"""``cinecast series``: forecast any trace, without images."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from cinecast.cli.console import BarProgress, output
from cinecast.cli.options import MethodOption
from cinecast.cli.series_options import (
    ArrayOption,
    AssignmentsOption,
    ColumnOption,
    EveryOption,
    FileArgument,
    GroupOption,
    OfflineTrainEndOption,
    OutOption,
    ProtocolOption,
    RateOption,
    RunsOption,
    SampleRateOption,
    SeedOption,
    TimeColumnOption,
    TrainEndOption,
    ValidationEndOption,
)
from cinecast.cli.tables import SERIES_COLUMNS, scores_table
from cinecast.errors import SettingsError
from cinecast.forecast import load_method_settings
from cinecast.series import (
    Grouping,
    SeriesPlan,
    Spans,
    Trace,
    TraceSource,
    group_columns,
    keep_every,
    plan_series,
    read_trace,
    resample,
    write_series,
)
from cinecast.series.writer import SCORES_FILE
from cinecast.settings import ForecastSettings
from cinecast.settings.toml_file import build_settings, merge, parse_assignment

_DEFAULT = ForecastSettings()
_ASSIGNMENT = re.compile(r"\s*\w+\.\w+\s*=.*", re.DOTALL)


def series(
    file: FileArgument,
    out: OutOption,
    method: MethodOption = None,
    horizon: Annotated[
        list[str] | None,
        typer.Option(
            "--horizon", metavar="0.5s|3", help="Seconds or samples; repeat for several. [default: 0.33s, 0.67s, 1.0s]"
        ),
    ] = None,
    time_column: TimeColumnOption = None,
    column: ColumnOption = None,
    array: ArrayOption = None,
    sample_rate: SampleRateOption = None,
    every: EveryOption = None,
    rate: RateOption = None,
    group: GroupOption = "auto",
    train_end: TrainEndOption = None,
    validation_end: ValidationEndOption = None,
    offline_train_end: OfflineTrainEndOption = None,
    protocol: ProtocolOption = _DEFAULT.protocol,
    runs: RunsOption = _DEFAULT.runs,
    seed: SeedOption = _DEFAULT.seed,
    assignments: AssignmentsOption = None,
) -> None:
    """Forecast any multivariate trace, such as external markers, and score it in its own unit.

    Nothing is resampled unless --every or --rate is given. What is up to date in FOLDER is kept.
    """
    source = TraceSource(time_column, tuple(column or ()), array, sample_rate)
    options = {"protocol": protocol, "runs": runs, "seed": seed}
    options |= {name: value for name, value in (("methods", method), ("horizons", horizon)) if value}
    forecast = _forecast_settings(options, assignments or [])
    trace = _at_rate(read_trace(file, source), every, rate)
    if group not in get_args(Grouping):
        raise SettingsError(f"--group must be one of {', '.join(get_args(Grouping))}, got {group!r}; choose one")
    objects = group_columns(trace.columns, group, named=trace.named)  # type: ignore[arg-type]  # checked just above
    spans = Spans(train_end, validation_end, offline_train_end)
    plan = plan_series(trace, objects, forecast, spans, load_method_settings(forecast))
    with BarProgress().working("series", len(plan.tasks)) as advance:
        rows = write_series(out, plan, advance)
    _print_result(plan, rows, out)


def _forecast_settings(options: dict[str, Any], assignments: list[str]) -> ForecastSettings:
    tables: dict[str, Any] = {}
    for text in assignments:
        if not _ASSIGNMENT.fullmatch(text):
            raise SettingsError(
                f"--set takes METHOD.NAME=VALUE, such as rls.ridge=3, got {text!r}; see 'cinecast methods' for all"
            )
        tables = merge(tables, parse_assignment(text))
    return build_settings({"forecast": merge(tables, options)}).forecast


def _at_rate(trace: Trace, every: int | None, rate: float | None) -> Trace:
    if every is not None and rate is not None:
        raise SettingsError(f"--every and --rate exclude each other, got {every} and {rate:g}; give one of them")
    if every is not None:
        return keep_every(trace, every)
    return trace if rate is None else resample(trace, rate)


def _print_result(plan: SeriesPlan, rows: list[dict[str, str]], out: Path) -> None:
    trace = plan.trace
    for sentence in trace.history:
        output.print(sentence, highlight=False, markup=False, soft_wrap=True)
    facts = f"{len(trace.samples)} samples at {1 / trace.period_s:.4g} Hz, {plan.objects}"
    output.print(facts, highlight=False, markup=False, soft_wrap=True)
    output.print(scores_table(rows, SERIES_COLUMNS))
    output.print(f"Scores: {out / SCORES_FILE}", highlight=False, soft_wrap=True)
