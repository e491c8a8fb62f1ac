"""Every causal method on the same motion: what belongs to the number of modes, to the drift, and to the forecaster.

    python reports/make/table_fair.py --data ../shared/data --out reports --work /somewhere

Flow, motion model and landmarks are those of a run with default settings; DVFs are kept in the work folder. Writes
`fair.md` and `fair.csv`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded; small products gain nothing by threads

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from table_fair_page import FairRow, page
from table_mixture import recorded
from table_mixture_parts import Array, Case

from cinecast.motion.drift import drift_row
from cinecast.score.landmark_scores import sample_dvf
from cinecast.store.tables import write_table
from cinecast_models import METHODS, forecast_series

HORIZONS_S = (0.33, 1.0, 2.0)
MODES = (1, 2, 3, 4, 6, 8, 12)
# The transformer takes minutes a net: it has the two numbers of modes that are compared.
FEW_MODES = (3, 12)
# What a trained population forecasts depends on what it was trained on.
COMPARED = tuple(name for name in METHODS if name != "population_transformer")
COLUMNS = (
    *("sequence", "horizon_frames", "horizon_s", "method", "modes", "drift", "span"),
    *("error_mm", "spread_mm"),
)


class Landmarked(NamedTuple):
    """A sequence at its landmarks: motions in pixels, (N, 2) each; those seen are NaN where one was not found."""

    case: Case
    seen: Array
    mean: Array
    modes: Array
    drifts: Array

    @classmethod
    def of(cls, case: Case) -> Landmarked:
        """Sample mean, modes and drifts where the landmarks are: a sample of a sum is the sum of samples."""
        assert case.landmarks is not None
        positions = case.landmarks.positions
        sample: Callable[[Sequence[NDArray[Any]] | NDArray[Any]], Array] = lambda fields: np.stack(  # noqa: E731
            [sample_dvf(field, positions) for field in fields]
        )
        seen = case.landmarks.displacements.transpose(1, 0, 2)
        return cls(case, seen, sample([case.model.mean])[0], sample(case.model.modes), sample(case.drifts))

    def errors(self, weights: Array, horizon: int, *, drift: bool) -> Iterator[tuple[str, float]]:
        """Yield validation and test span, with the mean distance in mm of weights (T, K) in it."""
        split, spacing = self.case.sequence.split, self.case.sequence.spacing_mm[::-1]
        for span, first, end in (
            ("validation", split.train_end - 1 + horizon, split.validation_end),
            ("test", split.validation_end, split.test_end),
        ):
            frames = [t for t in range(first, end) if t not in self.case.held]
            motion = self.mean + np.tensordot(weights[frames], self.modes[: weights.shape[1]], axes=1)
            if drift:
                motion = motion + self.drifts[[drift_row(t - horizon) for t in frames]]
            off = (motion - self.seen[frames]) * spacing
            yield span, float(np.nanmean(np.hypot(off[..., 0], off[..., 1])))


def measure(landmarked: Landmarked, method: str, modes: int, seconds: float, runs: int) -> Iterator[FairRow]:
    """Yield the errors of a method at a horizon in s, without the drift and with it."""
    case = landmarked.case
    horizon = max(1, round(seconds / case.sequence.frame_period_s))
    found = forecast_series(
        case.weights[:, :modes],
        method=method,
        horizon=horizon,
        train_end=case.sequence.split.train_end,
        held=case.held,
        runs=1 if METHODS[method].deterministic else runs,
    )
    own = (case.sequence.name, horizon, round(horizon * case.sequence.frame_period_s, 2), method, modes)
    for drift in (False, True):
        errors: dict[str, list[float]] = {}
        for forecast in found.forecasts:
            for span, error in landmarked.errors(forecast, horizon, drift=drift):
                errors.setdefault(span, []).append(error)
        for span, values in errors.items():
            yield FairRow(*own, drift, span, float(np.mean(values)), float(np.std(values)))


def floors(landmarked: Landmarked, seconds: float) -> Iterator[FairRow]:
    """Yield the errors of the true weights: what the motion model leaves, without the drift and with it."""
    case = landmarked.case
    horizon = max(1, round(seconds / case.sequence.frame_period_s))
    own = (case.sequence.name, horizon, round(horizon * case.sequence.frame_period_s, 2), "oracle")
    for modes in MODES:
        for drift in (False, True):
            for span, error in landmarked.errors(case.weights[:, :modes], horizon, drift=drift):
                yield FairRow(*own, modes, drift, span, error, 0.0)


def main() -> None:
    """Measure and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "out", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5, help="random runs of methods that draw random numbers")
    parser.add_argument("--methods", nargs="+", default=COMPARED, help="all that need no file by default")
    arguments = parser.parse_args()
    rows: list[FairRow] = []
    for case in recorded(arguments.data, arguments.work, "default"):
        landmarked = Landmarked.of(case)
        for seconds in HORIZONS_S:
            rows += floors(landmarked, seconds)
            for method in arguments.methods:
                for modes in FEW_MODES if method == "transformer" else MODES:
                    runs = 1 if method == "transformer" else arguments.runs
                    rows += measure(landmarked, method, modes, seconds, runs)
            print(case.sequence.name, seconds, flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    rounded = [row._replace(error_mm=round(row.error_mm, 4), spread_mm=round(row.spread_mm, 4)) for row in rows]
    write_table(arguments.out / "fair.csv", COLUMNS, rounded)
    (arguments.out / "fair.md").write_text("\n".join(page(rows)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
