"""How well a batch uses its workers, what scheduling and store cost, and a cohort of 200 short sequences.

Run from the repository, on a machine with nothing else to do:
``python tests/benchmarks/bench_batch.py [--sequences 200] [--folder FOLDER] [--against d5cf09a]``.

Printed, with what is asked of each figure:

- speed of 2 workers over 1 on 6 sequences, from the start of the command to its end (at least 1.9);
- what a batch on 1 worker takes beyond the same stages called one after another in memory, without scheduler and store,
  as a share of the latter (below 10 %); starting the workers apart. Also in seconds of processor (all processes, their
  start included), which other work on the machine does not change;
- a cohort of short sequences: its time, the largest memory of a worker (below 2 GB), the time of an unchanged rerun;
- with ``--against REVISION``, an unchanged rerun of such a cohort as a whole process, in turn with that of an earlier
  revision, which is taken from git into a temporary folder (at most a third).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import NamedTuple

import cv2
import numpy as np
import psutil
from bench_run import cost_of
from bench_start import add_missing, unpack
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models"), str(ROOT / "tests")]

from cinecast.batch import Request, Watcher  # noqa: E402 - found through the path above
from cinecast.batch.driver import run_batch  # noqa: E402
from cinecast.batch.job import Outcome, Todo  # noqa: E402
from cinecast.flow import estimate_flow  # noqa: E402
from cinecast.flow.unexplained import unexplained_shares  # noqa: E402
from cinecast.forecast import forecast_weights  # noqa: E402
from cinecast.forecast.modes import fitted_modes  # noqa: E402
from cinecast.frames import read_sequence  # noqa: E402
from cinecast.garbage_collection import collect_rarely  # noqa: E402
from cinecast.landmarks.finding import find_landmarks  # noqa: E402
from cinecast.motion import fit_train_span  # noqa: E402
from cinecast.motion.drift import ForecastMotion, follow_drift  # noqa: E402
from cinecast.phantom import PhantomSettings, make_phantom  # noqa: E402
from cinecast.phantom.files import write_phantom  # noqa: E402
from cinecast.report import ReportData, render_report  # noqa: E402
from cinecast.report.data import ReportEntry, ReportFlow, ReportModel  # noqa: E402
from cinecast.run.plan import make_plan  # noqa: E402
from cinecast.run.scope import Scope  # noqa: E402
from cinecast.run.step import Task  # noqa: E402
from cinecast.score.band_scores import summarise_bands, weight_bands  # noqa: E402
from cinecast.score.frame_scores import score_frames, summarise_frames  # noqa: E402
from cinecast.score.landmark_scores import summarise_errors  # noqa: E402
from cinecast.score.point_bands import summarise_landmark_bands  # noqa: E402
from cinecast.score.regions import masks_of  # noqa: E402
from cinecast.score.scoring import Score, Truth, grey_range_of_test_span, score_series  # noqa: E402
from cinecast.settings import Settings  # noqa: E402
from cinecast.settings.toml_file import build_settings  # noqa: E402
from cinecast.warp import PushForward  # noqa: E402

# Batches and stages in memory are timed in turn, so many times; means are printed.
TURNS = 2
FORECAST = {"methods": ["linear", "rls", "snap1"], "horizons": ["0.5s", "1s"]}
LONG = PhantomSettings(rows=192, columns=168, pixel_spacing_mm=(1.8, 1.8), frame_count=200, frame_period_s=0.25)
SHORT = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)


class Timing(Watcher):
    """Notes when the first step was asked for, as the workers have started by then, and how long all steps took."""

    started = steps = 0.0

    def expect(self, todo: Todo) -> None:
        """Hear of one more step."""
        self.started = self.started or time.perf_counter()
        super().expect(todo)

    def end(self, outcome: Outcome) -> None:
        """Hear of a step that has ended."""
        self.steps += outcome.seconds
        super().end(outcome)


def write_sequences(folder: Path, count: int, settings: PhantomSettings) -> Path:
    """Write phantoms that differ in texture, breathing and noise."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        own = PhantomSettings(**{**vars(settings), "seed": seed})
        write_phantom(folder / f"s{seed:03d}.nii.gz", make_phantom(own))
    return folder


def processor_s() -> float:
    """Return the seconds of processor that this process and those that it has ended have taken."""
    return sum(os.times()[:4])


class Seconds(NamedTuple):
    """Of a whole batch, of what came after its workers had started, of all its steps together, and of processor."""

    whole: float
    started: float
    steps: float
    processor: float


def batch(sources: Path, out: Path, workers: int) -> Seconds:
    """Make a batch on a local cluster."""
    timing, begun, before = Timing(), time.perf_counter(), processor_s()
    request = Request(changes=[{"forecast": FORECAST}])
    result = run_batch(out, [str(sources)], request, Scope(), workers=workers, watcher=timing)
    ended = time.perf_counter()
    assert not result.failed, result.failed
    return Seconds(ended - begun, ended - timing.started, timing.steps, processor_s() - before)


def in_memory(sources: Path) -> tuple[float, float]:
    """Make the stages one after another on arrays that stay in memory; return the seconds, also of processor."""
    settings = build_settings({"forecast": FORECAST})
    cv2.setNumThreads(1)
    collect_rarely()  # as workers do
    with threadpool_limits(1):
        begun, before = time.perf_counter(), processor_s()
        for source in sorted(sources.glob("*.nii.gz")):
            _one_in_memory(source, settings)
        return time.perf_counter() - begun, processor_s() - before


def _one_in_memory(source: Path, settings: Settings) -> None:
    sequence = read_sequence(source, settings.frames)
    plan = make_plan(sequence, settings)
    settings = plan.settings  # with the reference frame that was chosen
    dvf = np.stack(list(estimate_flow(sequence.frames, settings.flow)))
    end = sequence.split.train_end
    unexplained_shares(sequence.frames[settings.flow.reference], sequence.frames, dvf)
    model = fit_train_span(sequence.frames[:end], dvf[:end], settings, fitted_modes(settings), frozenset())
    marks = settings.landmarks
    landmarks = find_landmarks(sequence.frames, sequence.spacing_mm, settings.flow.reference, end, marks)
    grey, weights = grey_range_of_test_span(sequence), model.project(dvf)
    drifts, masks = follow_drift(dvf, model, weights), masks_of(sequence, settings.flow.reference)
    motion = ForecastMotion(model, 0, drifts)
    truth = Truth(sequence, dvf, motion, weights, grey, masks=masks, landmarks=landmarks)
    scored = [_task_in_memory(truth, task, settings) for task in plan.tasks]
    rows = [
        {
            "method": entry.method,
            "protocol": entry.protocol,
            "horizon_frames": str(entry.horizon.frames),
            "horizon_s": str(entry.horizon.seconds),
            **{name: str(value) for name, value in score._asdict().items()},
        }
        for entry, scores in scored
        for score in scores
    ]
    entries = tuple(entry for entry, _ in scored)
    span = sequence.split.test_frames
    flow = ReportFlow(settings.flow.reference, dvf[span.start : span.stop])
    shown = ReportModel(0, end, model.mean, model.modes, model.explained_variance, truth.weights, drifts)
    render_report(ReportData(sequence, (flow,), (shown,), entries, rows, "", {}, {}, settings.report.max_frames))


def _task_in_memory(truth: Truth, task: Task, settings: Settings) -> tuple[ReportEntry, list[Score]]:
    sequence = truth.sequence
    truth = replace(truth, motion=replace(truth.motion, horizon=task.horizon.frames))
    result = forecast_weights(
        truth.weights,
        method=task.method,
        horizon=task.horizon.frames,
        train_end=task.train_end,
        settings=settings.forecast,
        instants=sequence.instants,
        own=task.own,
    )
    warp = PushForward(sequence.frames[settings.flow.reference], settings.warp)
    level = settings.score.level
    frames = score_frames(truth, result.forecasts, lambda run, t, dvf: warp.grey_values(dvf), level=level)
    bands = weight_bands(truth, result.forecasts, level=level)
    scores = [
        *summarise_errors(truth, frames.landmarks),
        *summarise_landmark_bands(truth, frames.landmarks, frames.landmark_radii),
        *summarise_frames(truth, frames.errors),
        *score_series(truth, result.forecasts, result.step_time_ms),
        *summarise_bands(truth, frames.bands, bands),
    ]
    regions = tuple(truth.regions)
    entry = ReportEntry(
        task.method,
        task.method,
        "causal",
        task.horizon,
        0,
        result.forecasts,
        settings.warp,
        regions,
        frames.errors,
    )
    return entry, scores


class Memory(Thread):
    """Samples the resident memory of this process's children, until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest, self._end = 0, Event()

    def run(self) -> None:
        """Sample five times a second."""
        while not self._end.wait(0.2):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    self.largest = max(self.largest, child.memory_info().rss)

    def stop(self) -> float:
        """Return the largest memory of one process in GB."""
        self._end.set()
        self.join()
        return self.largest / 1e9


def speed(folder: Path, table: Table) -> None:
    """Measure what workers and scheduler do with six sequences."""
    sources = write_sequences(folder / "long", 6, LONG)
    batch(write_sequences(folder / "warm-up", 2, SHORT), folder / "warm-up-runs", 2)  # compiled code is kept on disk
    in_memory(folder / "warm-up")
    bare, whole = [], {1: [], 2: []}
    for turn in range(TURNS):  # one after another: the machine may be faster or slower some minutes later
        bare.append(in_memory(sources))
        for workers, runs in whole.items():
            runs.append(batch(sources, folder / f"runs-{workers}-{turn}", workers))
    one, two = (Seconds(*map(sum, zip(*runs, strict=True))) for runs in whole.values())
    alone_s, alone_processor_s = map(sum, zip(*bare, strict=True))
    for workers, took in ((1, one), (2, two)):
        seconds = [f"{each / TURNS:.1f} s" for each in (took.whole, took.started, took.processor)]
        table.add_row(
            f"6 sequences, {workers} worker(s)", "{}, {} after the start, {} of processor".format(*seconds), ""
        )
    table.add_row("speed of 2 workers", f"{one.whole / two.whole:.2f}", "at least 1.9")
    table.add_row("the same after their start", f"{one.started / two.started:.2f}", "")
    words = f"{alone_s / TURNS:.1f} s, {alone_processor_s / TURNS:.1f} s of processor"
    table.add_row("the stages alone, in memory", words, "")
    table.add_row("scheduling and store", f"{100 * (one.started / alone_s - 1):.1f} %", "below 10 %")
    table.add_row("scheduling alone", f"{100 * (one.started / one.steps - 1):.1f} %", "")
    table.add_row("the same, of processor", f"{100 * (one.processor / alone_processor_s - 1):.1f} %", "")


def cohort(folder: Path, count: int, table: Table) -> None:
    """Measure a cohort of short sequences and its unchanged rerun."""
    sources = write_sequences(folder / "short", count, SHORT)
    memory = Memory()
    memory.start()
    whole = batch(sources, folder / "runs-short", 2)
    largest = memory.stop()
    again = batch(sources, folder / "runs-short", 2)
    table.add_row(f"{count} short sequences, 2 workers", f"{whole.whole:.1f} s", "")
    table.add_row("largest memory of a worker", f"{largest:.2f} GB", "below 2 GB")
    table.add_row("unchanged rerun", f"{again.whole:.1f} s", "seconds")


def reruns(folder: Path, count: int, against: str, table: Table) -> None:
    """Measure unchanged reruns beside those of an earlier revision, each with a cohort of its own."""
    sources = write_sequences(folder / "rerun", count, SHORT)
    old = unpack(against, folder / "old")
    add_missing(old, folder / "extra")
    sides = {
        "now": [ROOT / "pipeline", ROOT / "models"],
        "old": [old / "pipeline", old / "models", folder / "extra"],
    }
    command = [sys.executable, "-m", "cinecast", "batch", "--workers", "2", "--out"]
    pairs = []
    for turn in range(4):
        what = [str(sources), "--method", "linear", "--horizon", "0.5s"] if turn == 0 else []
        pairs.append([cost_of([*command, str(folder / f"runs-{side}"), *what], paths) for side, paths in sides.items()])
    for part in ("wall_s", "processor_s"):
        now, before = (median(getattr(each, part) for each in column) for column in zip(*pairs[1:], strict=True))
        share = median(getattr(one, part) / getattr(other, part) for one, other in pairs[1:])
        words = f"{now:.1f}, {against}: {before:.1f}; {100 * share:.0f} %"
        table.add_row(f"{count} sequences, unchanged rerun, {part}", words, "at most 33 %")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200, help="how many short ones")
    parser.add_argument("--folder", type=Path, help="where to work [default: a temporary folder]")
    parser.add_argument("--against", help="revision to compare reruns with")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cinecast-", dir=options.folder))
    table = Table("figure", "measured", "wanted")
    try:
        speed(folder, table)
        if options.sequences:
            cohort(folder, options.sequences, table)
        if options.sequences and options.against:
            reruns(folder, options.sequences, options.against, table)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Console().print(table)


if __name__ == "__main__":
    main()
