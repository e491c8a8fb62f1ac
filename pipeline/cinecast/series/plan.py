"""What is forecast of a trace, checked before the first forecast is made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.forecast import is_offline
from cinecast.horizon import Horizon, parse_horizons
from cinecast.references import PERSISTENCE
from cinecast.sequence import Split
from cinecast.series.gaps import scored_samples, split_of
from cinecast.series.grouping import Objects
from cinecast.series.trace import Trace
from cinecast.settings import ForecastSettings, ScoreSettings
from cinecast_models import METHODS, ForecastTask, MethodSettings, method_settings

_LOG = logging.getLogger(__name__)
DEFAULT_LEVEL = ScoreSettings().level


@dataclass(frozen=True)
class Spans:
    """Ends of the spans of a trace in samples, after resampling, missing ones counted; None for the default.

    Parameters
    ----------
    train_end
        End of the train span; by default where a third of the samples have come.
    validation_end
        End of the validation span; the test span is the rest. Two thirds by default.
    offline_train_end
        End of the train span of methods that are fitted once (the papers give them more); `train_end` by default.
    """

    train_end: int | None = None
    validation_end: int | None = None
    offline_train_end: int | None = None


class SeriesTask(NamedTuple):
    """One method at one horizon."""

    method: str
    settings: MethodSettings
    horizon: Horizon
    train_end: int

    @property
    def key(self) -> str:
        """Folder of its forecasts."""
        return f"forecast/{self.method}/h{self.horizon.frames:03d}"


@dataclass(frozen=True, eq=False)
class SeriesPlan:
    """All forecasts of one trace.

    Parameters
    ----------
    trace
        The trace.
    objects
        What is scored: columns, or markers in 3D.
    split
        Train, validation and test spans in samples.
    offline_train_end
        Train end in samples of methods that are fitted once.
    forecast
        Methods, horizons, protocol, runs and seed.
    tasks
        Every method at every horizon, persistence first.
    level
        Probability with which a sample lies in the band of its forecast.
    """

    trace: Trace
    objects: Objects
    split: Split
    offline_train_end: int
    forecast: ForecastSettings
    tasks: tuple[SeriesTask, ...]
    level: float = DEFAULT_LEVEL

    def scored(self, horizon: int) -> NDArray[np.bool_]:
        """Return which test samples are scored at a horizon, shape (T_test,): the same for every method."""
        return scored_samples(self.trace, self.split.test_frames, horizon, self._longest_history(horizon))

    def _longest_history(self, horizon: int) -> int:
        return max(task.settings.history_length for task in self.tasks if task.horizon.frames == horizon)

    def task_settings(self, task: SeriesTask) -> dict[str, Any]:
        """Return what the forecasts and scores of a task depend on beside the samples, as plain values."""
        # Only then does what is scored depend on the other methods.
        gaps = {"scored_history": self._longest_history(task.horizon.frames)} if self.trace.lost.any() else {}
        others = gaps | METHODS[task.method].origin
        return others | {
            "method": task.method,
            "settings": task.settings.values(),
            "horizon_frames": task.horizon.frames,
            "horizon_s": task.horizon.seconds,
            "train_end": task.train_end,
            "validation_end": self.split.validation_end,
            "objects": list(self.objects.members),
            "columns": list(self.objects.columns),
            "protocol": self.forecast.protocol,
            "runs": self.forecast.runs,
            "seed": self.forecast.seed,
            "level": self.level,
        }


def plan_series(
    trace: Trace,
    objects: Objects,
    forecast: ForecastSettings,
    spans: Spans | None = None,
    own: Mapping[str, MethodSettings] | None = None,
    level: float = DEFAULT_LEVEL,
) -> SeriesPlan:
    """Return the plan of a trace.

    Columns that never change are accepted with a warning: a marker in 3D needs all its coordinates, also one that
    stands still. They add nothing to the nRMSE; scored by themselves they lower mean errors.

    Parameters
    ----------
    trace, objects
        The trace, and what is scored of it.
    forecast
        Methods, horizons, protocol, runs and seed.
    spans
        Ends of its spans; None for a third each.
    own
        Settings of the methods, with the files that they name read in; those left out are as in `forecast`.
    level
        Probability with which a sample lies in the band of its forecast, above 0 and below 1.

    Returns
    -------
    The plan, with persistence at every horizon whether it was asked for or not.

    Raises
    ------
    SettingsError
        If a span, a horizon, a method or the level does not fit the trace.
    cinecast_models.ForecastingError
        If the model of a method does not serve the trace.
    """
    if not 0 < level < 1:
        raise SettingsError(f"--level must be above 0 and below 1, got {level:g}; such as {DEFAULT_LEVEL:g}")
    spans = spans or Spans()
    default = split_of(trace)
    train_end = default.train_end if spans.train_end is None else spans.train_end
    end = max(train_end, default.validation_end) if spans.validation_end is None else spans.validation_end
    split = Split(train_end, end, len(trace.samples))
    offline_end = train_end if spans.offline_train_end is None else spans.offline_train_end
    _check_spans(split, offline_end)
    _check_variation(trace, split)
    _warn_of_constant(trace, offline_end)
    _warn_of_counters(trace)
    horizons = parse_horizons(forecast.horizons, trace.period_s)
    names = [PERSISTENCE, *(name for name in dict.fromkeys(forecast.methods) if name != PERSISTENCE)]
    given = {n: (own or {}).get(n) or method_settings(n, forecast.method_settings.get(n)) for n in names}
    tasks = tuple(
        SeriesTask(
            name,
            given[name].at(_forecast_task(trace, horizon)),
            horizon,
            offline_end if is_offline(name) else train_end,
        )
        for horizon in horizons
        for name in names
    )
    # What the user asked for comes first, the persistence beside it last.
    for task in sorted(tasks, key=lambda each: each.method == PERSISTENCE):
        _check_task(task, split)
    plan = SeriesPlan(trace, objects, split, offline_end, forecast, tasks, level)
    for horizon in horizons:
        _check_scored(plan, horizon)
    return plan


def _forecast_task(trace: Trace, horizon: Horizon) -> ForecastTask:
    components, rate = trace.samples.shape[1], 1 / trace.period_s
    return ForecastTask(horizon.frames, components, rate, trace.name, lambda: trace.recorded)


def _check_spans(split: Split, offline_end: int) -> None:
    if not 2 <= split.train_end <= split.validation_end <= split.test_end - 2:
        raise SettingsError(
            f"spans must satisfy 2 <= train end <= validation end <= {split.test_end - 2}, two samples before the end "
            f"of the series, got {split.train_end} and {split.validation_end}; set --train-end and --validation-end, "
            "or give a longer series"
        )
    if not 2 <= offline_end <= split.validation_end:
        raise SettingsError(
            f"--offline-train-end must be from 2 to the validation end {split.validation_end}, got {offline_end}; "
            "no method may be fitted on test samples"
        )


def _check_variation(trace: Trace, split: Split) -> None:
    test = trace.samples[split.validation_end :][~trace.lost[split.validation_end :]]
    if (test == test[:1]).all():
        raise SettingsError(
            f"a series must vary in its test span, got {len(test)} equal samples from sample {split.validation_end} on"
            "; there is nothing to forecast: move --validation-end or give another series"
        )


def _warn_of_constant(trace: Trace, offline_end: int) -> None:
    constant = trace.constant_columns
    if constant:
        _LOG.warning(
            "column(s) %s never change: they add nothing to the nRMSE, count in no band, and lower mean errors unless "
            "they belong to a marker in 3D",
            ", ".join(constant),
        )
    moves_later = [each for each in trace.constant_until(offline_end) if each not in constant]
    if moves_later:
        _LOG.warning(
            "column(s) %s stand still in the train span of %d samples and move later: methods that are fitted once "
            "cannot know how; move --train-end, or name the other columns with --column",
            ", ".join(moves_later),
            offline_end,
        )


def _warn_of_counters(trace: Trace) -> None:
    samples = trace.samples[~trace.lost]
    never_fall = (np.diff(samples, axis=0) >= 0).all(axis=0) & (samples[0] < samples[-1])
    counters = [name for name, counts in zip(trace.columns, never_fall, strict=True) if counts]
    if counters:
        _LOG.warning(
            "column(s) %s never fall, as clocks and counters do, and are forecast and scored like signals: the nRMSE "
            "looks better with them than it is; name the other columns with --column",
            ", ".join(counters),
        )


def _check_scored(plan: SeriesPlan, horizon: Horizon) -> None:
    scored = plan.scored(horizon.frames)
    truth = plan.trace.samples[plan.split.validation_end :][scored]
    if (truth == truth[:1]).all():
        raise SettingsError(
            f"a test span must hold 2 or more samples that a forecast can be made of, got {len(truth)} that vary in "
            f"nothing at horizon {horizon.frames}: gaps leave no history before the others; move --validation-end, "
            "shorten the horizon or the histories (--set), or lengthen --longest-gap"
        )


def _check_task(task: SeriesTask, split: Split) -> None:
    needed = task.settings.history_length + task.horizon.frames
    if needed > task.train_end:
        raise SettingsError(
            f"history and horizon of {task.method} must fit into its train span, got {task.settings.history_length} + "
            f"{task.horizon.frames} = {needed} samples for {task.train_end}; lengthen --train-end, or shorten "
            f"{task.method}.history_length (--set) or --horizon"
        )
    longest = split.validation_end - task.train_end + 1
    if task.horizon.frames > longest:
        raise SettingsError(
            f"a horizon must be at most {longest} samples, so that the first test sample ({split.validation_end}) is "
            f"forecast after the {task.train_end} train samples of {task.method} have been seen, got "
            f"{task.horizon.frames}; ask for a shorter one, or move --train-end and --validation-end apart"
        )
