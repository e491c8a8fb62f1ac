"""One run from file to report: what it leaves in its folder, and that the same settings give the same bytes."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.motion import MotionModel
from cinecast.score.band_scores import WEIGHT_BAND_METRICS
from cinecast.score.bands import BAND_METRICS
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.point_bands import LANDMARK_BAND_METRICS
from cinecast.score.scoring import SCORE_COLUMNS, SERIES_METRICS
from cinecast.store import artifacts as art
from cinecast_models import nrmse
from helpers.command_line import OPTIONS, digests, results, scores, succeed

TASKS = ["oracle/h000", *(f"{method}/h00{h}" for method in ("linear", "persistence", "snap1") for h in (1, 2))]
RUNS = {"snap1": 3}


def test_the_folder_holds_what_the_registry_lists(original_run: Path) -> None:
    expected = {"run.json", "settings.toml", "score/scores.csv", f"frames/{art.WARNINGS_FILE}"}
    expected.add(f"flow/{art.UNEXPLAINED_FILE}")
    keys = ["frames", "flow", "landmarks", "motion/train_0020"]
    keys += (f"{s}/{t}" for s in ("forecast", "score") for t in TASKS)
    for key in keys:
        expected |= {f"{key}/{name}" for name in ("stage.json", *art.FILES[key.split("/")[0]])}
    expected.add(f"motion/train_0020/{art.PIXEL_WEIGHTS_FILE}")
    expected |= {f"motion/drift_0020/{name}" for name in ("stage.json", art.DRIFTS_FILE)}
    found = set(digests(original_run))
    assert {name for name in found if not name.startswith("report/")} == expected
    assert {"report/stage.json", "report/index.html"} <= found


def test_every_record_tells_settings_versions_time_and_digests(original_run: Path) -> None:
    found = digests(original_run)
    for path in original_run.rglob("stage.json"):
        record = json.loads(path.read_text())
        key = path.parent.relative_to(original_run).as_posix()
        assert record["files"] == {
            name.removeprefix(f"{key}/"): digest
            for name, digest in found.items()
            if name.startswith(f"{key}/") and not name.endswith("stage.json")
        }
        assert record["seconds"] >= 0
        assert {"cinecast", "python", "numpy"} <= record["versions"].keys()
        assert len(record["fingerprint"]) == 64
    record = json.loads((original_run / "forecast/snap1/h002/stage.json").read_text())
    assert record["settings"]["runs"] == 3
    assert record["settings"]["horizon"] == 2


def test_the_table_of_scores_has_the_documented_columns_and_rows(original_run: Path) -> None:
    rows = scores(original_run)
    assert tuple(rows[0]) == SCORE_COLUMNS
    assert ",".join(SCORE_COLUMNS) == (
        "sequence,method,protocol,horizon_frames,horizon_s,region,against,metric,value,half_range_95,runs"
    )
    frame_rows = [(region, metric) for region in ("image", "roi") for metric in FRAME_METRICS]
    frame_rows += [(region, metric) for region in ("body", "textured") for metric in FRAME_METRICS[:3]]
    landmark_rows = [("landmarks", f"landmark_error_{what}_mm") for what in ("mean", "p95", "si", "ap")]
    for method in ("oracle", "persistence", "linear", "snap1"):
        for horizon in ("1", "2"):
            own = [row for row in rows if (row["method"], row["horizon_frames"]) == (method, horizon)]
            bands = [("landmarks", metric) for metric in LANDMARK_BAND_METRICS] if method != "oracle" else []
            expected = [*landmark_rows, *frame_rows, *bands, *(("image", metric) for metric in SERIES_METRICS)]
            if method != "oracle":  # it takes no steps
                expected.append(("image", "step_time_ms"))
                expected += [(region, metric) for region in ("image", "roi") for metric in BAND_METRICS]
                expected += [("image", metric) for metric in WEIGHT_BAND_METRICS]
            assert [(row["region"], row["metric"]) for row in own] == expected
            assert {row["sequence"] for row in own} == {"breathing"}
            assert {float(row["horizon_s"]) for row in own} == {0.25 * int(horizon)}
            assert {row["protocol"] for row in own} == {"oracle" if method == "oracle" else "causal"}
            assert {int(row["runs"]) for row in own} == {RUNS.get(method, 1)}
            ranges = {bool(row["half_range_95"]) for row in own if row["metric"] != "step_time_ms"}
            assert ranges == {method == "snap1"}
    measured = [row for row in rows if row["method"] == "measured"]
    assert [(row["region"], row["metric"]) for row in measured] == 2 * landmark_rows
    assert {row["protocol"] for row in measured} == {"measured"}
    assert {(row["region"] == "landmarks", row["against"]) for row in rows} == {
        (True, "landmarks"),
        (False, "measured"),
    }
    assert len(rows) == 4 * 2 * (15 + 6 + 4) + 3 * 2 * (7 + 2) + 2 * 4


def test_the_measured_motion_is_the_same_at_every_horizon(original_run: Path) -> None:
    measured = [row for row in scores(original_run) if row["method"] == "measured"]
    values = [[row["value"] for row in measured if row["horizon_frames"] == horizon] for horizon in ("1", "2")]
    assert values[0] == values[1] != []


def test_the_half_range_is_that_of_the_runs(original_run: Path) -> None:
    path = original_run / "score/snap1/h002/per_frame.csv"
    cells = [line.split(",") for line in path.read_text().splitlines()[1:]]
    errors = [float(cell[3]) for cell in cells if cell[2] == "roi"]
    per_run = np.array(errors).reshape(3, 20).mean(axis=1)
    row = _row(original_run, "snap1", "roi", "dvf_error_mean_mm")
    np.testing.assert_allclose(float(row["value"]), per_run.mean(), rtol=1e-12)
    np.testing.assert_allclose(float(row["half_range_95"]), 1.96 * per_run.std(ddof=1) / np.sqrt(3), rtol=1e-12)


def test_the_oracle_is_exact_in_weights_and_the_floor_of_the_error(original_run: Path) -> None:
    assert float(_row(original_run, "oracle", "image", "weights_nrmse")["value"]) == 0
    motion = original_run / "motion/train_0020"
    model: MotionModel = art.load_motion_model(motion)
    dvf = art.load_array(original_run / "flow/dvf.npy")
    # The weights are a projection: no others come nearer to the measured DVF in the sum of squares. The mean distance
    # in mm is another norm, for which this is no law; on this phantom it holds too.
    for frame in range(40, 60):
        squares = []
        for method in ("oracle/h000", "persistence/h002", "linear/h002", "snap1/h002"):
            weights = art.load_forecast(original_run / "forecast" / method, 60)[0, frame]
            squares.append(((dvf[frame] - model.first(len(weights)).reconstruct(weights)) ** 2).sum())
        assert squares[0] < min(squares[1:])
    floor = float(_row(original_run, "oracle", "image", "dvf_error_mean_mm")["value"])
    for method in ("persistence", "linear", "snap1"):
        assert floor < float(_row(original_run, method, "image", "dvf_error_mean_mm")["value"])


def test_methods_of_fewer_modes_are_compared_by_those_that_were_asked_for(phantom: Path, tmp_path: Path) -> None:
    out, tuned = tmp_path / "run", tmp_path / "tuned.toml"
    own = "method = 'linear'\nhorizon_frames = 2\nmodes = 1\n[forecast.tuned.settings]\nhistory_length = 6\n"
    tuned.write_text(f"[forecast]\nmethods = ['linear']\nhorizons = ['2']\n[[forecast.tuned]]\n{own}")
    succeed("run", phantom, "--out", out, "--settings", tuned)
    weights = art.load_weights(out / "motion/train_0020")[40:, :3]
    forecasts = art.load_forecast(out / "forecast/linear/h002", 60)[0][40:]
    assert forecasts.shape[1] == 1
    whole = np.zeros_like(weights)  # its DVFs have the other modes at their mean
    whole[:, :1] = forecasts
    found = float(_row(out, "linear", "image", "weights_nrmse")["value"])
    assert found == pytest.approx(nrmse(whole, weights))
    assert found != pytest.approx(nrmse(forecasts, weights[:, :1]), rel=1e-3)


def test_methods_of_more_modes_are_compared_by_those_that_all_forecast(phantom: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    short = "forecast.mixture.history_length=6"
    succeed("run", phantom, "--out", out, "--method", "mixture", "--horizon", "2", "--set", short)
    weights = art.load_weights(out / "motion/train_0020")
    forecasts = art.load_forecast(out / "forecast/mixture/h002", 60)[0]
    assert (weights.shape[1], forecasts.shape[1]) == (12, 12)
    first = nrmse(forecasts[40:, :3], weights[40:, :3])
    assert float(_row(out, "mixture", "image", "weights_nrmse")["value"]) == pytest.approx(first)
    assert first != pytest.approx(nrmse(forecasts[40:], weights[40:]))
    bands = np.genfromtxt(out / "score/mixture/h002/bands.csv", delimiter=",", names=True)
    held = [
        (bands[f"low_{k}"][-20:] <= weights[40:, k - 1]) & (weights[40:, k - 1] <= bands[f"high_{k}"][-20:])
        for k in (1, 2, 3)
    ]
    assert float(_row(out, "mixture", "image", "weights_inside")["value"]) == pytest.approx(np.mean(held))


def test_predicted_frames_overlay_their_source(original_phantom: Path, original_run: Path, tmp_path: Path) -> None:
    source = nibabel.load(original_phantom)
    succeed("export", original_run, "--what", "predicted", "--method", "oracle", "--out", tmp_path / "oracle.nii")
    predicted = nibabel.load(tmp_path / "oracle.nii")
    np.testing.assert_allclose(predicted.affine, source.affine)
    assert predicted.shape == (40, 48, 1, 20)
    assert predicted.header.get_zooms() == source.header.get_zooms()
    assert predicted.get_data_dtype() == source.get_data_dtype()


def test_a_forecast_is_issued_for_every_frame_from_the_end_of_the_train_span(original_run: Path) -> None:
    forecasts = art.load_forecast(original_run / "forecast/snap1/h002", 60)
    issued = np.isfinite(forecasts).all(axis=(0, 2))
    assert issued.tolist() == [False] * 21 + [True] * 39  # frame 21 is forecast at frame 19, the last of the train span


def test_the_same_settings_give_the_same_bytes_elsewhere(
    original_phantom: Path, original_run: Path, tmp_path: Path
) -> None:
    succeed("run", original_phantom, "--out", tmp_path / "other", *OPTIONS, "--workers", 1)
    assert results(tmp_path / "other") == results(original_run)


def test_another_seed_changes_only_what_draws_random_numbers(original_run: Path, phantom: Path, run: Path) -> None:
    succeed("run", phantom, "--out", run, "--set", "forecast.seed=1")
    before, after = results(original_run), results(run)
    changed = {name.split("/")[1] for name in before if before[name] != after[name] and "/" in name}
    assert changed == {"snap1", "scores.csv"}


def test_the_published_protocol_is_labelled_non_causal_everywhere(phantom: Path, run: Path, original_run: Path) -> None:
    printed = succeed("run", phantom, "--out", run, "--set", "forecast.protocol=published")
    assert "NON-CAUSAL" in printed
    protocols = {(row["method"], row["protocol"]) for row in scores(run)}
    assert protocols == {
        ("measured", "measured"),
        ("oracle", "oracle"),
        ("persistence", "causal"),
        ("linear", "published"),
        ("snap1", "published"),
    }
    report, causal = ((folder / "report/index.html").read_text().lower() for folder in (run, original_run))
    assert "non-causal" in report
    assert report.count("non-causal") > causal.count("non-causal")


def test_the_terminal_shows_each_horizon_with_its_references(original_phantom: Path, original_run: Path) -> None:
    printed = succeed("run", original_phantom, "--out", original_run)
    table = printed.split("Mean distance of forecast")[0]
    assert "protocol causal" in table
    places = [table.index(text) for text in ("0.25 s (1)", "0.50 s (2)")]
    for start, stop in pairwise([*places, len(table)]):
        block = table[start:stop]
        assert all(block.count(method) == 1 for method in ("oracle", "persistence", "linear", "snap1"))
    assert f"Scores: {original_run / 'score' / 'scores.csv'}" in printed
    assert f"Report: {original_run / 'report' / 'index.html'}" in printed


def test_the_terminal_has_the_second_opinion_of_the_report(original_phantom: Path, original_run: Path) -> None:
    printed = succeed("run", original_phantom, "--out", original_run)  # a second time: nothing is drawn anew
    kept = (original_run / "report/second_opinion.txt").read_text(encoding="utf-8").splitlines()
    _, title, opinion = printed.partition("Second opinion:")
    assert title
    assert kept[0].startswith("The test span is short")
    assert " ".join(opinion.split()).replace("- ", "").startswith(" ".join(kept).replace("- ", ""))
    assert all(len(line) <= 80 for line in opinion.splitlines() if line.startswith("  "))


def test_whole_numbers_of_any_width_give_the_same_scores(
    original_phantom: Path, original_run: Path, tmp_path: Path
) -> None:
    sequence, path = read_sequence(original_phantom), tmp_path / "breathing.npz"
    roi, split = sequence.roi, sequence.split
    assert roi is not None
    np.savez(
        path,
        frames=sequence.frames.astype(np.int64),
        times_s=sequence.times_s,
        pixel_spacing_mm=sequence.spacing_mm,
        affine=sequence.affine,
        roi=[*roi.rows, *roi.columns],
        split=[split.train_end, split.validation_end, split.test_end],
    )
    succeed("run", path, "--out", tmp_path / "run", *OPTIONS)
    assert results(tmp_path / "run")["score/scores.csv"] == results(original_run)["score/scores.csv"]


def test_random_runs_that_diverge_are_named_and_left_out(
    original_phantom: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wild = ("learning_rate=10", "hidden_units=30", "weight_std=5", "clip_norm=1e300")
    assignments = [part for each in wild for part in ("--set", f"forecast.snap1.{each}")]
    options = ["--method", "snap1", "--horizon", "2", "--set", "forecast.runs=20", *assignments]
    succeed("run", original_phantom, "--out", tmp_path / "run", *options)
    (message,) = [record.getMessage() for record in caplog.records]
    number = re.match(r"(\d+) of 20 random runs of snap1 diverged at a horizon of 2 frames; the scores are", message)
    assert number is not None
    assert int(_row(tmp_path / "run", "snap1", "image", "weights_nrmse")["runs"]) == 20 - int(number[1])
    said = f"({number[1]} of 20 diverged)"
    assert said in (tmp_path / "run/report/index.html").read_text()
    options += ["--method", "mixture", "--set", "forecast.mixture.history_length=6"]
    succeed("run", original_phantom, "--out", tmp_path / "run", *options)  # fits 12 modes, the nets forecast 3
    assert said in (tmp_path / "run/report/index.html").read_text()


def _row(root: Path, method: str, region: str, metric: str, horizon: str = "2") -> dict[str, str]:
    wanted = {"method": method, "region": region, "metric": metric, "horizon_frames": horizon}
    (row,) = [row for row in scores(root) if wanted.items() <= row.items()]
    return row
