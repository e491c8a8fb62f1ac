"""DVFs of a run: as they were measured, or as a method forecast them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError, StoreError
from cinecast.export.choice import ExportChoice
from cinecast.export.exported import Content
from cinecast.export.from_run import (
    check_asked,
    check_finished,
    check_made,
    check_whole,
    forecast_key,
    held_words,
    unknown_words,
    with_forecast,
)
from cinecast.forecast import load_method_settings
from cinecast.motion import ForecastMotion
from cinecast.references import PERSISTENCE
from cinecast.run.given_files import kept_given_files
from cinecast.run.motion_models import fitted_motion
from cinecast.run.plan import make_plan
from cinecast.run.saved import saved_settings
from cinecast.run.step import Task
from cinecast.sequence import Sequence
from cinecast.store import RunFolder
from cinecast.store import artifacts as art


def dvf_content(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Content:
    """Read DVFs from a run folder, or make them of the weights that a method forecast.

    Parameters
    ----------
    store
        The run folder.
    choice
        Of which method, horizon, run and frame count.
    sequence
        Its frames.

    Returns
    -------
    Content
        The measured DVFs of all frames, the forecast ones of the test frames, or one of either.

    Raises
    ------
    StoreError, SettingsError
        If the run does not hold them as its settings ask for them, or has no such frame.
    """
    check_made(store, art.FLOW)
    if choice.method is None:
        return _measured(store, choice, sequence)
    return _forecast(store, choice, sequence)


def _measured(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Content:
    check_whole(store, art.FLOW, "dvf.npy")
    # The flow depends on no method: a model file of one that is gone must not be missed.
    check_asked(store, sequence, art.FLOW, saved_settings(store.root).with_methods((PERSISTENCE,)))
    dvf = art.load_array(store.path(art.FLOW, "dvf.npy"))
    held = held_words(store, sequence)
    if choice.frame is None:
        return Content(dvf, sequence, note=held and f"; along the measured motion{held}")
    _check_frame(choice.frame, range(len(dvf)))
    is_held = bool(held) and choice.frame in sequence.faults
    side = "before" if any(t not in sequence.faults for t in range(choice.frame)) else "after"
    note = f"; this frame is faulty, and the motion is that of the good frame {side} it" if is_held else ""
    return Content(dvf[choice.frame : choice.frame + 1], sequence, choice.frame, note=note, single=True)


def _forecast(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Content:
    key = forecast_key(store, choice, sequence, "forecast")
    for name in art.FILES["forecast"]:
        check_whole(store, key, name)
    settings = with_forecast(saved_settings(store.root), choice)
    check_asked(store, sequence, key, settings)
    forecasts = art.load_forecast(store.path(key), len(sequence.frames))
    if not 0 <= choice.run < len(forecasts):
        raise SettingsError(f"--run must be 0 to {len(forecasts) - 1} for {key}, got {choice.run}; choose one of these")
    plan = make_plan(sequence, settings, load_method_settings(settings.forecast), kept_given_files(store, settings))
    task = next(task for task in plan.tasks if task.key("forecast") == key)
    motion, weights = _motion(store, task, sequence), forecasts[choice.run]
    test = sequence.split.test_frames
    if choice.frame is None:
        known = np.asarray(np.isfinite(weights[test]).all(axis=1))
        check_finished(known, choice, sequence, plan)
        fields = np.stack([motion.dvf(t, weights[t]) for t in test])
        return Content(fields, sequence, test.start, note=unknown_words(known, "NaN"))
    _check_frame(choice.frame, test)
    return Content(_one(motion, weights, choice), sequence, choice.frame, single=True)


def _one(motion: ForecastMotion, weights: NDArray[np.float64], choice: ExportChoice) -> NDArray[Any]:
    frame = choice.frame or 0
    if not np.isfinite(weights[frame]).all():
        raise StoreError(
            f"a frame must have a forecast to be exported, got none of frame {frame} by run {choice.run} of "
            f"{choice.method}: it diverged, or frames are missing before; choose another --frame or --run"
        )
    return motion.dvf(frame, weights[frame])[np.newaxis]


def _motion(store: RunFolder, task: Task, sequence: Sequence) -> ForecastMotion:
    drift = (art.drift_key(task.train_end),) if task.follows_drift else ()
    for key in (art.motion_key(task.train_end), *drift):
        for name in store.record(key).get("files", {}):
            check_whole(store, key, name)
    return fitted_motion(store, task.train_end).forecast_motion(task, sequence.instants)


def _check_frame(frame: int, known: range) -> None:
    if frame not in known:
        raise SettingsError(
            f"--frame must be {known.start} to {known.stop - 1}, got {frame}; choose a frame of which there is a DVF"
        )
