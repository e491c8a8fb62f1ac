"""Targets inside which a motion folds: what is said of them when they are followed, and again in a report."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from cinecast.references import ORACLE
from cinecast.run.step import Task
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

MEASURED_MOTION = "measured motion"


def motion_of(task: Task) -> str:
    """Return what the motion that a task's targets are followed along is called."""
    if task.method == ORACLE:
        return "measured motion as the modes have it"
    return f"motion that {task.method} forecasts {task.horizon.frames} frame(s) ahead"


def folding_sentences(name: str, motion: str, folded: NDArray[np.int64], frames: range) -> list[str]:
    """Return a sentence that names the frames in which a motion folds inside a target.

    Parameters
    ----------
    name
        Name of the target.
    motion
        What the motion is called.
    folded
        Number of its pixels at which the motion folds, shape (F,).
    frames
        The F frames.

    Returns
    -------
    list[str]
        None where it folds nowhere.
    """
    places = np.flatnonzero(folded)
    if not len(places):
        return []
    return [
        f"target {name}: the {motion} folds inside it in {len(places)} of {len(folded)} frames (frame "
        f"{frames[places[0]]} first, {folded.max()} pixels at most): its outline is not to be trusted there"
    ]


def said_of_folding(store: RunFolder, tasks: Iterable[Task], usable: Collection[str]) -> list[str]:
    """Return what was said of motions that fold inside targets when these were followed, for a report.

    Parameters
    ----------
    store
        The run.
    tasks
        Its methods and horizons.
    usable
        Keys of the artifacts that have been made.

    Returns
    -------
    list[str]
        A sentence for each target and motion that folds inside it; none without a target.
    """
    motions = [(art.MEASURED_TARGET, MEASURED_MOTION), *((task.key("target"), motion_of(task)) for task in tasks)]
    return [
        sentence
        for key, motion in motions
        if key in usable
        for name, (folded, frames) in art.load_folded(store.path(key)).items()
        for sentence in folding_sentences(name, motion, folded, frames)
    ]
