"""The steps of a run in order: what each depends on, without doing any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cinecast.errors import GapsError, SettingsError
from cinecast.flow.reference import reference_index, settings_for
from cinecast.forecast.followed_drift import follows_drift
from cinecast.forecast.modes import fitted_modes, modes_at, settings_at
from cinecast.forecast.weights import check_horizon, is_offline
from cinecast.frames.frame_faults import FROZEN, faults_text
from cinecast.frames.recording_digests import frames_digests
from cinecast.horizon import Horizon, parse_horizons
from cinecast.motion.held import held_frames
from cinecast.references import ORACLE, PERSISTENCE
from cinecast.run.given_files import GivenFiles, read_given_files
from cinecast.run.scope import STAGES
from cinecast.run.stage_steps import steps_of_stages
from cinecast.run.step import Step, Task
from cinecast.score.gating import latency_frames
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast_models import ForecastTask, MethodSettings, method_settings

# Raised when a stage gives other results for the same settings and inputs.
STAGE_VERSIONS: dict[str, int] = dict.fromkeys(STAGES, 1) | {
    "frames": 9,
    "flow": 4,
    "motion": 2,
    "forecast": 5,
    "landmarks": 2,
    "score": 19,
    "report": 34,
}

# Scores of series need so many samples.
_FEWEST_SCORED = 2


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
    given
        Digests of the user's own files.
    """

    stages: Mapping[str, tuple[Step, ...]]
    tasks: tuple[Task, ...]
    horizons: tuple[Horizon, ...]
    settings: Settings
    given: GivenFiles

    def steps(self) -> Iterator[Step]:
        """Yield all steps, each after those that it depends on."""
        for stage in STAGES[1:]:
            yield from self.stages[stage]


def make_plan(
    sequence: Sequence,
    settings: Settings,
    own: Mapping[str, MethodSettings] | None = None,
    given: GivenFiles | None = None,
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
    given
        Digests of the user's own files as a run has kept them, which may have gone since; None: they are read.

    Returns
    -------
    Plan
        Of all stages after ``frames``. The oracle comes first and persistence second, asked for or not.

    Raises
    ------
    SettingsError
        If a setting does not fit the sequence's split: said here, before the flow has cost its minutes.
    ReadError
        If a file of landmarks, targets or labels cannot be read or does not fit the sequence.
    cinecast_models.ForecastingError
        If a method or one of its settings is unknown, or its model does not serve the sequence.
    """
    horizons = parse_horizons(settings.forecast.horizons, sequence.frame_period_s)
    held = held_frames(sequence.faults, settings.flow)
    settings = settings_for(sequence, settings)
    _check_spans(sequence, settings)
    tasks = _tasks(sequence, settings, horizons, own or {})
    for task in tasks:
        check_horizon(task.horizon.frames, train_end=task.train_end, split=sequence.split, instants=sequence.instants)
        _check_history(task, sequence)
    _check_gaps(sequence, settings, held, tasks)
    _check_latency(sequence, settings)
    given = given or read_given_files(sequence, settings)
    return Plan(steps_of_stages(tasks, settings, sequence, held, given), tasks, horizons, settings, given)


def _check_spans(sequence: Sequence, settings: Settings) -> None:
    train_end, validation_end = sequence.split.train_end, sequence.split.validation_end
    offline_end = _offline_end(sequence, settings)
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


def _offline_end(sequence: Sequence, settings: Settings) -> int | None:
    """Return the train end of methods that are fitted once in frames; like other spans it is set by time."""
    end = settings.motion.offline_train_end
    return None if end is None else sequence.frames_before(end)


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


def _check_latency(sequence: Sequence, settings: Settings) -> None:
    latency_s, test = settings.score.latency_s, sequence.split.test_frames
    if latency_s is not None and latency_frames(latency_s, sequence.frame_period_s) >= len(test):
        raise SettingsError(
            f"score.latency_s (--latency) must be shorter than the test span of {len(test)} frames "
            f"({len(test) * sequence.frame_period_s:.4g} s), got {latency_s:g} s; give a shorter one"
        )


def _check_gaps(sequence: Sequence, settings: Settings, held: frozenset[int], tasks: tuple[Task, ...]) -> None:
    """Check that missing frames leave something to be scored, and are not handed to a protocol that has no gaps."""
    if sequence.instants.regular:
        return
    if settings.forecast.protocol == "published":
        raise GapsError(
            "the published protocol needs a sequence without gaps, got one that misses frames; use "
            'forecast.protocol = "causal"'
        )
    test = sequence.split.test_frames
    for task in tasks:
        scored = sequence.instants.scored(task.horizon.frames, task.compared_history)
        forecast = [t for t in test if scored[t]]
        faulty = {t: sequence.faults[t] for t in forecast if t in held}
        if len(forecast) - len(faulty) < _FEWEST_SCORED:
            check_good_frames(sequence, settings, "test", test, _FEWEST_SCORED)
            why = f"missing frames leave no history of {task.compared_history} before the others"
            if faulty:
                why += f", or they are faulty ({faults_text(faulty)})"
            raise SettingsError(
                f"{_FEWEST_SCORED} frames or more of the test span must be forecast by all methods, got fewer at "
                f"{task.horizon.frames} frame(s) ahead: {why}; ask for a shorter horizon, shorten histories, or move "
                "frames.validation_end"
            )


def _check_history(task: Task, sequence: Sequence) -> None:
    own, ahead = task.own, task.horizon.frames
    instants = int(sequence.instants.passed[task.train_end - 1])
    if own is not None and own.history_length + ahead > instants:
        raise SettingsError(
            f"the history of {task.method} and the horizon must fit into the train span of {instants} frames, "
            f"got {own.history_length} + {ahead} frames; lower forecast.{task.method}.history_length, ask for a "
            "shorter horizon, raise frames.train_end, or name another method (--method)"
        )


def _tasks(
    sequence: Sequence, settings: Settings, horizons: tuple[Horizon, ...], own: Mapping[str, MethodSettings]
) -> tuple[Task, ...]:
    end = sequence.split.train_end
    offline_end = _offline_end(sequence, settings) or end
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
            follows_drift=follows_drift(method, settings.motion),
        )
        for method in methods
        for horizon in horizons
    ]
    oracle = Task(ORACLE, Horizon(0, 0.0), end, follows_drift=follows_drift(ORACLE, settings.motion))
    return _compared(oracle, forecasters, sequence)


def _compared(oracle: Task, tasks: list[Task], sequence: Sequence) -> tuple[Task, ...]:
    """Return the tasks with the longest history at their horizon, where frames are missing: all are scored alike."""
    if sequence.instants.regular:
        return oracle, *tasks
    longest: dict[int, int] = {}
    for task in tasks:
        length = task.own.history_length if task.own else 0
        longest[task.horizon.frames] = max(length, longest.get(task.horizon.frames, 0))
    compared = (replace(task, compared_history=longest[task.horizon.frames]) for task in tasks)
    return replace(oracle, beside=tuple(longest.items())), *compared


def _forecast_task(sequence: Sequence, settings: Settings, method: str, horizon: Horizon) -> ForecastTask:
    return ForecastTask(
        horizon.frames,
        modes_at(method, horizon.frames, settings) or fitted_modes(settings),
        1 / sequence.frame_period_s,
        sequence.name,
        lambda: frames_digests(sequence.frames),
    )
