"""The whole program on real sequences: published tables come out, and nothing of a patient goes in."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from helpers.command_line import results, scores, succeed

pytestmark = pytest.mark.shared

# Our metric, that of the published table, and the column of the golden chain for (image, roi).
METRICS = {
    "cross_correlation": ("cross_correlation", (0, 3)),
    "nrmse": ("nRMSE", (1, 4)),
    "ssim": ("SSIM", (2, 5)),
    "dvf_error_mean_mm": ("mean_DVF_error_mm", (6, 8)),
    "dvf_error_max_mm": ("max_DVF_error_mm", (7, 9)),
}
REGIONS = ("image", "roi")
Modes = Callable[[int], Path]


@pytest.fixture(scope="module")
def published(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Modes:
    """Return the run of eth-1 as the papers have it, with the given number of modes."""
    source, out = shared / "data/cine/eth-1", tmp_path_factory.mktemp("eth-1") / "run"
    options = ["--method", "linear", "--horizon", "6", "--set", "forecast.linear.history_length=6"]

    def run(modes: int) -> Path:
        preset = [] if out.exists() else ["--preset", "published", *options]
        succeed("run", source, "--out", out, *preset, "--set", f"motion.modes={modes}")
        return out

    return run


@pytest.mark.parametrize(
    ("method", "modes", "row"),
    [("linear", 2, "linear regression"), ("persistence", 1, "no prediction (latest PCA weight)")],
)
def test_published_tables_come_out(shared: Path, published: Modes, method: str, modes: int, row: str) -> None:
    ours = _values(published(modes), method)
    wanted = {"sequence": "eth-1", "method": row, "horizon_frames": "6"}
    with (shared / "published/cine.csv").open(newline="") as file:
        table = {
            (each["region"], each["metric"]): float(each["value"])
            for each in csv.DictReader(file)
            if wanted.items() <= each.items()
        }
    for (region, metric), value in ours.items():
        # The table's six digits, from single-precision DVFs.
        np.testing.assert_allclose(value, table[region, METRICS[metric][0]], rtol=1e-5, err_msg=f"{region} {metric}")


@pytest.mark.parametrize("modes", [1, 2, 3, 4])
def test_every_test_frame_agrees_with_the_published_program(shared: Path, published: Modes, modes: int) -> None:
    golden = np.load(shared / "golden/chain_eth-1_h6.npz", allow_pickle=False)[f"LR_ncp{modes}"]
    ours = _per_frame(published(modes) / "score/linear/h006/per_frame.csv")
    for metric, (_, columns) in METRICS.items():
        for region, column in zip(REGIONS, columns, strict=True):
            np.testing.assert_allclose(ours[region, metric], golden[:, column], rtol=1e-5, err_msg=f"{region} {metric}")


def test_snap1_agrees_within_the_spread_of_its_random_runs(shared: Path, published: Modes) -> None:
    golden = np.load(shared / "golden/chain_eth-1_h6.npz", allow_pickle=False)["SnAp1_ncp3"].mean(axis=0)
    options = [f"forecast.snap1.{each}" for each in ("hidden_units=110", "learning_rate=0.02", "history_length=12")]
    assignments = [part for each in (*options, "forecast.runs=5") for part in ("--set", each)]
    out = published(3)
    succeed("run", shared / "data/cine/eth-1", "--out", out, "--method", "snap1", *assignments)
    for (region, metric), value in _values(out, "snap1").items():
        theirs = golden[METRICS[metric][1][REGIONS.index(region)]]
        # Both are means of five runs with other random numbers: three standard errors of their difference.
        error = np.sqrt(2) * theirs.std(ddof=1) / np.sqrt(5)
        assert abs(value - theirs.mean()) < 3 * error, f"{region} {metric}"
    runs = {row["runs"] for row in scores(out) if row["method"] == "snap1"}
    assert runs == {"5"}


@pytest.fixture(scope="module")
def liver(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a causal run of ovgu-1 with default settings, and what it printed."""
    out = tmp_path_factory.mktemp("ovgu-1") / "run"
    source = shared / "data/cine/ovgu-1"
    printed = succeed("run", source, "--out", out, "--method", "linear", "--horizon", "1.0s")
    return out, printed + succeed("info", source)


def test_a_causal_run_beats_persistence(liver: tuple[Path, str]) -> None:
    out, printed = liver
    assert "protocol causal" in printed
    assert "1.00 s (6)" in printed
    errors = {method: _values(out, method) for method in ("oracle", "linear", "persistence")}
    for region in REGIONS:
        oracle, linear, latest = (errors[method][region, "dvf_error_mean_mm"] for method in errors)
        assert oracle < linear < latest


def test_nothing_of_the_patient_is_kept(shared: Path, liver: tuple[Path, str]) -> None:
    out, printed = liver
    source = min((shared / "data/cine/ovgu-1").iterdir())
    header = pydicom.dcmread(source, stop_before_pixels=True)
    secrets = {str(header.get(name, "")).strip() for name in ("PatientName", "PatientID", "PatientBirthDate")} - {""}
    # A date may stand within the digits of a number.
    forbidden = re.compile("|".join(rf"(?<![\d.]){re.escape(each)}(?!\d)" for each in secrets).encode())
    assert len(set(forbidden.findall(source.read_bytes()))) == len(secrets) > 1
    assert not forbidden.search(printed.encode())
    for path in out.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            suspect = any(each.encode() in content for each in secrets)
            assert not (suspect and forbidden.search(content)), path
            assert not forbidden.search(str(path).encode())


def test_a_second_run_has_nothing_to_do(shared: Path, liver: tuple[Path, str]) -> None:
    before = results(liver[0])
    assert "Nothing to do" in succeed("run", shared / "data/cine/ovgu-1", "--out", liver[0])
    assert results(liver[0]) == before


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        (
            "cine/eth-1",
            ["200 of 270 x 270 pixels, uint8", "0.3145 s (3.18 Hz)", "sidecar eth-1.json", "none: the source"],
        ),
        ("cine/ovgu-1", ["498 of 176 x 140 pixels, uint16", "0.1669 s (5.99 Hz)", "1.8182 x 1.8182 mm", "sagittal"]),
        ("cine/eth-4.nii.gz", ["200 of 290 x 290 pixels, uint8", "0.3145 s (3.18 Hz)", "rows 62 to 198"]),
        ("trackrad/Z_001", ["10 of 125 x 125 pixels, float32", "0.1250 s (8.00 Hz)", "frame-rate.json", "sagittal"]),
    ],
)
def test_info_understands_them(shared: Path, source: str, facts: list[str]) -> None:
    printed = succeed("info", shared / "data" / source)
    for fact in facts:
        assert fact in printed


def _values(run: Path, method: str) -> dict[tuple[str, str], float]:
    rows = [row for row in scores(run) if row["method"] == method and row["metric"] in METRICS]
    rows = [row for row in rows if row["region"] in REGIONS and row["against"] == "measured"]
    values = {(row["region"], row["metric"]): float(row["value"]) for row in rows}
    assert len(values) == 2 * len(METRICS)
    return values


def _per_frame(path: Path) -> dict[tuple[str, str], NDArray[np.float64]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (region, metric): np.array([float(row[metric]) for row in rows if row["region"] == region])
        for region in REGIONS
        for metric in METRICS
    }
