"""Time and registration error of the flow beside OpenCV's DIS and scikit-image's iterative Lucas-Kanade.

It also tells what a second thread brings to whole sequences; both cores must be idle for that, and
beside it stands what a plain loop gains. Run from the repository, one thread for all else:
``python tests/benchmarks/bench_flow.py [--frames FILE_OR_FOLDER]``.
Without ``--frames`` it takes the phantom and, where CINECAST_SHARED or ``../shared`` holds them, eth-1 and ovgu-1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from skimage.registration import optical_flow_ilk

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models")]

from cinecast.flow import FlowEstimator, estimate_flow, registration_nrmse  # noqa: E402 - found through the path above
from cinecast.frames import read_sequence  # noqa: E402
from cinecast.phantom import PhantomSettings, make_phantom  # noqa: E402
from cinecast.sequence import Sequence  # noqa: E402
from cinecast.settings import FlowSettings  # noqa: E402

Frame = NDArray[Any]
BASELINE = "OpenCV DIS fast"


@dataclass
class Contestant:
    """One method on one sequence: how it estimates a DVF, and what was measured."""

    name: str
    estimate: Callable[[Frame], NDArray[Any]]
    every: int = 1  # slow ones take every so many frames
    milliseconds: list[float] = field(default_factory=list)
    errors: dict[int, float] = field(default_factory=dict)
    vector_errors: dict[int, float] = field(default_factory=dict)


def published_settings(sequence: Sequence) -> FlowSettings:
    """Return the flow settings that the paper chose for this sequence, else those of its eth-1."""
    block = sequence.published.get("flow", {})
    return FlowSettings(
        reference=0,
        levels=int(block.get("nb_layers", 2)),
        iterations=int(block.get("nb_iter", 1)),
        sigma_init=float(block.get("sigma_init", 0.1)),
        sigma_subsampling=float(block.get("sigma_subspl", 0.1)),
        sigma_window=float(block.get("sigma_LK", 2)),
        arithmetic="published",
    )


def contestants(sequence: Sequence, slow_every: int) -> list[Contestant]:
    """Return the methods, each bound to the reference frame."""
    reference, scale = sequence.frames[0], 255.0 / float(sequence.frames.max())

    def to_8_bit(frame: Frame) -> NDArray[np.uint8]:  # what DIS accepts
        return np.clip(frame * scale, 0, 255).astype(np.uint8)

    def dis(preset: int) -> Callable[[Frame], NDArray[Any]]:
        method, first = cv2.DISOpticalFlow.create(preset), to_8_bit(reference)
        return lambda frame: method.calc(first, to_8_bit(frame), np.zeros((*frame.shape, 2), np.float32))

    def ilk(frame: Frame) -> NDArray[Any]:
        rows, columns = optical_flow_ilk(reference * scale, frame * scale)
        return np.stack([columns, rows], axis=-1)

    return [
        Contestant("cinecast, published settings", FlowEstimator(reference, published_settings(sequence)).stored),
        Contestant("cinecast, default", FlowEstimator(reference, FlowSettings(reference=0)).stored),
        Contestant(BASELINE, dis(cv2.DISOPTICAL_FLOW_PRESET_FAST)),
        Contestant("OpenCV DIS medium", dis(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)),
        Contestant("scikit-image ILK", ilk, every=slow_every),
    ]


def measure(sequence: Sequence, truth: NDArray[Any] | None, frame_count: int) -> list[Contestant]:
    """Run the methods in turns, frame by frame, so that a drift of the machine's speed meets them all."""
    numbers = np.linspace(1, len(sequence.frames) - 1, min(frame_count, len(sequence.frames) - 1)).astype(int)
    methods = contestants(sequence, slow_every=max(1, len(numbers) // 4))
    reference = sequence.frames[0]
    body = reference > 0.1 * reference.max()
    for method in methods:
        method.estimate(sequence.frames[1])  # compiled and warmed up before the clock runs
    for turn, t in enumerate(map(int, numbers)):
        for method in methods:
            if turn % method.every:
                continue
            start = time.perf_counter()
            dvf = method.estimate(sequence.frames[t])
            method.milliseconds.append(1e3 * (time.perf_counter() - start))
            method.errors[t] = registration_nrmse(reference, sequence.frames[t], dvf)
            if truth is not None:
                method.vector_errors[t] = float(np.linalg.norm(dvf - truth[t], axis=-1)[body].mean())
    return methods


def report(name: str, shape: tuple[int, ...], methods: list[Contestant]) -> Table:
    """Return the table of one sequence; a slow method names how many of the frames its figures are from."""
    table = Table(title=f"{name}: {shape[1]} x {shape[2]}, {len(methods[0].errors)} frames against the first")
    columns = ("method", "median ms", "of DIS fast", "registration nRMSE", "error inside the body, px")
    for column in columns:
        table.add_column(column, justify="left" if column == "method" else "right")
    baseline = next(method for method in methods if method.name == BASELINE)
    for method in methods:
        median = statistics.median(method.milliseconds)
        ratio = median / statistics.median(baseline.milliseconds)
        note = "" if method.every == 1 else f" ({len(method.errors)} frames)"
        vector = f"{statistics.fmean(method.vector_errors.values()):.3f}" if method.vector_errors else "unknown"
        error = f"{statistics.fmean(method.errors.values()):.4f}"
        table.add_row(method.name + note, f"{median:.2f}", f"{ratio:.2f}", error, vector)
    return table


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _plain_loop(count: int) -> float:
    value = 1.0
    for _ in range(count):
        value = value * 1.0000001 + 1e-9
    return value


def gain(work: Callable[[ThreadPoolExecutor], object], repeats: int = 5) -> float:
    """Return how many times faster the work is on two threads than on one: the best of a few, in turns."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(2) as two:
        for _ in range(repeats):
            for count, pool in ((1, one), (2, two)):
                start = time.perf_counter()
                work(pool)
                seconds[count].append(time.perf_counter() - start)
    return min(seconds[1]) / min(seconds[2])


def threads(names_and_frames: list[tuple[str, Frame]]) -> Table:
    """Return the table of what a second thread brings to the flow of whole sequences."""
    table = Table(title="two threads instead of one: times faster")
    table.add_column("what")
    table.add_column("times", justify="right")
    _plain_loop(1)
    table.add_row("a plain loop", f"{gain(lambda pool: list(pool.map(_plain_loop, [30_000_000] * 8))):.2f}")
    for name, frames in names_and_frames:

        def flow(pool: ThreadPoolExecutor, frames: Frame = frames) -> object:
            return list(estimate_flow(frames, FlowSettings(reference=0), apply=pool.map))

        table.add_row(f"{name}: {len(frames)} frames", f"{gain(flow):.2f}")
    return table


def sequences(given: Path | None) -> Iterator[tuple[Sequence, NDArray[Any] | None]]:
    """Yield the sequences to measure, with their true DVF where it is known."""
    if given is not None:
        yield read_sequence(given), None
        return
    phantom = make_phantom(PhantomSettings(frame_count=60))
    yield phantom.sequence, phantom.dvf
    shared = Path(os.environ.get("CINECAST_SHARED", ROOT.parent / "shared"))
    for name in ("eth-1", "ovgu-1"):
        if (shared / "data" / "cine" / name).exists():
            yield read_sequence(shared / "data" / "cine" / name), None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=Path, help="a sequence of your own: any format that cinecast reads")
    parser.add_argument("--count", type=int, default=40, help="how many frames of each sequence, evenly spaced")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    console = Console()
    whole = []
    for sequence, truth in sequences(arguments.frames):
        whole.append((sequence.name, sequence.frames))
        methods = measure(sequence, truth, arguments.count)
        console.print(report(sequence.name, sequence.frames.shape, methods))
    console.print(threads(whole))


if __name__ == "__main__":
    main()
