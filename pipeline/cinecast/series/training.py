"""What a population is trained on: finished runs and traces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.frames.recording_digests import frames_digests
from cinecast.series.reader import read_trace
from cinecast.series.source import TraceSource
from cinecast.store.finished import read_run_weights
from cinecast_models.population.population import TrainingSeries, component_digests

# Components of the published population: three PCA weights.
RUN_COMPONENTS = 3


def read_training_series(
    paths: Sequence[Path], source: TraceSource, components: int | None = None
) -> list[TrainingSeries]:
    """Return the sequences in run folders (the weights of their motion) and in files (see `read_trace`).

    Parameters
    ----------
    paths
        Folders and files.
    source
        What the files leave open.
    components
        Number K of components; None for the first 3 weights of a run and all columns of a file.

    Returns
    -------
    One series for each path, in their order, with digests by which its source is known again.

    Raises
    ------
    CinecastError
        If one cannot be read, if they do not all have the same number of components, or if one is given twice.
    """
    if components is not None and components < 1:
        raise SettingsError(f"--components must be 1 or more, got {components}; the published models have 3")
    found = [_from_run(path, components) if path.is_dir() else _from_file(path, source, components) for path in paths]
    _check_alike(found)
    _check_different(found)
    return found


def _from_run(path: Path, components: int | None) -> TrainingSeries:
    sequence, weights, held = read_run_weights(path)
    wanted = components or RUN_COMPONENTS
    if weights.shape[1] < wanted:
        raise SettingsError(
            f"a run must have as many modes as the model has components, {wanted}, got {weights.shape[1]} in {path}; "
            f"give --components {weights.shape[1]}, or run it again with --set motion.modes={wanted}"
        )
    instants = sequence.instants
    if instants.unknown.any():
        raise SettingsError(
            f"a run to train on must be free of pauses, got {instants.unknown.sum()} in {path}; cut the recording at "
            "them, or leave it out"
        )
    digests = frames_digests(sequence.frames)
    measured = instants.place(_interpolated(weights[:, :wanted], held, sequence.times_s))
    return TrainingSeries(sequence.name, measured, 1 / sequence.frame_period_s, digests)


def _interpolated(
    weights: NDArray[np.float64], held: Sequence[int], times_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights (T, K) with those of held frames interpolated: a recording to learn from has both neighbours."""
    if not held:
        return weights
    good = np.setdiff1d(np.arange(len(weights)), held)
    columns = [np.interp(times_s, times_s[good], column[good]) for column in weights.T]
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _from_file(path: Path, source: TraceSource, components: int | None) -> TrainingSeries:
    trace = read_trace(path, source)
    columns = trace.samples.shape[1]
    if trace.unknown.any():
        raise SettingsError(
            f"a file to train on must be free of long gaps, got {trace.unknown.sum()} missing samples in those of "
            f"{path.name}; cut it at them, or fill them with --longest-gap"
        )
    if components not in (None, columns):
        raise SettingsError(
            f"a file must have --components {components} columns besides its times, got {columns} in {path.name}; "
            "choose them with --column"
        )
    return TrainingSeries(trace.name, trace.samples, 1 / trace.period_s, trace.recorded)


def _check_alike(series: Iterable[TrainingSeries]) -> None:
    counts = {each.name: each.samples.shape[1] for each in series}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{count} in {name}" for name, count in counts.items())
        raise SettingsError(
            f"all sequences of a population must have the same number of components, got {listed}; choose with "
            "--components (of runs) or --column (of files)"
        )


def _check_different(series: Sequence[TrainingSeries]) -> None:
    seen: dict[str, str] = {}
    for each in series:
        own = each.digests | component_digests(each.samples)
        for digest in own:
            if digest in seen:
                raise SettingsError(
                    f"a sequence must be given once, got {each.name}, which holds the same as {seen[digest]}, or "
                    "a part of it; leave one out"
                )
        seen |= dict.fromkeys(own, each.name)
