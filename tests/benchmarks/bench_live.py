"""Latency of live forecasting on frames of 270 x 270: every method, each step, a target, and a soak with its memory.

Run from the repository: ``python tests/benchmarks/bench_live.py``, or for the soak alone
``python tests/benchmarks/bench_live.py --only soak --soak 20000 [--size 64]``. One thread; latency is from `push` to
the forecast frame in hand. "of frames" is the spread of how long each frame takes at least, of all times that it
came. The flow beside OpenCV's DIS and scikit-image is in ``bench_flow.py``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models")]

from cinecast import LiveForecaster  # noqa: E402 - found through the path above
from cinecast.flow import FlowEstimator  # noqa: E402
from cinecast.frames.masks import make_target  # noqa: E402
from cinecast.live.target_errors import TargetErrors  # noqa: E402
from cinecast.phantom import PhantomSettings, make_phantom  # noqa: E402
from cinecast.settings import FlowSettings, ForecastSettings, Settings, WarpSettings  # noqa: E402
from cinecast.warp import warp  # noqa: E402
from cinecast_models import METHODS, ForecastingError  # noqa: E402

CALIBRATION, PERIOD_S = 90, 0.15
PHANTOM_FRAMES = 120
# Transformers need torch, and the population's also a trained model.
LEFT_OUT = ("transformer", "population_transformer")
STEPS = ("flow", "projection", "forecast", "reconstruction", "warp")


def sequence_of(frames: int, size: int) -> NDArray[Any]:
    """Return the frames of a phantom of ``size`` x ``size`` pixels."""
    settings = PhantomSettings(
        rows=size, columns=size, pixel_spacing_mm=(1.3, 1.3), frame_count=frames, frame_period_s=PERIOD_S
    )
    return make_phantom(settings).sequence.frames


def spread_of_frames(pushed: NDArray[np.float64], apart: int) -> float:
    """Return the 99th percentile over the median of how long each frame takes at least, NaN if none came twice.

    What a frame takes every time that it comes is the program's doing; what it takes once is the machine's.
    """
    rounds = len(pushed) // apart
    if rounds < 2:
        return float("nan")
    least = pushed[: rounds * apart].reshape(rounds, apart).min(axis=0)
    return float(np.percentile(least, 99) / np.median(least))


class Stream:
    """A forecaster fed with the frames of a phantom, forth and back for ever, on a clock of its own."""

    def __init__(self, frames: NDArray[Any], method: str, settings: Settings) -> None:
        self._order = np.concatenate([np.arange(len(frames)), np.arange(len(frames) - 2, 0, -1)])
        self._frames, self._count = frames, 0
        self.live = LiveForecaster(settings, method=method, horizon="3", calibration_frames=CALIBRATION)
        for _ in range(CALIBRATION):
            self.push()

    def push(self) -> float:
        """Push the next frame; return the latency in ms."""
        return self.timed_push()[0]

    def timed_push(self) -> tuple[float, float]:
        """Push the next frame; return the latency and the processor time in ms."""
        frame = self._frames[self._order[self._count % len(self._order)]]
        self._count += 1
        start, used = time.perf_counter(), time.thread_time()
        self.live.push(frame, PERIOD_S * self._count)
        taken = 1e3 * (time.perf_counter() - start), 1e3 * (time.thread_time() - used)
        self.live.settle()  # between two frames, as `cinecast live` does
        return taken


class SameWork:
    """One and the same flow and warp again and again: how its times spread is the machine's doing, not the stream's."""

    def __init__(self, frames: NDArray[Any]) -> None:
        self._frames, self._estimator = frames, FlowEstimator(frames[0], FlowSettings())
        self._dvf = self._estimator(frames[10])

    def timed(self) -> tuple[float, float]:
        """Do it once; return wall and processor time in ms."""
        start, used = time.perf_counter(), time.thread_time()
        self._estimator.stored(self._frames[10])
        warp(self._frames[0], self._dvf, WarpSettings())
        return 1e3 * (time.perf_counter() - start), 1e3 * (time.thread_time() - used)


def latencies(frames: NDArray[Any], count: int, settings: Settings) -> Table:
    """Measure every method in turns, frame by frame, so that a drift of the machine's speed meets them all."""
    streams: dict[str, Stream] = {}
    for method in METHODS:
        if method not in LEFT_OUT:
            try:
                streams[method] = Stream(frames, method, settings)
            except ForecastingError as error:
                print(f"{method}: {error}", file=sys.stderr)
    found: dict[str, list[tuple[float, float]]] = {method: [] for method in streams}
    steps: dict[str, list[tuple[float, ...]]] = {method: [] for method in streams}
    same, spread = SameWork(frames), []
    for turn in range(count + 10):
        spread += [same.timed()] if turn >= 10 else []
        for method, stream in streams.items():
            times = stream.timed_push()
            latest = stream.live.latest
            if turn >= 10 and latest is not None:  # warmed up
                found[method].append(times)
                steps[method].append(latest.steps)
    runs = settings.forecast.runs
    size = f"{frames.shape[1]} x {frames.shape[2]}"
    table = Table(title=f"{size}, {count} frames per method, {runs} random run(s), horizon 3 frames, one thread: ms")
    columns = (
        "median",
        "above persistence",
        "99 %",
        "worst",
        "99 % / median",
        "of frames",
        "processor",
        "above",
        "99 %",
    )
    for column in ("method", *columns, *STEPS):
        table.add_column(column, justify="left" if column == "method" else "right")
    base = np.array(found["persistence"])
    for method, pairs in found.items():
        # Both of a turn met the same machine.
        (median, used), (more, used_more) = np.median(pairs, axis=0), np.median(np.array(pairs) - base, axis=0)
        p99, used_p99 = np.percentile(pairs, 99, axis=0)
        own = spread_of_frames(np.array(pairs)[:, 0], 2 * len(frames) - 2)
        figures = (median, more, p99, np.max(pairs, axis=0)[0], p99 / median, own, used, used_more, used_p99)
        table.add_row(method, *(f"{x:.2f}" for x in (*figures, *np.median(steps[method], axis=0))))
    (median, used), (p99, used_p99) = np.median(spread, axis=0), np.percentile(spread, 99, axis=0)
    same_figures = (median, p99, np.max(spread, axis=0)[0], p99 / median, used, used_p99)
    cells = [f"{each:.2f}" for each in same_figures]
    table.add_row("the same work again", cells[0], "", *cells[1:4], "", cells[4], "", cells[5], *("" for _ in STEPS))
    return table


def targets(frames: NDArray[Any], count: int, settings: Settings) -> Table:
    """Measure what a target adds to a frame: in its forecast, and in the measured motion once that is out."""
    middle = np.array(frames.shape[1:]) / 2
    far = np.hypot(*(np.indices(frames.shape[1:]).T - middle).T)
    streams = {radius: Stream(frames, "rls", settings) for radius in (0, 9, 20, 40)}
    for radius, stream in streams.items():
        if radius:
            stream.live.set_target(make_target("target", far <= radius, 5), spacing_mm=(1.3, 1.3))
    pushed: dict[int, list[float]] = {radius: [] for radius in streams}
    followed: dict[int, list[float]] = {radius: [] for radius in streams}
    errors = {radius: TargetErrors(PERIOD_S) for radius in streams}
    for turn in range(count + 10):
        for radius, stream in streams.items():
            latency = stream.push()
            latest, start = stream.live.latest, time.perf_counter()
            assert latest is not None
            errors[radius].observe(stream.live.targets, latest)
            if turn >= 10:  # warmed up
                pushed[radius].append(latency)
                followed[radius].append(1e3 * (time.perf_counter() - start))
    table = Table(title=f"a target in {frames.shape[1]} x {frames.shape[2]}, {count} frames: ms")
    for column in ("radius, px", "median to the forecast", "95 %", "added", "after it", "95 %"):
        table.add_column(column, justify="right")
    bare = float(np.median(pushed[0]))
    for radius in streams:
        own, after = pushed[radius], followed[radius]
        values = (
            np.median(own),
            np.percentile(own, 95),
            np.median(own) - bare,
            np.median(after),
            np.percentile(after, 95),
        )
        table.add_row(str(radius or "no target"), *(f"{float(each):.3f}" for each in values))
    return table


def resident_mb() -> float:
    """Return the memory that this process holds, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def soak(frames: NDArray[Any], count: int, method: str, settings: Settings) -> Table:
    """Push many frames and print the memory held after each twentieth of them."""
    stream = Stream(frames, method, settings)
    table = Table(title=f"{method}: {count} frames of {frames.shape[1]} x {frames.shape[2]}")
    for column in ("frames", "memory, MB", "median ms", "99 %"):
        table.add_column(column, justify="right")
    table.add_row("0", f"{resident_mb():.2f}", "", "")
    for part in range(1, 21):
        values = [stream.push() for _ in range(count // 20)]
        row = (resident_mb(), statistics.median(values), float(np.percentile(values, 99)))
        table.add_row(str(part * (count // 20)), *(f"{x:.2f}" for x in row))
    return table


def loop_warp(reference: NDArray[Any], dvf: NDArray[Any], settings: WarpSettings) -> NDArray[Any]:
    """Splat pixel by pixel, as one writes it first."""
    height, width = reference.shape
    totals, weights = np.zeros(reference.shape), np.zeros(reference.shape)
    half = settings.half_window
    for row in range(height):
        for column in range(width):
            x, y = column + dvf[row, column, 0], row + dvf[row, column, 1]
            for i in range(int(np.floor(y)) - half + 1, int(np.floor(y)) + half + 1):
                for j in range(int(np.floor(x)) - half + 1, int(np.floor(x)) + half + 1):
                    if 0 <= i < height and 0 <= j < width:
                        weight = np.exp(-((x - j) ** 2 + (y - i) ** 2) / (2 * settings.sigma**2))
                        totals[i, j] += weight * reference[row, column]
                        weights[i, j] += weight
    with np.errstate(invalid="ignore"):
        return np.rint(np.nan_to_num(totals / weights)).astype(reference.dtype)


def warps(frames: NDArray[Any]) -> Table:
    """Compare the warp with the loop."""
    reference, settings = frames[0], WarpSettings()
    dvf = FlowEstimator(reference, FlowSettings())(frames[10])
    table = Table(title="warp of one frame")
    for column in ("how", "ms", "times", "largest difference, grey levels"):
        table.add_column(column, justify="left" if column == "how" else "right")

    def timed(call: Callable[..., NDArray[Any]], times: int) -> tuple[float, NDArray[Any]]:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            result = call(reference, dvf, settings)
            taken.append(1e3 * (time.perf_counter() - start))
        return statistics.median(taken), result

    slow, wanted = timed(loop_warp, 1)
    warp(reference, dvf, settings)
    fast, got = timed(warp, 50)
    difference = int(np.abs(got.astype(int) - wanted.astype(int)).max())
    table.add_row("loop over pixels", f"{slow:.0f}", "1", "0")
    table.add_row("cinecast", f"{fast:.2f}", f"{slow / fast:.0f}", str(difference))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=714, help="frames per method; each is pushed again after 238")
    parser.add_argument("--soak", type=int, default=0, help="frames of the soak, such as 20000; 0 for none")
    parser.add_argument("--size", type=int, default=270, help="rows and columns of the frames")
    parser.add_argument(
        "--only", choices=("latency", "target", "warp", "soak"), help="one of the measurements instead of all"
    )
    parser.add_argument("--method", default="snap1", help="method of the soak")
    parser.add_argument("--runs", type=int, default=1, help="random runs")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    console = Console(width=200)
    frames, only = sequence_of(PHANTOM_FRAMES, arguments.size), arguments.only
    settings = Settings(forecast=ForecastSettings(runs=arguments.runs))
    if only in (None, "latency"):
        console.print(latencies(frames, arguments.frames, settings))
    if only in (None, "target"):
        console.print(targets(frames, arguments.frames, settings))
    if only in (None, "warp"):
        console.print(warps(frames))
    if only in (None, "soak") and arguments.soak:
        console.print(soak(frames, arguments.soak, arguments.method, settings))


if __name__ == "__main__":
    main()
