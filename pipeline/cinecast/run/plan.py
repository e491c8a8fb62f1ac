"""The steps of a run in order: what each depends on, without doing any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cinecast.errors import SettingsError
from cinecast.flow.reference import reference_index, settings_for
from cinecast.forecast.modes import fitted_modes, modes_at, settings_at
from cinecast.forecast.weights import check_horizon, is_offline
from cinecast.frames.frame_faults import FROZEN, faults_text
from cinecast.horizon import Horizon, parse_horizons
from cinecast.motion.drift import INTERVAL, RATE_PX, SOFTENING_PX
from cinecast.motion.held import held_frames
from cinecast.references import ORACLE, PERSISTENCE
from cinecast.run.own_landmarks import own_landmarks_digest
from cinecast.run.scope import STAGES
from cinecast.sequence import Sequence, frames_digest
from cinecast.settings import Settings
from cinecast.store import artifacts as art
from cinecast_models import METHODS, ForecastTask, MethodSettings, method_settings

# Raised when a stage gives other results for the same settings and inputs.
STAGE_VERSIONS: dict[str, int] = dict.fromkeys(STAGES, 1) | {"frames": 3, "flow": 3, "score": 4, "report": 6}


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
    modes
        Number of modes that are forecast, the first ones of the motion model; None for all.
    own
        Settings of the method for this horizon; None for the oracle, which has none.
    """

    method: str
    horizon: Horizon
    train_end: int
    modes: int | None = None
    own: MethodSettings | None = None

    @property
    def follows_drift(self) -> bool:
        """Whether forecasts are made with the mean DVF as it has drifted."""
        return self.method in METHODS and METHODS[self.method].follows_drift

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
    """All steps after ``frames``, stage by stage, and the tasks that they serve.

    Parameters
    ----------
    stages
        The steps of each stage.
    tasks
        Methods and horizons, the oracle first.
    horizons
        Horizons that are asked for.
    settings
        Settings of all stages, with what is chosen from the train span: the number of the reference frame.
    """

    stages: Mapping[str, tuple[Step, ...]]
    tasks: tuple[Task, ...]
    horizons: tuple[Horizon, ...]
    settings: Settings

    def steps(self) -> Iterator[Step]:
        """Yield all steps, each after those that it depends on."""
        for stage in STAGES[1:]:
            yield from self.stages[stage]


def frames_step(settings: Settings, source: str) -> Step:
    """Return the step that keeps the frames in the run.

    Parameters
    ----------
    settings
        Settings of the run, of which those of ``frames`` count.
    source
        Digest of the files that the sequence is read from, `cinecast.store.digests.source_digest`.

    Returns
    -------
    Step
        It reads no other artifact.
    """
    return Step("frames", art.FRAMES, {**asdict(settings.frames), "source": source}, ())


def make_plan(
    sequence: Sequence,
    settings: Settings,
    own: Mapping[str, MethodSettings] | None = None,
    landmarks_file: str | None = None,
) -> Plan:
    """Return the steps that turn a sequence into a report.

    Parameters
    ----------
    sequence
        The sequence.
    settings
        Settings of all stages.
    own
        Settings of the methods, with the files that they name read in; those left out are as in `settings`.
    landmarks_file
        Digest of the user's own landmarks as a run has kept it, whose file may have gone since; None: it is read.

    Returns
    -------
    Plan
        Of all stages after ``frames``. The oracle comes first and persistence second, asked for or not.

    Raises
    ------
    SettingsError
        If a setting does not fit the sequence's split: said here, before the flow has cost its minutes.
    ReadError
        If the file of landmarks cannot be read or does not fit the sequence.
    cinecast_models.ForecastingError
        If a method or one of its settings is unknown, or its model does not serve the sequence.
    """
    horizons = parse_horizons(settings.forecast.horizons, sequence.frame_period_s)
    held = held_frames(sequence.faults, settings.flow)
    settings = settings_for(sequence, settings)
    _check_spans(sequence, settings)
    tasks = _tasks(sequence, settings, horizons, own or {})
    for task in tasks:
        check_horizon(task.horizon.frames, train_end=task.train_end, split=sequence.split)
        _check_history(task)
    if landmarks_file is None:
        landmarks_file = own_landmarks_digest(sequence, settings)
    stages = {
        "flow": (_flow_step(held, settings),),
        "motion": tuple(_motion_step(end, tasks, settings, held) for end in sorted({task.train_end for task in tasks})),
        "forecast": tuple(_forecast_step(task, settings, held) for task in tasks),
        "warp": tuple(_warp_step(task, settings) for task in tasks),
        "landmarks": (_landmarks_step(settings, sequence.split.train_end, landmarks_file, held),),
        "score": tuple(_score_step(task, settings, held.intersection(sequence.split.test_frames)) for task in tasks),
        "report": (_report_step(tasks, settings),),
    }
    return Plan(stages, tasks, horizons, settings)


def _check_spans(sequence: Sequence, settings: Settings) -> None:
    train_end, validation_end = sequence.split.train_end, sequence.split.validation_end
    offline_end = settings.motion.offline_train_end
    if reference_index(settings.flow) >= train_end:
        raise SettingsError(
            f"flow.reference must lie in the train span of {train_end} frames, got frame {settings.flow.reference}; "
            "choose an earlier frame"
        )
    check_good_frames(sequence, settings, "train", range(train_end), settings.motion.modes + 1)
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


def check_good_frames(sequence: Sequence, settings: Settings, name: str, span: range, needed: int) -> None:
    """Check that faulty frames leave enough of a span.

    Parameters
    ----------
    sequence, settings
        The sequence with its faulty frames, and whether these are held.
    name
        Name of the span.
    span
        Its frames.
    needed
        How many of them must be good.

    Raises
    ------
    SettingsError
        If there are fewer, and some are held.
    """
    held = held_frames(sequence.faults, settings.flow).intersection(span)
    good = len(span) - len(held)
    if held and good < needed:
        faults = {t: fault for t, fault in sequence.faults.items() if t in span}
        if good == 1 and set(faults.values()) == {FROZEN}:
            raise SettingsError(
                f"the {name} span must show motion, got the same image in all of its {len(span)} frames; lengthen the "
                "span (frames.train_end) or check that the frames differ"
            )
        raise SettingsError(
            f"the {name} span must hold {needed} good frame(s) or more, got {good} of {len(span)} "
            f"({faults_text(faults)}); "
            'change its ends (frames.train_end, frames.validation_end), or set flow.faulty_frames = "measured"'
        )


def _check_history(task: Task) -> None:
    own, ahead = task.own, task.horizon.frames
    if own is not None and own.history_length + ahead > task.train_end:
        raise SettingsError(
            f"the history of {task.method} and the horizon must fit into the train span of {task.train_end} frames, "
            f"got {own.history_length} + {ahead} frames; lower forecast.{task.method}.history_length, ask for a "
            "shorter horizon, or raise frames.train_end"
        )


def _tasks(
    sequence: Sequence, settings: Settings, horizons: tuple[Horizon, ...], own: Mapping[str, MethodSettings]
) -> tuple[Task, ...]:
    end = sequence.split.train_end
    offline_end = settings.motion.offline_train_end or end
    methods = dict.fromkeys([PERSISTENCE, *(m for m in settings.forecast.methods if m != ORACLE)])
    given = {m: own.get(m) or method_settings(m, settings.forecast.method_settings.get(m)) for m in methods}
    forecasters = [
        Task(
            method,
            horizon,
            offline_end if is_offline(method) else end,
            modes_at(method, horizon.frames, settings),
            settings_at(given[method], horizon.frames, settings).at(
                _forecast_task(sequence, settings, method, horizon)
            ),
        )
        for method in methods
        for horizon in horizons
    ]
    return (Task(ORACLE, Horizon(0, 0.0), end), *forecasters)


def drift_followed(tasks: Iterable[Task], train_end: int) -> bool:
    """Return whether one of the tasks follows the drift of a motion model.

    Parameters
    ----------
    tasks
        Methods at horizons.
    train_end
        Number of frames that the motion model is fitted to; tasks with other models do not count.

    Returns
    -------
    bool
        Whether the drifts of this model are to be computed.
    """
    return any(task.follows_drift for task in tasks if task.train_end == train_end)


def _forecast_task(sequence: Sequence, settings: Settings, method: str, horizon: Horizon) -> ForecastTask:
    return ForecastTask(
        horizon.frames,
        modes_at(method, horizon.frames, settings) or fitted_modes(settings),
        1 / sequence.frame_period_s,
        sequence.name,
        lambda: frozenset({frames_digest(sequence.frames)}),
    )


def _flow_step(held: frozenset[int], settings: Settings) -> Step:
    return Step("flow", art.FLOW, asdict(settings.flow) | _noted("held", held), ((art.FRAMES, "frames.npy"),))


def _noted(name: str, frames: Iterable[int]) -> dict[str, Any]:
    """Return a setting that names frames; nothing where there are none, so that other runs stay up to date."""
    return {name: sorted(frames)} if frames else {}


def _motion_step(train_end: int, tasks: tuple[Task, ...], settings: Settings, held: frozenset[int]) -> Step:
    modes = fitted_modes(settings)
    values: dict[str, Any] = {"modes": modes, "train_end": train_end, "reference": settings.flow.reference}
    values |= _noted("left_out", held.intersection(range(train_end)))
    if modes > settings.motion.modes:
        values["at_least"] = settings.motion.modes
    if drift_followed(tasks, train_end):
        values |= {"drift_interval": INTERVAL, "drift_rate_px": RATE_PX, "drift_softening_px": SOFTENING_PX}
        values |= _noted("held", held)
    inputs = [(art.FLOW, "dvf.npy"), (art.FRAMES, "times.csv")]
    if settings.motion.pixel_weights != "uniform":
        values["pixel_weights"] = settings.motion.pixel_weights
        inputs.append((art.FRAMES, "frames.npy"))
    return Step("motion", art.motion_key(train_end), values, tuple(inputs))


def _forecast_step(task: Task, settings: Settings, held: frozenset[int]) -> Step:
    values: dict[str, Any] = {"method": task.method, "horizon": task.horizon.frames, "train_end": task.train_end}
    if task.modes is not None:
        values["modes"] = task.modes
    if task.own is not None:
        forecast = settings.forecast
        values |= {"protocol": forecast.protocol, **task.own.values()}
        if not METHODS[task.method].deterministic:
            values |= {"runs": forecast.runs, "seed": forecast.seed}
        values |= _noted("held", held)
    return Step("forecast", task.key("forecast"), values, ((art.motion_key(task.train_end), "weights.csv"),), task)


def _warp_step(task: Task, settings: Settings) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.FRAMES, "frames.npy"),
        (art.FRAMES, "sequence.json"),
        (motion, "mean.npy"),
        (motion, "modes.npy"),
        *_drift_input(task),
        (task.key("forecast"), "weights.csv"),
    )
    values = asdict(settings.warp) | {"reference": settings.flow.reference}
    return Step("warp", task.key("warp"), values, inputs, task)


def _landmarks_step(settings: Settings, train_end: int, file: str, held: frozenset[int]) -> Step:
    # Only what is marked counts where a user has marked it, not what is good enough to be found.
    values: dict[str, Any] = {"file": file}
    if not file:
        values = {**asdict(settings.landmarks), "file": "", **_noted("faulty", held)}
    values |= {"reference": settings.flow.reference, "train_end": train_end}
    inputs = tuple((art.FRAMES, name) for name in art.FILES["frames"])
    return Step("landmarks", art.LANDMARKS, values, inputs)


def _score_step(task: Task, settings: Settings, left_out: frozenset[int]) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.FRAMES, "frames.npy"),
        (art.FRAMES, "sequence.json"),
        (art.FLOW, "dvf.npy"),
        *((motion, name) for name in ("mean.npy", "modes.npy", "weights.csv")),
        *_drift_input(task),
        *((art.LANDMARKS, name) for name in art.FILES["landmarks"]),
        *((task.key("forecast"), name) for name in art.FILES["forecast"]),
        (task.key("warp"), art.FILES["warp"][0]),
    )
    # The images of the first run do not stand for those of the others: it may have diverged, and be black whatever the
    # warp does.
    values = asdict(settings.score) | {"warp": asdict(settings.warp), "modes": settings.motion.modes}
    values["reference"] = settings.flow.reference  # what shows texture there is scored apart
    values |= _noted("left_out", left_out)
    return Step("score", task.key("score"), values, inputs, task)


def _drift_input(task: Task) -> tuple[tuple[str, str], ...]:
    return ((art.motion_key(task.train_end), art.DRIFTS_FILE),) if task.follows_drift else ()


def _report_step(tasks: tuple[Task, ...], settings: Settings) -> Step:
    inputs = [(art.FRAMES, name) for name in art.FILES["frames"]] + [(art.FLOW, "dvf.npy")]
    inputs += [(art.LANDMARKS, name) for name in art.FILES["landmarks"]]
    models = dict.fromkeys(art.motion_key(task.train_end) for task in tasks)
    inputs += [(key, name) for key in models for name in art.FILES["motion"]]
    inputs += dict.fromkeys(each for task in tasks for each in _drift_input(task))
    for task in tasks:
        inputs += [(task.key("forecast"), "weights.csv"), *((task.key("score"), name) for name in art.FILES["score"])]
    # The report shows the settings themselves.
    values = asdict(settings)
    return Step("report", art.REPORT, values, tuple(inputs))
