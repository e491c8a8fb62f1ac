"""A run of a recorded sequence side by side with an earlier revision: time, memory, folder, and whether scores agree.

Run ``python tests/benchmarks/bench_run.py [--against REVISION] [--sequence FOLDER] [--count N]``, on a machine with
nothing else to do. Each command is timed as a whole process, in turn with that of the earlier revision, which is taken
from git into a temporary folder. Rows:

- "its DVF": our run is given the DVFs of the earlier revision, with reference frame 0, uniform weights of pixels in the
  PCA, the drift followed by `mixture` alone and one landmark, so that both do the same work (at most a quarter of the
  time; scores equal to 1e-6);
- "as it comes": with the flow and the landmarks of today (at most a third);
- "again": the same command with nothing to do (at most a quarter).
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench_start import ROOT, add_missing, unpack
from rich.console import Console
from rich.table import Table

ASKED = ("--method", "linear", "--method", "mixture", "--method", "snap1")
# Changed on purpose since d5cf09a: forecasts of this method, and bands of all.
CHANGED_METHODS = ("mixture",)
CHANGED_METRICS = ("pixels_inside", "radius_mm", "weights_inside", "weights_radius", "step_time_ms")
HORIZONS = ("--horizon", "0.5s", "--horizon", "1s", "--horizon", "2s")


class Cost(NamedTuple):
    """What a command took as a whole process: wall and processor time in s, largest memory in GB."""

    wall_s: float
    processor_s: float
    memory_gb: float


def cost_of(command: list[str], paths: list[Path]) -> Cost:
    """Run a command and return what it took."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed has its bytecode
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)


def largest_difference(ours: Path, theirs: Path) -> float:
    """Return the largest relative difference of the scores that both runs have and nobody has changed on purpose."""
    tables = []
    for run in (ours, theirs):
        with (run / "score" / "scores.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row.get("against", "measured") == "measured"]
        tables.append({tuple(row[k] for k in ("method", "horizon_frames", "region", "metric")): row for row in rows})
    ours_rows, theirs_rows = tables
    pairs = [
        (float(ours_rows[key]["value"]), float(row["value"]))
        for key, row in theirs_rows.items()
        if key[0] not in CHANGED_METHODS and key[-1] not in CHANGED_METRICS
    ]
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in pairs)


def folder_mb(folder: Path) -> float:
    """Return the size of all files of a folder in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--against", default="d5cf09a", help="Revision to compare with.")
    arguments.add_argument("--sequence", type=Path, default=None, help="Folder of a recorded sequence.")
    arguments.add_argument("--count", type=int, default=3, help="Pairs of each command, after one that is not counted.")
    given = arguments.parse_args()
    shared = Path(os.environ.get("CINECAST_SHARED", ROOT.parent / "shared"))
    sequence = given.sequence or shared / "data" / "cine" / "ovgu-1"
    table = Table("ovgu-1, 3 methods, 3 horizons", "now", given.against, "share", title="median of pairs")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        old = unpack(given.against, folder / "old")
        add_missing(old, folder / "extra")
        now, before = [ROOT / "pipeline", ROOT / "models"], [old / "pipeline", old / "models", folder / "extra"]
        run = [sys.executable, "-m", "cinecast", "run", str(sequence), *ASKED, *HORIZONS, "--out"]
        theirs, ours = folder / "theirs", folder / "ours"
        cost_of([*run, str(theirs)], before)
        same = ["--dvf", str(theirs / "flow" / "dvf.npy"), "--dvf-reference", "0"]
        for each in ("motion.pixel_weights=uniform", "motion.drift=made_for_it", "landmarks.most=1"):
            same += ["--set", each]
        rows = {"its DVF": same, "as it comes": [], "again": None}
        for name, options in rows.items():
            pairs = []
            for i in range(given.count + 1):
                places = [folder / f"{side}-{name.replace(' ', '')}-{i}" for side in ("ours", "theirs")]
                if options is None:
                    places = [ours, theirs]
                one = cost_of([*run, str(places[0]), *(options or [])], now)
                pairs.append((one, cost_of([*run, str(places[1])], before)))
                if name == "its DVF" and i == 0:
                    difference = largest_difference(places[0], places[1])
                if name == "as it comes" and i == 0:
                    places[0].rename(ours)
            for part in Cost._fields:
                counted = [(getattr(a, part), getattr(b, part)) for a, b in pairs[1:]]
                mine, other = (median(column) for column in zip(*counted, strict=True))
                share = median(a / b for a, b in counted)
                table.add_row(f"{name}: {part}", f"{mine:.2f}", f"{other:.2f}", f"{100 * share:.0f} %")
        table.add_row("folder, MB", f"{folder_mb(ours):.0f}", f"{folder_mb(theirs):.0f}", "")
        table.add_row("largest relative difference of scores", f"{difference:.1e}", "", "")
    Console().print(table)


if __name__ == "__main__":
    main()
