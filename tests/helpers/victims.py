"""Commands that are killed, and what must be true of what they leave."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from helpers.command_line import results

RUN = ("--method", "linear", "--method", "snap1", "--horizon", "1", "--set", "forecast.runs=2")
# What clocks put into the tables of a live session.
_CLOCKED = re.compile(r"_ms$|^latency")


class Victim(NamedTuple):
    """A command, how it is told where to write, and what it has made.

    `continues` says whether the same command carries on where it was killed. `made` returns what is compared with an
    undisturbed one; with `partly` it must be a part of it.
    """

    kind: str
    arguments: tuple[str, ...]
    continues: bool
    made: Callable[[Path], dict[str, str]]


def victims(work: Path) -> list[Victim]:
    """Write the inputs below an empty folder; return the commands."""
    (work / "in").mkdir()
    for name, seed in (("one", 0), ("two", 1)):
        settings = PhantomSettings(
            rows=40, columns=32, pixel_spacing_mm=(8, 8), frame_count=48, frame_period_s=0.25, seed=seed
        )
        write_phantom(work / f"in/{name}.nii", make_phantom(settings))
    time = np.arange(160) / 10
    rows = "".join(f"{t:.1f},{np.sin(1.6 * t):.6f},{np.cos(1.6 * t):.6f}\n" for t in time.tolist())
    (work / "trace.csv").write_text(f"time_s,x,y\n{rows}")
    one = str(work / "in/one.nii")
    return [
        Victim("run", ("run", one, *RUN), True, _made),
        Victim("batch", ("batch", str(work / "in"), "--workers", "1", *RUN), True, _made_by_batch),
        Victim("series", ("series", str(work / "trace.csv"), "--method", "rls", "--horizon", "3"), True, _made),
        Victim("tune", ("tune", one, "--method", "rls", "--horizon", "1"), True, _made),
        Victim("live", ("live", one, "--rate", "max", "--method", "rls", "--horizon", "0.5s"), False, made_live),
    ]


def _made(out: Path) -> dict[str, str]:
    return results(out)


def _made_by_batch(out: Path) -> dict[str, str]:
    return {f"{run.name}/{name}": digest for run in sorted(out.glob("*/run.json")) for name, digest in _of(run)}


def _of(run: Path) -> list[tuple[str, str]]:
    return list(results(run.parent).items())


def made_live(out: Path) -> dict[str, str]:
    """Return the whole lines of the tables of a live session, without what clocks put into them."""
    found: dict[str, str] = {}
    for name in ("frames.csv", "forecasts.csv"):
        if not (out / name).exists():
            continue
        text = (out / name).read_text()
        assert text == "" or text.endswith("\n"), f"{name} ends in the midst of a line"
        columns, *rows = list(csv.reader(io.StringIO(text))) or [[]]
        kept = [i for i, column in enumerate(columns) if not _CLOCKED.search(column)]
        for number, row in enumerate(rows):
            assert len(row) == len(columns), f"line {number} of {name} lacks cells"
            found[f"{name} {number}"] = ",".join(row[i] for i in kept)
    return found
