"""Error of measured motion at landmarks: the default flow beside the published one and OpenCV's DIS.

Run ``python tests/benchmarks/bench_landmarks.py SEQUENCE...``. All flows are judged by the same tracks in the same
frames, which look at no flow, against the same reference frame. Times are medians of one thread, flows in turn.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models")]

from cinecast.flow import FlowEstimator, reference_index  # noqa: E402 - found through the path above
from cinecast.flow.reference import settings_for  # noqa: E402
from cinecast.frames import read_sequence  # noqa: E402
from cinecast.landmarks.finding import find_landmarks  # noqa: E402
from cinecast.motion.held import held_frames  # noqa: E402
from cinecast.score.landmark_scores import landmark_differences  # noqa: E402
from cinecast.settings import FlowSettings, FramesSettings, Settings  # noqa: E402

Flow = Callable[[NDArray[Any]], NDArray[Any]]


def flows(reference: NDArray[Any], frames: NDArray[Any], settings: FlowSettings) -> dict[str, Flow]:
    """Return the flows that are compared, by name, each against the reference frame."""
    scale = 255 / float(np.percentile(frames, 99.9))

    def to_8_bit(frame: NDArray[Any]) -> NDArray[np.uint8]:  # what DIS accepts
        return np.clip(frame * scale, 0, 255).astype(np.uint8)

    dis, first = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM), to_8_bit(reference)
    published = FlowSettings(
        reference=settings.reference, arithmetic="published", levels=3, iterations=3, sigma_init=0.1, sigma_window=2
    )
    return {
        "default": FlowEstimator(reference, settings).stored,
        "published arithmetic": FlowEstimator(reference, published).stored,
        "OpenCV DIS medium": lambda frame: dis.calc(first, to_8_bit(frame), np.zeros((*frame.shape, 2), np.float32)),
    }


def judge(source: Path, every: int, table: Table) -> None:
    """Add the rows of one sequence to a table."""
    sequence = read_sequence(source, FramesSettings())
    settings = settings_for(sequence, Settings())
    number, end = reference_index(settings.flow), sequence.split.train_end
    held = held_frames(sequence.faults, settings.flow)
    landmarks = find_landmarks(sequence.frames, sequence.spacing_mm, number, end, settings.landmarks, faulty=held)
    contestants = flows(sequence.frames[number], sequence.frames, settings.flow)
    errors: dict[str, list[NDArray[np.float64]]] = {name: [] for name in contestants}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for t in range(0, len(sequence.frames), every):
        for name, flow in contestants.items():
            started = time.process_time()
            dvf = flow(sequence.frames[t])
            times[name].append(1e3 * (time.process_time() - started))
            off = landmark_differences(dvf, landmarks, t, spacing_mm=sequence.spacing_mm)
            errors[name].append(np.linalg.norm(off, axis=-1))
    for name in contestants:
        each = np.array(errors[name])
        worst = np.nanmax(np.nanmean(each, axis=0))
        cells = (f"{np.nanmean(each):.3f}", f"{np.nanpercentile(each, 95):.2f}", f"{worst:.2f}")
        table.add_row(sequence.name, str(len(landmarks.names)), name, *cells, f"{median(times[name]):.2f}")
    table.add_section()


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sequences", nargs="*", type=Path, default=[ROOT / "data/phantom.nii.gz"])
    arguments.add_argument("--every", type=int, default=3, help="Take every N-th frame.")
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    table = Table("sequence", "landmarks", "flow", "mean, mm", "95 %", "worst landmark", "ms")
    for source in given.sequences:
        judge(source, given.every, table)
    Console(width=None if sys.stdout.isatty() else 110).print(table)


if __name__ == "__main__":
    main()
