"""Long recordings: largest memory of `cinecast run` and processor time per frame, by the number of frames.

Run ``python tests/benchmarks/bench_memory.py [--size 256] [--frames 5000 10000 20000] [--place FOLDER]``. Memory is
anonymous memory of all processes together (RssAnon), sampled every 20 ms; pages of mapped files, which the system takes
back whenever it needs them, do not count. The recordings are the beginnings of one phantom. The largest takes 20 GB of
disk and half an hour of two processors, so it is no part of ``make bench``.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models")]

from cinecast.phantom import PhantomSettings  # noqa: E402 - found through the path above
from cinecast.phantom.files import write_new_phantom  # noqa: E402
from cinecast.store.nifti import write_nifti  # noqa: E402

ASKED = ("--method", "linear", "--method", "mixture", "--horizon", "0.5s")
PERIOD_S, FIELD_MM = 0.125, 300.0
HEADER_BYTES = 352


class Cost(NamedTuple):
    """Largest anonymous memory in MB, processor and wall time in s."""

    memory_mb: float
    processor_s: float
    wall_s: float


def tree(process: int) -> list[int]:
    """Return a process and all that it started."""
    found = [process]
    with suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            children = Path(f"/proc/{process}/task/{task}/children").read_text(encoding="ascii").split()
            found += [each for child in children for each in tree(int(child))]
    return found


def anonymous_mb(process: int) -> float:
    """Return the anonymous memory that a process holds; 0 once it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) / 1000
    return 0.0


def cost_of(command: list[str]) -> Cost:
    """Run a command and return what it took."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "pipeline"), str(ROOT / "models")])}
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    largest = 0.0
    while process.poll() is None:
        largest = max(largest, sum(map(anonymous_mb, tree(process.pid))))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Cost(largest, processor, time.perf_counter() - started)


def beginning(whole: Path, frames: int, of: int, size: int) -> Path:
    """Write the first frames of a phantom as a recording of its own, split into thirds."""
    out = whole.with_name(f"first-{frames}.nii")
    values = np.memmap(whole, np.uint16, "r", HEADER_BYTES, (of, size, size))
    write_nifti(out, values[:frames], spacing_mm=(FIELD_MM / size,) * 2, frame_period_s=PERIOD_S)
    return out


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--size", type=int, default=256, help="Rows and columns of a frame.")
    arguments.add_argument("--frames", type=int, nargs="+", default=[5000, 10_000, 20_000], help="Numbers of frames.")
    arguments.add_argument("--place", type=Path, default=None, help="A folder on a disk with room.")
    given = arguments.parse_args()
    table = Table(title=f"{given.size} x {given.size} pixels, linear and mixture, 0.5 s ahead")
    for column in ("frames", "largest memory, MB", "processor, ms a frame", "wall, s"):
        table.add_column(column, justify="right")
    most = max(given.frames)
    with tempfile.TemporaryDirectory(dir=given.place) as temporary:
        whole, run = Path(temporary, "whole.nii"), Path(temporary, "run")
        spacing = FIELD_MM / given.size
        settings = PhantomSettings(
            rows=given.size,
            columns=given.size,
            pixel_spacing_mm=(spacing, spacing),
            frame_count=most,
            frame_period_s=PERIOD_S,
            drift_mm_per_min=0.0,
        )
        write_new_phantom(whole, settings)
        for count in sorted(given.frames):
            source = beginning(whole, count, most, given.size)
            cost = cost_of([sys.executable, "-m", "cinecast", "run", str(source), "--out", str(run), *ASKED])
            per_frame = 1e3 * cost.processor_s / count
            table.add_row(str(count), f"{cost.memory_mb:.0f}", f"{per_frame:.1f}", f"{cost.wall_s:.0f}")
            source.unlink()
            shutil.rmtree(run)
    Console().print(table)


if __name__ == "__main__":
    main()
