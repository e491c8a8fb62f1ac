"""Study of causal forecasts in mm: every method, and the mixture with each of its parts left out.

    python reports/make/table_mixture.py --data ../shared/data --out reports --work /somewhere
    python reports/make/table_mixture.py --data ../shared/data --out reports --work /somewhere \\
        --flow published --published ../shared/published

The first takes flow, motion model and landmarks as a run with default settings does, and writes `mixture.md` and
`mixture.csv`. The second takes the flow with the papers' settings and puts the papers' figures beside; it writes
`mixture_published.md` and `mixture_published.csv`. Every method has its default settings: 3 modes, the mixture 12, and
the drift followed, with the papers' flow by the mixture alone. The mixture stands there without either as well. All
forecasts are causal.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded; small products gain nothing by threads

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import table_mixture_page
import table_mixture_published_page
from default_motion import frames_held, measured_motion, motion_model
from table_mixture_errors import MEASURED, errors_of, landmark_errors, measured_errors
from table_mixture_parts import MODES, Case, forecasts_of

from cinecast.flow import estimate_flow
from cinecast.flow.reference import reference_index, settings_for
from cinecast.frames import read_sequence, read_sidecar
from cinecast.landmarks import find_landmarks
from cinecast.motion import fit_motion_model
from cinecast.motion.drift import follow_drift
from cinecast.reproduce.published import read_cine
from cinecast.settings import Settings
from cinecast.settings.preset import preset_tables
from cinecast.settings.toml_file import build_settings
from cinecast.store.tables import write_table

FLOWS = ("default", "published")
COLUMNS = (
    "sequence",
    "horizon_frames",
    "horizon_s",
    "method",
    "span",
    "region",
    "error_mean_mm",
    "error_p95_mm",
    "step_time_ms",
)


def recorded(data: Path, work: Path, flow: str) -> Iterator[Case]:
    """Yield the recorded sequences, with DVFs kept in the work folder."""
    for sidecar in sorted((data / "cine").glob("*.json")):
        source = next(path for path in sorted(sidecar.parent.glob(f"{sidecar.stem}*")) if path != sidecar)
        kept = work / f"{sidecar.stem}-{flow}.npy"
        yield default_case(source, kept) if flow == "default" else published_case(source, kept)


def default_case(source: Path, kept: Path) -> Case:
    """Return a sequence as a run with default settings measures and models it, with its landmarks."""
    sequence = read_sequence(source)
    settings, end = settings_for(sequence, Settings()), sequence.split.train_end
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, measured_motion(sequence))
    dvf = np.load(kept, mmap_mode="r")
    model = motion_model(sequence, dvf, MODES)
    weights = model.project(dvf)
    number, held = reference_index(settings.flow), frames_held(sequence)
    landmarks = find_landmarks(sequence.frames, sequence.spacing_mm, number, end, settings.landmarks, faulty=held)
    return Case(sequence, dvf, model, weights, follow_drift(dvf, model, weights, held), held, landmarks, True)


def published_case(source: Path, kept: Path) -> Case:
    """Return a sequence with the flow of the papers' settings; pixels count alike, and no frame is held."""
    sequence, published = read_sequence(source), read_sidecar(source).published
    if not kept.exists():
        flow = build_settings(preset_tables("published", published, source.name)).flow
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, np.stack(list(estimate_flow(sequence.frames, flow))))
    dvf = np.load(kept, mmap_mode="r")
    model = fit_motion_model(dvf[: sequence.split.train_end], MODES)
    weights = model.project(dvf)
    return Case(sequence, dvf, model, weights, follow_drift(dvf, model, weights), frozenset(), None)


def horizons_of(case: Case) -> range:
    """Return the horizons of the papers in frames."""
    return range(1, 8 if case.sequence.name.startswith("eth") else 14)


def measure(case: Case, others: list[Case], horizon: int) -> Iterator[table_mixture_page.ErrorRow]:
    """Yield the rows of all methods on one sequence at one horizon."""
    own = (case.sequence.name, horizon, round(horizon * case.sequence.frame_period_s, 2))
    for error in measured_errors(case, horizon):
        yield (*own, MEASURED, *error, np.nan)
    for forecast in forecasts_of(case, others, horizon):
        # Errors of pixels take far longer than those at landmarks, by which parts are told apart well enough.
        of = errors_of if case.landmarks is None or not forecast.name.startswith("ablation") else landmark_errors
        for error in of(case, forecast, horizon):
            yield (*own, forecast.name, *error, forecast.milliseconds)


def main() -> None:
    """Measure and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "out", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--flow", choices=FLOWS, default="default", help="that of a run, or that of the papers")
    parser.add_argument("--published", type=Path, help="folder with the papers' cine.csv, for their flow")
    arguments = parser.parse_args()
    if arguments.flow == "published" and arguments.published is None:
        parser.error("--flow published needs --published FOLDER")
    cases = list(recorded(arguments.data, arguments.work, arguments.flow))
    rows: list[table_mixture_page.ErrorRow] = []
    for case in cases:
        others = [other for other in cases if other is not case and other.sequence.name[:3] == case.sequence.name[:3]]
        for horizon in horizons_of(case):
            rows += measure(case, others, horizon)
            print(case.sequence.name, horizon, flush=True)
    if arguments.flow == "default":
        name, lines = "mixture", table_mixture_page.page(rows)
    else:
        published = read_cine(arguments.published / "cine.csv")
        name, lines = "mixture_published", table_mixture_published_page.page(rows, published)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_table(arguments.out / f"{name}.csv", COLUMNS, rows)
    (arguments.out / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
