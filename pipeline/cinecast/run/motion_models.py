"""Motion models of runs, each read from the disk once a process, whoever asks for it: warp, scores or report."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import Instants
from cinecast.motion import ForecastMotion, MotionModel
from cinecast.run.step import Task
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

# A worker of a batch takes steps of few sequences in turn, and an offline train end makes two models of one.
_KEPT = 4
_LOADING = Lock()  # without it, threads that miss at the same time would each read the model


class FittedMotion(NamedTuple):
    """A motion model as a run holds it.

    Parameters
    ----------
    model
        All modes that are fitted.
    weights
        Weights of every frame on them, shape (T, K); read-only.
    drift_folder
        Where the drifts of the mean lie, once a method follows them.
    """

    model: MotionModel
    weights: NDArray[np.float64]
    drift_folder: Path

    def drifts(self) -> NDArray[np.float32]:
        """Return the drifts of the mean as they become known (`cinecast.motion.drift.follow_drift`), memory-mapped."""
        return art.load_drifts(self.drift_folder)

    def forecast_motion(self, task: Task, instants: Instants) -> ForecastMotion:
        """Return what turns a task's forecast weights into DVFs.

        Parameters
        ----------
        task
            Method and horizon.
        instants
            Where the frames lie on the clock.

        Returns
        -------
        ForecastMotion
            Of the modes that the task forecasts; with the drifts of the mean where its method follows them.
        """
        shown = self.model if task.modes is None else self.model.first(task.modes)
        drifts, horizon = self.drifts() if task.follows_drift else None, task.horizon.frames
        return ForecastMotion(shown, horizon, drifts, None if instants.regular else instants.issued(horizon))


def fitted_motion(store: RunFolder, train_end: int) -> FittedMotion:
    """Return the motion model that a run has fitted to its first frames.

    Parameters
    ----------
    store
        The run folder.
    train_end
        Number of frames that it was fitted to.

    Returns
    -------
    FittedMotion
        As its files are recorded now: a model that has been made anew is read anew.

    Raises
    ------
    StoreError
        If the run has no such model.
    """
    key = art.motion_key(train_end)
    own = store.record(key).get("files", {})
    names = [*art.FILES["motion"], *(name for name in own if name == art.PIXEL_WEIGHTS_FILE)]
    with _LOADING:
        return _load(
            store.path(key),
            store.path(art.drift_key(train_end)),
            tuple((name, store.digest(key, name)) for name in names),
        )


@lru_cache(maxsize=_KEPT)
def _load(folder: Path, drift_folder: Path, digests: tuple[tuple[str, str], ...]) -> FittedMotion:
    """Read a model; the digests of its files tell it from one that was there before."""
    del digests
    weights = art.load_weights(folder)
    weights.flags.writeable = False
    return FittedMotion(art.load_motion_model(folder), weights, drift_folder)
