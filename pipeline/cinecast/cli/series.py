"""``cinecast series``: forecast any trace, without images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from cinecast.cli.console import BarProgress, print_table, say
from cinecast.cli.options import MethodOption, WideOption
from cinecast.cli.series_options import (
    ArrayOption,
    AssignmentsOption,
    CausalRateOption,
    ColumnOption,
    EveryOption,
    FigureOption,
    FileArgument,
    GroupOption,
    LevelOption,
    LongestGapOption,
    MissingOption,
    OfflineTrainEndOption,
    OutOption,
    ProtocolOption,
    RateOption,
    RunsOption,
    SampleRateOption,
    SeedOption,
    TimeColumnOption,
    TimeUnitOption,
    TrainEndOption,
    UnitOption,
    ValidationEndOption,
    ValidWhenOption,
)
from cinecast.cli.tables import scores_table, series_columns
from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.errors import SettingsError
from cinecast.forecast import load_method_settings
from cinecast.series import (
    Grouping,
    Recording,
    SeriesPlan,
    Spans,
    Trace,
    TraceSource,
    group_columns,
    keep_every,
    on_clock,
    plan_series,
    read_recording,
    resample,
    resample_causally,
    write_series,
)
from cinecast.series.plan import DEFAULT_LEVEL
from cinecast.series.writer import REPORT, SCORES_FILE, check_figure
from cinecast.settings import ForecastSettings
from cinecast.settings.toml_file import build_settings, merge, parse_assignment

_DEFAULT = ForecastSettings()


def series(
    file: FileArgument,
    out: OutOption,
    method: MethodOption = None,
    horizon: Annotated[
        list[str] | None,
        typer.Option(
            "--horizon",
            metavar="0.5s|3",
            help="Seconds or samples; all that shall be in FOLDER; repeat. [default: 0.33s, 0.67s, 1.0s]",
        ),
    ] = None,
    time_column: TimeColumnOption = None,
    column: ColumnOption = None,
    array: ArrayOption = None,
    sample_rate: SampleRateOption = None,
    time_unit: TimeUnitOption = None,
    missing: MissingOption = None,
    valid_when: ValidWhenOption = None,
    longest_gap: LongestGapOption = LONGEST_GAP_S,
    every: EveryOption = None,
    rate: RateOption = None,
    causal_rate: CausalRateOption = None,
    unit: UnitOption = None,
    group: GroupOption = "auto",
    train_end: TrainEndOption = None,
    validation_end: ValidationEndOption = None,
    offline_train_end: OfflineTrainEndOption = None,
    protocol: ProtocolOption = _DEFAULT.protocol,
    runs: RunsOption = _DEFAULT.runs,
    seed: SeedOption = _DEFAULT.seed,
    level: LevelOption = DEFAULT_LEVEL,
    assignments: AssignmentsOption = None,
    figure: FigureOption = None,
    wide: WideOption = False,
) -> None:
    """Forecast any multivariate trace, such as external markers, and score it in its own unit.

    Nothing is resampled unless --every, --rate or --causal-rate is given. Short gaps are filled in and not scored;
    after long gaps the history begins anew. Results in FOLDER that are up to date are kept.
    FOLDER/report/index.html shows traces, forecasts with bands, errors and gaps.
    """
    source = TraceSource(
        time_column,
        tuple(column or ()),
        array,
        sample_rate,
        time_unit,
        _missing(missing),
        _valid_when(valid_when),
        longest_gap,
        unit,
    )
    if figure is not None:
        check_figure(figure)
    options = {"protocol": protocol, "runs": runs, "seed": seed}
    options |= {name: value for name, value in (("methods", method), ("horizons", horizon)) if value}
    forecast = _forecast_settings(options, assignments or [])
    trace = _at_rate(read_recording(file, source), longest_gap, every, rate, causal_rate)
    if group not in get_args(Grouping):
        raise SettingsError(f"--group must be one of {', '.join(get_args(Grouping))}, got {group!r}; choose one")
    objects = group_columns(trace.columns, group, named=trace.named)  # type: ignore[arg-type]  # checked just above
    spans = Spans(train_end, validation_end, offline_train_end)
    plan = plan_series(trace, objects, forecast, spans, load_method_settings(forecast), level)
    with BarProgress().working("series", len(plan.tasks)) as advance:
        rows = write_series(out, plan, advance, figure)
    _print_result(plan, rows, out, wide)
    if figure is not None:
        say(f"Figure: {figure}")


def _forecast_settings(options: dict[str, Any], assignments: list[str]) -> ForecastSettings:
    tables: dict[str, Any] = {"forecast": options}
    for text in assignments:
        change = parse_assignment(text)
        if "forecast" not in change:
            raise SettingsError(
                f"--set changes settings of methods and of forecast in a series, such as rls.ridge=3, got {text!r}; a "
                "series has no other stage"
            )
        tables = merge(tables, change)
    return build_settings(tables).forecast


def _missing(given: list[str] | None) -> tuple[float, ...] | None:
    """Return the values that mean no sample; none where the user says so."""
    if not given:
        return None
    if given == ["none"]:
        return ()
    try:
        return tuple(float(text) for text in given)
    except ValueError:
        raise SettingsError(
            f"--missing takes a number such as -9999, or none, got {', '.join(given)}; give one of these"
        ) from None


def _valid_when(given: str | None) -> tuple[str, float] | None:
    if given is None:
        return None
    name, _, value = given.rpartition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise SettingsError(f"--valid-when takes COLUMN=VALUE, such as valid=1, got {given!r}; write it so") from None


def _at_rate(
    recording: Recording, longest_gap: float, every: int | None, rate: float | None, causal_rate: float | None
) -> Trace:
    given = {"--every": every, "--rate": rate, "--causal-rate": causal_rate}
    asked = {name: value for name, value in given.items() if value is not None}
    if len(asked) > 1:
        raise SettingsError(
            f"{' and '.join(asked)} exclude each other, got {' and '.join(f'{v:g}' for v in asked.values())}; give one "
            "of them"
        )
    if causal_rate is not None:
        return resample_causally(recording, causal_rate, longest_gap)
    trace = on_clock(recording, longest_gap)
    if every is not None:
        return keep_every(trace, every)
    return trace if rate is None else resample(trace, rate)


def _print_result(plan: SeriesPlan, rows: list[dict[str, str]], out: Path, wide: bool) -> None:
    trace = plan.trace
    for sentence in trace.history:
        say(sentence)
    facts = f"{len(trace.samples)} samples at {1 / trace.period_s:.4g} Hz, {plan.objects}"
    say(facts)
    if trace.lost.any():
        _print_scored(plan)
    print_table(scores_table(rows, series_columns(trace.unit), wide=wide))
    say(f"Scores: {out / SCORES_FILE}")
    say(f"Report: {out / REPORT / 'index.html'}")


def _print_scored(plan: SeriesPlan) -> None:
    """Say how many test samples are left to score at each horizon."""
    for frames in sorted({task.horizon.frames for task in plan.tasks}):
        scored = plan.scored(frames)
        others = "" if scored.all() else "; for the others samples are missing"
        say(f"Horizon {frames}: {scored.sum()} of {len(scored)} test samples scored{others}")
