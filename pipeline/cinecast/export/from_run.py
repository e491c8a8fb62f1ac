"""Reading from a run folder what its settings ask for now, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError
from cinecast.export.choice import ExportChoice
from cinecast.forecast import load_method_settings
from cinecast.horizon import parse_horizon
from cinecast.motion.held import held_frames
from cinecast.references import ORACLE
from cinecast.run.freshness import made_as_asked, made_by_older_version
from cinecast.run.given_files import kept_given_files
from cinecast.run.plan import Plan, make_plan
from cinecast.run.predicted import inputs_of_predicted
from cinecast.run.predicted import predicted_frames as frames_of_forecast
from cinecast.run.saved import saved_settings
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.kept_results import kept_results

_MOST_NAMED = 10


class Predicted(NamedTuple):
    """Predicted test frames, shape (test frames, H, W), and which of them there are, shape (test frames,).

    Those that there are not, as frames are missing before them, are black.
    """

    frames: NDArray[Any]
    known: NDArray[np.bool_]


def held_words(store: RunFolder, sequence: Sequence) -> str:
    """Return in which frames the measured motion is held, in words that begin with a comma; empty where in none.

    Parameters
    ----------
    store
        The run folder.
    sequence
        Its frames, with what is wrong with some.

    Returns
    -------
    str
        How many, and the first of them.
    """
    held = sorted(held_frames(sequence.faults, saved_settings(store.root).flow))
    if not held:
        return ""
    first = ", ".join(map(str, held[:_MOST_NAMED])) + (" ..." if len(held) > _MOST_NAMED else "")
    return f", which is held in {len(held)} frame{'' if len(held) == 1 else 's'} ({first})"


def predicted_frames(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Predicted:
    """Return the frames that one random run of a method predicted.

    Parameters
    ----------
    store
        The run folder.
    choice
        Method, horizon and random run.
    sequence
        The real frames.

    Returns
    -------
    Predicted
        The frames are made of what the run holds, in a type that viewers know.

    Raises
    ------
    StoreError
        If the run does not hold what they are made from as its settings ask for it, or it diverged.
    """
    key = forecast_key(store, choice, sequence, "forecast")
    settings = with_forecast(saved_settings(store.root), choice)
    plan = check_asked(store, sequence, key, settings)
    task = next(task for task in plan.tasks if task.key("forecast") == key)
    for needed, name in inputs_of_predicted(task):
        check_made(store, needed)
        check_whole(store, needed, name)
        check_asked(store, sequence, needed, settings)
    predicted = frames_of_forecast(store, sequence, plan.settings, task, choice.run)
    check_finished(predicted.known, choice, sequence, plan)
    return Predicted(art.viewable(predicted.stacked(), like=sequence.frames), predicted.known)


def forecast_key(store: RunFolder, choice: ExportChoice, sequence: Sequence, stage: str) -> str:
    """Return the key of a method at a horizon.

    Parameters
    ----------
    store
        The run folder.
    choice
        Method and horizon.
    sequence
        The real frames: their period turns seconds into frames.
    stage
        Name of the stage.

    Returns
    -------
    str
        As `cinecast.store.artifacts.method_key` gives it.

    Raises
    ------
    StoreError
        If the run has no such method at this horizon.
    """
    method, horizon = str(choice.method), str(choice.horizon)
    frames = 0 if method == ORACLE else parse_horizon(horizon, sequence.frame_period_s).frames
    key = art.method_key(stage, method, frames)
    if not store.record(key):
        found = [kept for kept in kept_results(store.root) if kept.key.startswith(f"{stage}/")]
        listed = ", ".join(f"{kept.method} {kept.horizon_frames}" for kept in found if store.record(kept.key)) or "none"
        raise StoreError(
            f"the method and horizon must be in the run, got {method} at {frames} frame(s); {store.root} has (method "
            f"and frames): {listed}; choose one of these, or add it with 'cinecast run'"
        )
    return key


def check_finished(known: NDArray[np.bool_], choice: ExportChoice, sequence: Sequence, plan: Plan) -> None:
    """Refuse a random run that diverged.

    Parameters
    ----------
    known
        Of which test frames it has a forecast, shape (test frames,).
    choice
        Method, horizon and random run.
    sequence
        The real frames, before some of which others may be missing.
    plan
        All steps of the run.

    Raises
    ------
    StoreError
        If it has none of a frame that every method has a forecast of.
    """
    frames = 0 if choice.method == ORACLE else parse_horizon(str(choice.horizon), sequence.frame_period_s).frames
    history = max(task.compared_history for task in plan.tasks if task.horizon.frames == frames)
    possible = sequence.instants.scored(frames, history)[sequence.split.test_frames]
    if not known[possible].all():
        raise StoreError(
            f"a random run must have forecasts of all test frames to be exported, got run {choice.run} of "
            f"{choice.method}, which diverged; choose another --run"
        )


def unknown_words(known: NDArray[np.bool_], shown: str = "black") -> str:
    """Return of how many test frames there is no forecast, in words.

    Parameters
    ----------
    known
        Of which there is one, shape (test frames,).
    shown
        What stands in the place of the others.

    Returns
    -------
    str
        Empty where there is one of all.
    """
    count = int(np.count_nonzero(~known))
    return f"; {count} of them have no forecast, as frames are missing before them, and are {shown}" if count else ""


def with_forecast(settings: Settings, choice: ExportChoice) -> Settings:
    """Return settings that ask for the method and the horizon of a choice, which may have left them since.

    Parameters
    ----------
    settings
        Settings that the run has now.
    choice
        Method and horizon.

    Returns
    -------
    Settings
        With both among those asked for.
    """
    settings = settings.with_methods((*settings.forecast.methods, str(choice.method)))
    if choice.horizon is None or choice.method == ORACLE:
        return settings
    return replace(
        settings, forecast=replace(settings.forecast, horizons=(*settings.forecast.horizons, choice.horizon))
    )


def check_asked(store: RunFolder, sequence: Sequence, key: str, settings: Settings) -> Plan:
    """Return the plan of a run, and refuse what was not made with these settings, or from what was not.

    Parameters
    ----------
    store
        The run folder.
    sequence
        Its frames.
    key
        The artifact that is exported.
    settings
        What it must have been made with.

    Returns
    -------
    Plan
        All steps that these settings ask for.

    Raises
    ------
    StoreError
        If it was made with others, or by an older version.
    """
    own = load_method_settings(settings.forecast)
    plan = make_plan(sequence, settings, own, kept_given_files(store, settings))
    if not made_as_asked(store, plan, settings, (key,)):
        if made_by_older_version(store, plan, settings, (key,)):
            raise StoreError(
                f"what is exported must be made by this version of cinecast, got {key} made by an older one, or from "
                f"what that made, in {store.root}; run the sequence again"
            )
        raise StoreError(
            f"what is exported must be made with the settings that the run has now, got {key} made with others in "
            f"{store.root}; run the sequence again"
        )
    return plan


def check_made(store: RunFolder, key: str) -> None:
    """Say so where a stage has not made yet what is exported.

    Parameters
    ----------
    store
        The run folder.
    key
        The artifact.

    Raises
    ------
    StoreError
        If the run has no record of it.
    """
    if not store.record(key):
        raise StoreError(
            f"what is exported must have been made, got no {key} yet in {store.root}: its stage has not run; run the "
            "sequence again"
        )


def check_whole(store: RunFolder, key: str, name: str) -> None:
    """Refuse a file that is not as it was written.

    Parameters
    ----------
    store
        The run folder.
    key, name
        The artifact and its file.

    Raises
    ------
    StoreError
        If it is damaged or missing.
    """
    if not store.intact(key, name):
        raise StoreError(
            f"{key}/{name} must be as it was written, got a damaged or missing file in {store.root}; run the sequence "
            "again"
        )
