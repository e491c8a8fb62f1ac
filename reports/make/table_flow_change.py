"""Table of what another flow makes of forecasts: errors at the same landmarks, from runs of two versions of cinecast.

    python reports/make/table_flow_change.py --data ../shared/data --before OLD --after NEW --out reports

OLD and NEW hold a run of each sequence under its name. A run needs no more than its forecasts; with each version:

    for stage in frames flow motion forecast; do
        cinecast run SEQUENCE --out OLD/NAME --only $stage --set flow.reference=0 --method mixture --method linear \\
            --horizon 1 --horizon 2 --horizon 3 --horizon 6 --horizon 10
    done

The version before is commit d5cf09a, that after it f4b8bbb.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from default_motion import frames_held
from table_mixture_errors import MEASURED, landmark_errors, measured_errors
from table_mixture_parts import Case, Forecast

from cinecast.frames import read_sequence
from cinecast.landmarks import find_landmarks
from cinecast.settings import Settings
from cinecast.store import artifacts as art
from cinecast.store.tables import write_table
from cinecast_models import METHODS

HORIZONS = (1, 2, 3, 6, 10)
SHOWN = ("mixture", "linear")
SPANS = {"rolling": "Validation and test span", "test": "Test span"}


class Row(NamedTuple):
    """Errors in mm of one method at one horizon in frames, 0 for the measured motion, in one version."""

    sequence: str
    version: str
    method: str
    horizon: int
    span: str
    mean_mm: float
    p95_mm: float


def measure(source: Path, name: str, folders: dict[str, Path]) -> Iterator[Row]:
    """Yield the rows of a sequence: both versions at the same landmarks and frames."""
    sequence, settings = read_sequence(source), Settings()
    end, held = sequence.split.train_end, frames_held(sequence)
    landmarks = find_landmarks(sequence.frames, sequence.spacing_mm, 0, end, settings.landmarks, faulty=held)
    for version, runs in folders.items():
        run = runs / name
        motion = run / art.motion_key(end)
        dvf = np.load(run / "flow" / "dvf.npy", mmap_mode="r")
        model, weights = art.load_motion_model(motion), art.load_weights(motion)
        drifts = art.load_drifts(run / art.drift_key(end))
        case = Case(sequence, dvf, model, weights, np.asarray(drifts), held, landmarks)
        for error in measured_errors(case, 0):
            yield Row(name, version, MEASURED, 0, error.span, error.mean_mm, error.p95_mm)
        for method in SHOWN:
            for horizon in HORIZONS:
                own = art.load_forecast(run / art.method_key("forecast", method, horizon), len(sequence.frames))[0]
                forecast = Forecast(method, own, follows_drift=METHODS[method].follows_drift)
                for error in landmark_errors(case, forecast, horizon):
                    yield Row(name, version, method, horizon, error.span, error.mean_mm, error.p95_mm)


def page(rows: list[Row]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# What the flow freed of brightness makes of forecasts"
    yield ""
    yield (
        "Written by `python reports/make/table_flow_change.py`, which says how the runs are made. Errors in mm at the "
        "same landmarks and frames, mean (95th percentile), with the default settings of commit d5cf09a -> with those "
        "of commit f4b8bbb: another flow, and another motion model, in which pixels count by how far they can be "
        "trusted. Both measure from frame 0; all forecasts are causal. `measured` is the measured motion itself. "
        "Faulty frames are scored in neither, and only now is nothing learned from them (ETH holds a few exact copies)."
    )
    yield ""
    yield (
        "Frame 0 is not what a run takes now: it chooses its reference frame, and with that one errors are those of "
        "[mixture.md](mixture.md), at other landmarks."
    )
    yield ""
    yield "Flow and mixture were made with an eye on the validation spans. ETH's test spans have 20 frames."
    yield ""
    values = {row[:5]: row for row in rows}
    for span, title in SPANS.items():
        yield f"## {title}"
        yield ""
        yield f"Worse than before by 5 % or more: {_worse(rows, span)}."
        yield ""
        yield "| sequence | measured | method | " + " | ".join(_frames(h) for h in HORIZONS) + " |"
        yield "|---" * (len(HORIZONS) + 3) + "|"
        for name in dict.fromkeys(row.sequence for row in rows):
            for method in SHOWN:
                pairs = [(MEASURED, 0), *((method, h) for h in HORIZONS)]
                cells = [_change(values[name, "before", *p, span], values[name, "after", *p, span]) for p in pairs]
                yield f"| {name} | {cells[0]} | {method} | " + " | ".join(cells[1:]) + " |"
        yield ""


def _worse(rows: list[Row], span: str) -> str:
    """Say which method lost most on which sequence, and at which horizon, where that is 5 % or more."""
    values = {row[:5]: row.mean_mm for row in rows}
    worst: dict[tuple[str, str], tuple[float, int]] = {}
    for row in rows:
        if row.version == "after" and row.span == span:
            before = values[row.sequence, "before", row.method, row.horizon, span]
            change = 100 * (row.mean_mm / before - 1)
            worst[row.sequence, row.method] = max(
                worst.get((row.sequence, row.method), (0.0, 0)), (change, row.horizon)
            )
    said = [
        f"{name} `{method}` (by up to {change:.0f} %, at {_frames(horizon)})"
        for (name, method), (change, horizon) in worst.items()
        if change >= 5
    ]
    return ", ".join(said) or "none"


def _frames(horizon: int) -> str:
    return f"{horizon} frame" if horizon == 1 else f"{horizon} frames"


def _change(before: Row, after: Row) -> str:
    percent = 100 * (after.mean_mm / before.mean_mm - 1)
    return f"{before.mean_mm:.2f} ({before.p95_mm:.2f}) -> {after.mean_mm:.2f} ({after.p95_mm:.2f}), {percent:+.0f} %"


def main() -> None:
    """Measure and write ``flow_change.md`` and ``flow_change.csv``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with cine/")
    parser.add_argument("--before", type=Path, required=True, help="folder of the runs of the version before")
    parser.add_argument("--after", type=Path, required=True, help="folder of the runs of this version")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder of the two tables")
    arguments = parser.parse_args()
    folders = {"before": arguments.before, "after": arguments.after}
    sidecars = sorted((arguments.data / "cine").glob("*.json"))
    rows: list[Row] = []
    for sidecar in sidecars:
        source = next(path for path in sorted(sidecar.parent.glob(f"{sidecar.stem}*")) if path != sidecar)
        rows += measure(source, sidecar.stem, folders)
    (arguments.out / "flow_change.md").write_text("\n".join(page(rows)), encoding="utf-8")
    write_table(arguments.out / "flow_change.csv", [*Row._fields[:3], "horizon_frames", *Row._fields[4:]], rows)


if __name__ == "__main__":
    main()
