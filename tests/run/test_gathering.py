"""What a report is given of a run: numbers of its tables, each by its run, frame, region and metric; who made it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.report.data import ReportData
from cinecast.run.gathering import versions_of
from cinecast.run.reports import scores_of
from cinecast.run.saved import saved_run
from cinecast.score.bands import BAND_METRICS
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.point_bands import LANDMARK_BAND_METRICS
from helpers.command_line import succeed

SIZE = PhantomSettings(rows=64, columns=56, pixel_spacing_mm=(5.4, 5.0), frame_count=60, frame_period_s=0.25, seed=5)
FIRST, COUNT = 40, 60
# The last test frame is faulty: nothing is scored on it.
FAULTY = 59


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("gathering")
    sequence = make_phantom(SIZE).sequence
    frames = np.array(sequence.frames)
    frames[FAULTY] = frames[FAULTY - 1]
    split = np.array([20, FIRST, COUNT])
    roi = np.array([20, 50, 10, 40])
    spacing_mm = np.array(sequence.spacing_mm)
    np.savez(
        out / "cine.npz", frames=frames, times_s=sequence.times_s, pixel_spacing_mm=spacing_mm, split=split, roi=roi
    )
    few = ("--set", "forecast.runs=3", "--set", "warp.image_runs=2", "--set", "snap1.history_length=5")
    modes = ("--set", "motion.modes=2", "--set", "linear.history_length=5")
    methods = ("--method", "linear", "--method", "snap1", "--horizon", "1", "--horizon", "3")
    succeed("run", out / "cine.npz", "--out", out / "run", *methods, *few, *modes)
    return out / "run"


@pytest.fixture
def data(made: Path) -> Iterator[ReportData]:
    with saved_run(made) as gathering:
        yield gathering.report_data(scores_of(gathering))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def by_place(made: Path, method: str, horizon: int) -> dict[tuple[int, int, str], dict[str, float]]:
    """Return the numbers of each run, frame and region."""
    rows = rows_of(made / f"score/{method}/h{horizon:03d}/per_frame.csv")
    names = [name for name in rows[0] if name not in ("run", "frame", "region")]
    return {
        (int(row["run"]), int(row["frame"]), row["region"]): {name: float(row[name] or "nan") for name in names}
        for row in rows
    }


def test_numbers_of_frames_are_those_of_their_run_frame_region_and_metric(made: Path, data: ReportData) -> None:
    assert [(e.method, e.horizon.frames, e.horizon.seconds) for e in data.entries] == [
        ("oracle", 0, 0.0),
        *[(m, h, 0.25 * h) for m in ("persistence", "linear", "snap1") for h in (1, 3)],
    ]
    for entry in data.entries:
        numbers = by_place(made, entry.method, entry.horizon.frames)
        assert entry.regions[:2] == ("image", "roi")
        assert entry.frame_scores is not None
        assert entry.landmark_errors is not None
        runs = 2 if entry.method == "snap1" else 1
        assert entry.frame_scores.shape == (runs, COUNT - FIRST, len(entry.regions), len(FRAME_METRICS))
        for run, i, r in np.ndindex(entry.frame_scores.shape[:3]):
            here = numbers[run, FIRST + i, entry.regions[r]]
            np.testing.assert_array_equal(entry.frame_scores[run, i, r], [here[name] for name in FRAME_METRICS])
            if entry.bands is not None:
                np.testing.assert_array_equal(entry.bands.pixels[run, i, r], [here[name] for name in BAND_METRICS])
        for run, i in np.ndindex(entry.landmark_errors.shape):
            at_landmarks = numbers[run, FIRST + i, "landmarks"]
            np.testing.assert_array_equal(entry.landmark_errors[run, i], at_landmarks["landmark_error_mean_mm"])
            if entry.bands is not None and entry.bands.landmarks is not None:
                expected = [at_landmarks[name] for name in LANDMARK_BAND_METRICS]
                np.testing.assert_array_equal(entry.bands.landmarks[run, i], expected)
        assert (entry.bands is None) == (entry.method == "oracle")
        assert np.isfinite(entry.landmark_errors[:, :-1]).any()
        assert entry.last_scored == FAULTY - 1 - FIRST


def test_the_oracle_stands_at_every_horizon_and_forecasters_at_their_own(made: Path, data: ReportData) -> None:
    expected = []
    for entry in data.entries:
        horizons = [1, 3] if entry.method == "oracle" else [entry.horizon.frames]
        own = rows_of(made / f"score/{entry.method}/h{entry.horizon.frames:03d}/scores.csv")
        for row in own:
            protocol = row["method"] if row["method"] in ("oracle", "measured") else "causal"
            named = {"sequence": "cine", "protocol": protocol}
            expected += [row | named | {"horizon_frames": str(h), "horizon_s": repr(0.25 * h)} for h in horizons]
    assert len(data.scores) == len(expected) > 100
    assert {tuple(sorted(row.items())) for row in data.scores} == {tuple(sorted(row.items())) for row in expected}
    assert rows_of(made / "score/scores.csv") == data.scores


def test_forecasts_and_radii_are_those_of_each_run_and_frame(made: Path, data: ReportData) -> None:
    for entry in data.entries:
        if entry.method == "oracle":
            np.testing.assert_array_equal(entry.forecasts[0, FIRST:], data.models[0].weights[FIRST:])
            continue
        assert len(entry.forecasts) == (3 if entry.method == "snap1" else 1)
        assert entry.bands is not None
        known = np.isfinite(entry.forecasts).all(axis=2)
        key = f"{entry.method}/h{entry.horizon.frames:03d}"
        for row in rows_of(made / "forecast" / key / "weights.csv"):
            run, t = int(row["run"]), int(row["frame"])
            modes = [name for name in row if name.startswith("weight")]
            own = [float(row[name] or "nan") for name in modes]
            np.testing.assert_array_equal(entry.forecasts[run, t, : len(modes)], own)
            if known[run, t]:
                assert not entry.forecasts[run, t, len(modes) :].any()
        assert known[:, FIRST:].all()
        assert not known[:, :20].any()
        assert np.isnan(entry.forecasts[~known]).all()
        for row in rows_of(made / "score" / key / "bands.csv"):
            run, t = int(row["run"]), int(row["frame"])
            lows = [name for name in row if name.startswith("low")]
            for k, low in enumerate(lows):
                if row[low]:
                    half = (float(row[low.replace("low", "high")]) - float(row[low])) / 2
                    assert entry.bands.weight_radius[run, t, k] == pytest.approx(half)
        assert np.isfinite(entry.bands.weight_radius[:, FIRST:]).any()


def test_of_the_flow_there_are_the_test_frames_and_all(made: Path, data: ReportData) -> None:
    (flow,) = data.flows
    dvf = np.load(made / "flow/dvf.npy")
    assert flow.dvf is not None
    assert flow.all_dvf is not None
    np.testing.assert_array_equal(flow.dvf, dvf[FIRST:])
    np.testing.assert_array_equal(flow.all_dvf, dvf)
    assert flow.held == {FAULTY}
    assert not dvf[flow.reference].any()
    assert flow.reference < 20
    (model,) = data.models
    assert model.train_end == 20
    for row in rows_of(made / "motion/train_0020/weights.csv")[FIRST:]:
        own = [float(row[name]) for name in row if name.startswith("weight")]
        np.testing.assert_array_equal(model.weights[int(row["frame"])], own)


def made_with(cinecast: str, **libraries: str) -> dict[str, Any]:
    return {"versions": {"cinecast": cinecast, **libraries}}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({"frames": made_with("1.0"), "score/rls/h001": made_with("1.0")}, {"cinecast": "1.0"}),
        (
            {
                "frames": made_with("1.0", numpy="2.0"),
                "flow": made_with("1.0", numpy="2.0"),
                "forecast/rls/h001": made_with("1.0", numpy="2.0"),
                "forecast/snap1/h001": made_with("1.1", numpy="2.0"),
                "forecast/snap1/h002": made_with("1.1", numpy="2.0"),
                "score/rls/h001": made_with("1.1", numpy="2.0"),
            },
            {"cinecast": "1.0 (frames, flow, forecast); 1.1 (forecast, score)", "numpy": "2.0"},
        ),
        ({"frames": {}, "flow": made_with("1.0")}, {"cinecast": "1.0"}),
    ],
    ids=["one", "several", "a record without any"],
)
def test_versions_are_those_that_made_what_is_shown(records: dict[str, Any], expected: dict[str, str]) -> None:
    assert versions_of(records) == expected
