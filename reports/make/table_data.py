"""The recorded data of the table of methods: external markers at three rates, and motion weights of cine sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from default_motion import frames_held, measured_motion, motion_model

from cinecast.frames import read_sequence, read_sidecar
from cinecast.series import Spans, Trace, TraceSource, group_columns, read_trace
from cinecast.series.grouping import Objects
from cinecast.settings import MotionSettings


@dataclass(frozen=True)
class Recording:
    """One trace with the objects that it is scored by, its spans, and its held samples: faulty frames of a sequence."""

    trace: Trace
    objects: Objects
    spans: Spans
    held: frozenset[int] = frozenset()


@dataclass(frozen=True)
class DataSet:
    """Recordings of one kind at one rate; `recordings` reads them."""

    name: str
    title: str
    horizons: tuple[int, ...]
    recordings: Callable[[], Iterator[Recording]]


def markers(name: str, rate: float, horizons: range, spans: Spans, folder: Path) -> DataSet:
    """Three markers in 3D at one rate, with spans and horizons of arXiv 2403.01607 in samples."""

    def recordings() -> Iterator[Recording]:
        for file in sorted(folder.glob("markers-*.npz")):
            trace = read_trace(file, TraceSource(array=name, sample_rate_hz=rate))
            yield Recording(trace, group_columns(trace.columns, "3d", named=False), spans)

    return DataSet(f"markers_{name}", f"External markers, {rate:g} Hz", tuple(horizons), recordings)


def cine(name: str, title: str, horizons: range, folder: Path, work: Path) -> DataSet:
    """Motion weights of the sequences ``name-*``, with spans and horizons of arXiv 2410.05882 in frames."""

    def recordings() -> Iterator[Recording]:
        for sidecar in sorted(folder.glob(f"{name}-*.json")):
            source = next(path for path in sorted(folder.glob(f"{sidecar.stem}*")) if path != sidecar)
            yield _weights(source, work / f"{sidecar.stem}.npz")

    return DataSet(name, title, tuple(horizons), recordings)


def _weights(source: Path, cache: Path) -> Recording:
    sequence = read_sequence(source)
    if not cache.exists():
        dvf = measured_motion(sequence)
        model = motion_model(sequence, dvf, MotionSettings().modes)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, series=model.project(dvf), times_s=sequence.times_s)
    trace = read_trace(cache)
    offline_end = int(read_sidecar(source).published["offline_train_end"])
    spans = Spans(sequence.split.train_end, sequence.split.validation_end, offline_end)
    return Recording(trace, group_columns(trace.columns, "none", named=False), spans, frames_held(sequence))


def all_data(folder: Path, work: Path) -> list[DataSet]:
    """Return every data set below a folder with ``markers`` and ``cine``."""
    return [
        cine("eth", "Cine-MR weights, ETH, 3.18 Hz", range(1, 8), folder / "cine", work / "weights"),
        cine("ovgu", "Cine-MR weights, OvGU, 6 Hz", range(1, 14), folder / "cine", work / "weights"),
        markers("hz_3.33", 3.33, range(1, 8), Spans(100, 200, 180), folder / "markers"),
        markers("hz_10", 10.0, range(1, 22), Spans(300, 600, 540), folder / "markers"),
        markers("hz_30", 30.0, range(3, 64, 3), Spans(900, 1800, 1620), folder / "markers"),
    ]
