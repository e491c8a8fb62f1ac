"""The predicted frames of a run, which it does not keep: they are made of what it does keep, whoever needs them."""

from __future__ import annotations

from cinecast.errors import StoreError
from cinecast.flow.reference import reference_index
from cinecast.run.motion_models import fitted_motion
from cinecast.run.step import Task
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.warp.predicted import PredictedFrames


def predicted_frames(store: RunFolder, sequence: Sequence, settings: Settings, task: Task, run: int) -> PredictedFrames:
    """Return the predicted test frames of one random run of a method at a horizon.

    They are those that the scores are of, to the bit.

    Parameters
    ----------
    store
        The run folder, with forecast, motion model and, where the method follows them, drifts.
    sequence
        The real frames.
    settings
        Settings of the run, with the number of the reference frame.
    task
        Method and horizon.
    run
        Random run, counted from 0.

    Returns
    -------
    PredictedFrames
        Each is made when it is asked for.

    Raises
    ------
    StoreError
        If the run lacks what they are made from, or this random run.
    """
    forecasts = art.load_forecast(store.path(task.key("forecast")), len(sequence.frames))
    if not 0 <= run < len(forecasts):
        raise StoreError(
            f"--run must be 0 to {len(forecasts) - 1} for {task.key('forecast')}, got {run}; choose another"
        )
    motion = fitted_motion(store, task.train_end).forecast_motion(task, sequence.instants)
    reference = sequence.frames[reference_index(settings.flow)]
    return PredictedFrames(reference, motion, forecasts[run], sequence.split.test_frames, settings.warp)


def inputs_of_predicted(task: Task) -> list[tuple[str, str]]:
    """Return the files of a run that predicted frames are made from, as pairs of artifact key and file name."""
    motion = art.motion_key(task.train_end)
    found = [(art.FRAMES, "frames.npy"), *((motion, name) for name in art.FILES["motion"])]
    if task.follows_drift:
        found.append((art.drift_key(task.train_end), art.DRIFTS_FILE))
    return [*found, (task.key("forecast"), "weights.csv")]
