"""The steps of a run in order: what each depends on, without doing any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cinecast.errors import SettingsError
from cinecast.forecast import ORACLE, PERSISTENCE, REFERENCES, check_horizon, is_offline
from cinecast.horizon import Horizon, parse_horizons
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import artifacts as art
from cinecast_models import METHODS, method_settings

STAGES: tuple[str, ...] = ("frames", "flow", "motion", "forecast", "warp", "score", "report")

# Raised when a stage gives other results for the same settings and inputs.
STAGE_VERSIONS: dict[str, int] = dict.fromkeys(STAGES, 1) | {"report": 2}


@dataclass(frozen=True)
class Task:
    """One method at one horizon, with the motion model it forecasts.

    Parameters
    ----------
    method
        Name of the method.
    horizon
        The horizon; 0 frames for the oracle, which is the same at all of them.
    train_end
        Train end in frames of the motion model and of the method.
    """

    method: str
    horizon: Horizon
    train_end: int

    def key(self, stage: str) -> str:
        """Return the key of this task's artifact of a stage."""
        return art.method_key(stage, self.method, self.horizon.frames)


@dataclass(frozen=True)
class Step:
    """One artifact to make.

    Parameters
    ----------
    stage, key
        Stage and artifact.
    settings
        Settings that the result depends on, as plain values.
    inputs
        Files that the result depends on, as pairs of artifact key and file name.
    task
        Method and horizon, for the stages that have them.
    """

    stage: str
    key: str
    settings: Mapping[str, Any]
    inputs: tuple[tuple[str, str], ...]
    task: Task | None = None


@dataclass(frozen=True)
class Plan:
    """All steps after ``frames``, stage by stage, and the tasks that they serve."""

    stages: Mapping[str, tuple[Step, ...]]
    tasks: tuple[Task, ...]
    horizons: tuple[Horizon, ...]


def make_plan(sequence: Sequence, settings: Settings) -> Plan:
    """Return the steps that turn a sequence into a report.

    Raises
    ------
    SettingsError
        If a setting does not fit the sequence's split: said here, before the flow has cost its minutes.
    cinecast_models.ForecastingError
        If a method or one of its settings is unknown.
    """
    horizons = parse_horizons(settings.forecast.horizons, sequence.frame_period_s)
    _check_spans(sequence, settings)
    tasks = _tasks(sequence, settings, horizons)
    for task in tasks:
        check_horizon(task.horizon.frames, train_end=task.train_end, split=sequence.split)
        _check_history(task, settings)
    stages = {
        "flow": (Step("flow", art.FLOW, asdict(settings.flow), ((art.FRAMES, "frames.npy"),)),),
        "motion": tuple(_motion_step(end, settings) for end in sorted({task.train_end for task in tasks})),
        "forecast": tuple(_forecast_step(task, settings) for task in tasks),
        "warp": tuple(_warp_step(task, settings) for task in tasks),
        "score": tuple(_score_step(task, settings) for task in tasks),
        "report": (_report_step(tasks, settings),),
    }
    return Plan(stages, tasks, horizons)


def _check_spans(sequence: Sequence, settings: Settings) -> None:
    train_end, validation_end = sequence.split.train_end, sequence.split.validation_end
    offline_end = settings.motion.offline_train_end
    if settings.flow.reference >= train_end:
        raise SettingsError(
            f"flow.reference must lie in the train span of {train_end} frames, got frame {settings.flow.reference}; "
            "choose an earlier frame"
        )
    if settings.motion.modes >= train_end:
        raise SettingsError(
            f"motion.modes must be below the {train_end} frames of the train span, got {settings.motion.modes}; "
            "lower it, or raise frames.train_end"
        )
    if offline_end is not None and not train_end <= offline_end <= validation_end:
        raise SettingsError(
            f"motion.offline_train_end must be {train_end} to {validation_end} frames, the ends of the train and the "
            f"validation span, got {offline_end}; change it, or leave it out"
        )


def _check_history(task: Task, settings: Settings) -> None:
    if task.method == ORACLE:
        return
    own, ahead = method_settings(task.method, settings.forecast.method_settings.get(task.method)), task.horizon.frames
    if own.history_length + ahead > task.train_end:
        raise SettingsError(
            f"the history of {task.method} and the horizon must fit into the train span of {task.train_end} frames, "
            f"got {own.history_length} + {ahead} frames; lower forecast.{task.method}.history_length, ask for a "
            "shorter horizon, or raise frames.train_end"
        )


def _tasks(sequence: Sequence, settings: Settings, horizons: tuple[Horizon, ...]) -> tuple[Task, ...]:
    end = sequence.split.train_end
    offline_end = settings.motion.offline_train_end or end
    methods = dict.fromkeys([PERSISTENCE, *(m for m in settings.forecast.methods if m != ORACLE)])
    forecasters = [
        Task(method, horizon, offline_end if is_offline(method) else end) for method in methods for horizon in horizons
    ]
    return (Task(ORACLE, Horizon(0, 0.0), end), *forecasters)


def _motion_step(train_end: int, settings: Settings) -> Step:
    values = {"modes": settings.motion.modes, "train_end": train_end, "reference": settings.flow.reference}
    return Step("motion", art.motion_key(train_end), values, ((art.FLOW, "dvf.npy"), (art.FRAMES, "times.csv")))


def _forecast_step(task: Task, settings: Settings) -> Step:
    values: dict[str, Any] = {"method": task.method, "horizon": task.horizon.frames, "train_end": task.train_end}
    if task.method not in REFERENCES:
        forecast = settings.forecast
        own = method_settings(task.method, forecast.method_settings.get(task.method))
        values |= {"protocol": forecast.protocol, **asdict(own)}
        if not METHODS[task.method].deterministic:
            values |= {"runs": forecast.runs, "seed": forecast.seed}
    return Step("forecast", task.key("forecast"), values, ((art.motion_key(task.train_end), "weights.csv"),), task)


def _warp_step(task: Task, settings: Settings) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.FRAMES, "frames.npy"),
        (art.FRAMES, "sequence.json"),
        (motion, "mean.npy"),
        (motion, "modes.npy"),
        (task.key("forecast"), "weights.csv"),
    )
    values = asdict(settings.warp) | {"reference": settings.flow.reference}
    return Step("warp", task.key("warp"), values, inputs, task)


def _score_step(task: Task, settings: Settings) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.FRAMES, "frames.npy"),
        (art.FRAMES, "sequence.json"),
        (art.FLOW, "dvf.npy"),
        *((motion, name) for name in ("mean.npy", "modes.npy", "weights.csv")),
        *((task.key("forecast"), name) for name in art.FILES["forecast"]),
        (task.key("warp"), art.FILES["warp"][0]),
    )
    values = asdict(settings.score) | {"image_runs": settings.warp.image_runs}
    return Step("score", task.key("score"), values, inputs, task)


def _report_step(tasks: tuple[Task, ...], settings: Settings) -> Step:
    inputs = [(art.FRAMES, name) for name in art.FILES["frames"]] + [(art.FLOW, "dvf.npy")]
    models = dict.fromkeys(art.motion_key(task.train_end) for task in tasks)
    inputs += [(key, name) for key in models for name in art.FILES["motion"]]
    for task in tasks:
        inputs += [(task.key("forecast"), "weights.csv"), *((task.key("score"), name) for name in art.FILES["score"])]
    # The report shows the settings themselves.
    values = asdict(settings)
    return Step("report", art.REPORT, values, tuple(inputs))
