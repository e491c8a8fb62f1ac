"""The steps of each stage: what each result depends on, and which files it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from cinecast.flow.other_flows import flow_source
from cinecast.flow.reference import reference_index
from cinecast.forecast.modes import fitted_modes
from cinecast.motion.drift import INTERVAL, RATE_PX, SOFTENING_PX
from cinecast.run.given_files import GivenFiles
from cinecast.run.step import Step, Task
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.settings.flow_settings import OWN_FLOW
from cinecast.store import artifacts as art
from cinecast.warp import black_of
from cinecast_models import METHODS


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
    values = asdict(settings.frames)
    del values["memory_limit_gb"]  # a file is read or refused, and is the same whatever the limit
    return Step("frames", art.FRAMES, {**values, "source": source}, ())


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


def steps_of_stages(
    tasks: tuple[Task, ...], settings: Settings, sequence: Sequence, held: frozenset[int], given: GivenFiles
) -> dict[str, tuple[Step, ...]]:
    """Return the steps of all stages after ``frames``, each after those of its stage that it reads.

    Parameters
    ----------
    tasks
        Methods at horizons.
    settings
        Settings of all stages; the reference frame is a number.
    sequence
        Its spans count, and the clock where frames are missing.
    held
        Frames whose motion is held.
    given
        Digests of the user's own files.

    Returns
    -------
    dict
        By stage, in the order in which data flows; none of ``target`` where there is no target.
    """
    split, clock = sequence.split, _clock(sequence)
    train_ends = sorted({task.train_end for task in tasks})
    # Before the test span bands alone learn, from all but these.
    left_out, unlearned = held.intersection(split.test_frames), held.difference(split.test_frames)
    noted = {**_noted("left_out", left_out), **_noted("unlearned", unlearned), **_black(sequence, settings)}
    return {
        "flow": (_flow_step(held, settings, given.dvf),),
        "motion": (
            *(_motion_step(end, settings, held) for end in train_ends),
            *(_drift_step(end, held) for end in train_ends if drift_followed(tasks, end)),
        ),
        "forecast": tuple(_forecast_step(task, settings, held, clock) for task in tasks),
        "warp": (),  # predicted frames are made whenever they are needed
        "landmarks": (_landmarks_step(settings, split.train_end, given.landmarks, held),),
        "target": _target_steps(tasks, settings, given),
        "score": (
            *((_labels_step(given),) if given.labels else ()),
            *(_score_step(task, settings, given, clock, noted) for task in tasks),
        ),
        "report": (_report_step(tasks, settings, given),),
    }


def _black(sequence: Sequence, settings: Settings) -> dict[str, Any]:
    """Return the grey value of black; nothing where it is 0, as it always was, so that such runs stay up to date."""
    black = black_of(sequence.frames[reference_index(settings.flow)], settings.warp)
    return {"black": black} if black else {}


def _clock(sequence: Sequence) -> dict[str, Any]:
    """Return what missing frames are found by; nothing where none is, so that other runs stay up to date."""
    if sequence.instants.regular:
        return {}
    return {"clock_period_s": sequence.frame_period_s, "longest_gap_s": sequence.longest_gap_s}


def _flow_step(held: frozenset[int], settings: Settings, own: str) -> Step:
    values = asdict(settings.flow)
    del values["dvf"]  # what the file says counts, not where it lies; without one, runs stay up to date
    if values["estimator"] == OWN_FLOW:
        del values["estimator"]  # runs of before there were others stay up to date
    else:  # another version of the package may measure otherwise
        names = ("estimator", "reference", "faulty_frames")
        values = {name: values[name] for name in names} | {"plugin": flow_source(settings.flow)}
    if own:
        values = {"file": own, "reference": settings.flow.reference}
    return Step("flow", art.FLOW, values | _noted("held", held), ((art.FRAMES, "frames.npy"),))


def _noted(name: str, frames: Iterable[int]) -> dict[str, Any]:
    """Return a setting that names frames; nothing where there are none, so that other runs stay up to date."""
    return {name: sorted(frames)} if frames else {}


def _motion_step(train_end: int, settings: Settings, held: frozenset[int]) -> Step:
    modes = fitted_modes(settings)
    values: dict[str, Any] = {"modes": modes, "train_end": train_end, "reference": settings.flow.reference}
    values |= _noted("left_out", held.intersection(range(train_end)))
    if modes > settings.motion.modes:
        values["at_least"] = settings.motion.modes
    inputs = [(art.FLOW, "dvf.npy"), (art.FRAMES, "times.csv")]
    if settings.motion.pixel_weights != "uniform":
        values["pixel_weights"] = settings.motion.pixel_weights
        inputs.append((art.FRAMES, "frames.npy"))
    return Step("motion", art.motion_key(train_end), values, tuple(inputs))


def _drift_step(train_end: int, held: frozenset[int]) -> Step:
    # Apart from the motion model, which stays as it is when a method comes that follows its drift.
    values = {"train_end": train_end, "interval": INTERVAL, "rate_px": RATE_PX, "softening_px": SOFTENING_PX}
    motion = art.motion_key(train_end)
    inputs = ((art.FLOW, "dvf.npy"), *((motion, name) for name in ("mean.npy", "modes.npy", "weights.csv")))
    return Step("motion", art.drift_key(train_end), values | _noted("held", held), inputs)


def _forecast_step(task: Task, settings: Settings, held: frozenset[int], clock: dict[str, Any]) -> Step:
    values: dict[str, Any] = {"method": task.method, "horizon": task.horizon.frames, "train_end": task.train_end}
    if task.modes is not None:
        values["modes"] = task.modes
    if task.own is not None:
        forecast = settings.forecast
        values |= {"protocol": forecast.protocol, **task.own.values()}
        if not METHODS[task.method].deterministic:
            values |= {"runs": forecast.runs, "seed": forecast.seed}
        # Under the name of `held` they stayed in histories.
        values |= _noted("held_until_measured", held) | clock | METHODS[task.method].origin
    return Step("forecast", task.key("forecast"), values, ((art.motion_key(task.train_end), "weights.csv"),), task)


def _landmarks_step(settings: Settings, train_end: int, file: str, held: frozenset[int]) -> Step:
    # Only what is marked counts where a user has marked it, not what is good enough to be found.
    values: dict[str, Any] = {"file": file}
    if not file:
        values = {**asdict(settings.landmarks), "file": "", **_noted("faulty", held)}
    values |= {"reference": settings.flow.reference, "train_end": train_end}
    inputs = tuple((art.FRAMES, name) for name in art.FILES["frames"])
    return Step("landmarks", art.LANDMARKS, values, inputs)


def _target_steps(tasks: tuple[Task, ...], settings: Settings, given: GivenFiles) -> tuple[Step, ...]:
    """Return the step of the measured motion, then one for each task; none without a target."""
    if not given.targets:
        return ()
    reference, dvf = settings.flow.reference, (art.FLOW, "dvf.npy")
    inputs = (dvf, (art.FRAMES, "frames.npy"), (art.FRAMES, "times.csv"))
    measured = Step("target", art.MEASURED_TARGET, {"file": given.targets, "reference": reference}, inputs)
    return (measured, *(_forecast_target_step(task, settings) for task in tasks))


def _forecast_target_step(task: Task, settings: Settings) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.MEASURED_TARGET, art.GIVEN_TARGETS_FILE),
        (art.FRAMES, "sequence.json"),
        (art.FLOW, "dvf.npy"),  # of the targets' own frames
        (motion, "mean.npy"),
        (motion, "modes.npy"),
        *_drift_input(task),
        (task.key("forecast"), "weights.csv"),
    )
    values = {"reference": settings.flow.reference, "image_runs": settings.warp.image_runs}
    return Step("target", task.key("target"), values, inputs, task)


def _labels_step(given: GivenFiles) -> Step:
    return Step("score", art.LABELS, {"file": given.labels}, ((art.FRAMES, "sequence.json"),))


def _score_step(
    task: Task,
    settings: Settings,
    given: GivenFiles,
    clock: Mapping[str, Any],
    noted: Mapping[str, Any],
) -> Step:
    motion = art.motion_key(task.train_end)
    inputs = (
        (art.FRAMES, "frames.npy"),
        (art.FRAMES, "sequence.json"),
        (art.FLOW, "dvf.npy"),
        *((motion, name) for name in ("mean.npy", "modes.npy", "weights.csv")),
        *_drift_input(task),
        *((art.LANDMARKS, name) for name in art.FILES["landmarks"]),
        *((task.key("forecast"), name) for name in art.FILES["forecast"]),
        *(_target_inputs(task) if given.targets else ()),
        *(((art.LABELS, art.LABELS_FILE),) if given.labels else ()),
    )
    own = asdict(settings.score)
    del own["labels"]  # what the file says counts, not where it lies
    if not given.targets:
        for name in ("margin_mm", "latency_s", "gate_by_radius"):
            del own[name]
    values = own | {"warp": asdict(settings.warp), "modes": settings.motion.modes}
    values["reference"] = settings.flow.reference  # what shows texture there is scored apart
    values |= noted
    if task.modes is not None and task.modes < settings.motion.modes:  # the others count too, at their mean
        values["forecast_modes"] = task.modes
    if clock:  # what is scored then depends on the other methods
        values |= {**clock, "compared_history": task.compared_history}
        values |= {"beside": task.beside} if task.beside else {}
    return Step("score", task.key("score"), values, inputs, task)


def _target_inputs(task: Task) -> tuple[tuple[str, str], ...]:
    own = tuple((task.key("target"), name) for name in art.FILES["target"])
    return (
        *own,
        (art.MEASURED_TARGET, art.GIVEN_TARGETS_FILE),
        *((art.MEASURED_TARGET, n) for n in art.FILES["target"]),
    )


def _drift_input(task: Task) -> tuple[tuple[str, str], ...]:
    return ((art.drift_key(task.train_end), art.DRIFTS_FILE),) if task.follows_drift else ()


def _report_step(tasks: tuple[Task, ...], settings: Settings, given: GivenFiles) -> Step:
    inputs = [(art.FRAMES, name) for name in art.FILES["frames"]] + [(art.FLOW, "dvf.npy")]
    inputs += [(art.LANDMARKS, name) for name in art.FILES["landmarks"]]
    models = dict.fromkeys(art.motion_key(task.train_end) for task in tasks)
    inputs += [(key, name) for key in models for name in art.FILES["motion"]]
    inputs += dict.fromkeys(each for task in tasks for each in _drift_input(task))
    for task in tasks:
        inputs += [(task.key("forecast"), "weights.csv"), *((task.key("score"), name) for name in art.FILES["score"])]
    if given.targets:
        inputs += dict.fromkeys(each for task in tasks for each in _target_inputs(task))
    if given.labels:
        inputs.append((art.LABELS, art.LABELS_FILE))
    # The report shows the settings themselves.
    values = asdict(settings)
    return Step("report", art.REPORT, values, tuple(inputs))
