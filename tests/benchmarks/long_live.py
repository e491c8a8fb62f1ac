"""An hour of `cinecast live` at 8 Hz with a target, by the commands that a user has: late forecasts and memory.

Run from the repository: ``python tests/benchmarks/long_live.py --minutes 60``. ``cinecast stream`` sends a phantom of
270 x 270 pixels again and again, ``cinecast live`` forecasts from it and serves the forecasts. Nothing should be late.
Beside it runs what only reads memory: where that stalls too, within a second, the machine is late and not the program.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
from memory_stalls import MemoryStalls

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from helpers.command_line import environment  # noqa: E402 - found through the path above
from helpers.ports import free_ports  # noqa: E402

FRAMES, SIZE, CALIBRATION = 600, 270, 90


def cinecast(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start the program."""
    return subprocess.Popen([sys.executable, "-m", "cinecast", *map(str, arguments)], env=environment())


def make_sequence(work: Path, period_s: float) -> tuple[Path, Path]:
    """Write a phantom, and a target of 12 pixels radius in its liver; return both files."""
    sequence, target = work / "phantom.nii.gz", work / "target.nii.gz"
    size = ("--rows", str(SIZE), "--columns", str(SIZE), "--pixel-spacing", "1.3")
    time_options = ("--frames", str(FRAMES), "--frame-period", f"{period_s:g}")
    if cinecast("phantom", sequence, *size, *time_options).wait():
        sys.exit("there is no phantom: see above")
    volume = nibabel.load(sequence)  # type: ignore[attr-defined]
    column, row = np.indices((SIZE, SIZE))
    inside = np.hypot(column - 135, row - 150) <= 12
    mask = nibabel.Nifti1Image(inside[..., np.newaxis].astype(np.uint8), volume.affine)
    nibabel.save(mask, target)  # type: ignore[attr-defined]
    return sequence, target


def resident_mb(process: int) -> float:
    """Return the memory that a process holds, in MB; NaN when it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return math.nan
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def late_at(table: Path, began_s: float, period_s: float) -> list[float]:
    """Return when each late forecast was due, in seconds since 1970, where the first frame came at ``began_s``."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    made = [row for row in rows if row["state"] in ("forecast", "stale") and row["latency_ms"]]
    late = [row for row in made if float(row["latency_ms"]) > 1e3 * period_s]
    return [began_s + float(row["time_s"]) for row in late]


def rows_of(table: Path) -> int:
    """Return how many frames a table has so far."""
    return max(table.read_bytes().count(b"\n") - 1, 0) if table.exists() else 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=8.0, help="frames in a second")
    parser.add_argument("--method", default="mixture")
    asked = parser.parse_args()
    loops = math.ceil((asked.minutes * 60 * asked.rate + CALIBRATION) / FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sequence, target = make_sequence(work, 1 / asked.rate)
        ports = free_ports(2)
        stream = cinecast("stream", sequence, "--port", str(ports[0]), "--device", "Scan", "--loops", str(loops))
        options = ("--method", asked.method, "--horizon", "0.5s", "--calibration", str(CALIBRATION), "--idle", "20")
        given = ("--target", target, "--target-frame", "0", "--send", str(ports[1]))
        address = f"igtl://127.0.0.1:{ports[0]}/Scan"
        session = cinecast("live", address, "--out", work / "live", *options, *given)
        stalls, table = MemoryStalls(), work / "live" / "frames.csv"
        held, began_s = [], math.inf
        while session.poll() is None:
            if count := rows_of(table):
                # The stream keeps its pace, so the least of these is the nearest.
                began_s = min(began_s, time.time() - count / asked.rate)
            held.append(resident_mb(session.pid))
            time.sleep(5.0)
        stream.wait()
        stalled_at, missed_at = stalls.end(), late_at(table, began_s, 1 / asked.rate)
        found = json.loads((work / "live" / "summary.json").read_text())
    held = [each for each in held if each > 0]
    counts = {name: found[name] for name in ("forecasts", "late", "passed_over", "skipped", "latency_worst_ms")}
    middle = held[len(held) // 6]
    excused = sum(any(abs(each - stall) < 1 for stall in stalled_at) for each in missed_at)
    print(
        f"{len(stalled_at)} stalls of the machine's memory; {excused} of {len(missed_at)} late within a second of one"
    )
    print(f"{counts}; memory {middle:.1f} MB after a sixth of the time, {held[-1]:.1f} MB at the end")


if __name__ == "__main__":
    main()
