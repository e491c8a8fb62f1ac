"""The reader that napari calls with what is dropped on it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from cinecast.store.marker import check_run, saved_sequence
from cinecast.viewer.layers import LayerData, run_layers
from cinecast.viewer.time_axis import TimeAxis


def get_reader(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Return what reads a run folder; None for anything else, which other readers may take."""
    root = _single(path)
    return None if root is None or saved_sequence(root) is None else read_run


def read_run(path: str | list[str]) -> list[LayerData]:
    """Return a run as layers; what it lacks is left out and said in a warning, which napari shows.

    Raises
    ------
    cinecast.errors.CinecastError
        If it is no run, one of a newer version, or one without frames.
    """
    from cinecast.run.predicted import predicted_frames
    from cinecast.run.reports import scores_of
    from cinecast.run.saved import saved_run

    root = _single(path) or Path()
    check_run(root)
    with saved_run(root) as gathering:
        data = gathering.report_data(scores_of(gathering))
        shown = {(entry.method, entry.horizon.frames) for entry in data.entries}
        predicted = {
            key: predicted_frames(gathering.store, gathering.sequence, gathering.settings, task, 0)
            for task in gathering.plan.tasks
            if (key := (task.method, task.horizon.frames)) in shown
        }
    if data.missing:
        warnings.warn(f"{root} opens without what it lacks: {'; '.join(data.missing)}", stacklevel=2)
    return run_layers(data, predicted, TimeAxis.of(data.sequence))


def _single(path: str | list[str]) -> Path | None:
    paths = [path] if isinstance(path, str) else list(path)
    return Path(paths[0]) if len(paths) == 1 else None
