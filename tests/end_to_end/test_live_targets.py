"""`cinecast live --target`: the run's masks and centroids, the folder, a target that comes while a scanner writes."""

from __future__ import annotations

import csv
import json
import math
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.store import artifacts as art
from helpers.command_line import call_cli, succeed
from helpers.dicom_files import cine, save
from helpers.live_sessions import LiveProcess, newest_forecast_s, until_forecasts, wait_until
from helpers.structure_sets import contour, save_structure_set

TRAIN, TEST, FRAMES = 20, 40, 60
ROWS, COLUMNS = np.indices((48, 40))
MASK = ((ROWS - 30) ** 2 + (COLUMNS - 15) ** 2 <= 16).astype(np.uint8)
OPTIONS = ("--method", "linear", "--horizon", "2", "--target-frame", "5", "--set", "flow.reference=11")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def masks(live: Path, row: dict[str, str]) -> NDArray[np.generic]:
    data = np.asarray(nibabel.load(live / row["target_1_file"]).dataobj)  # type: ignore[attr-defined]
    return data[:, :, 0, int(row["target_1_index"])].T


@pytest.fixture(scope="module")
def mask_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("target") / "tumour.npy"
    np.save(path, MASK, allow_pickle=False)
    return path


@pytest.fixture(scope="module")
def finished(original_phantom: Path, mask_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("targets") / "run"
    succeed("run", original_phantom, "--out", out, "--target", mask_file, *OPTIONS)
    return out


@pytest.fixture(scope="module")
def replayed(original_phantom: Path, mask_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("targets") / "live"
    options = (*OPTIONS, "--rate", "max", "--margin", "7")
    return out, succeed("live", original_phantom, "--out", out, "--target", mask_file, *options)


def test_masks_and_centroids_of_forecasts_are_those_of_the_run(finished: Path, replayed: tuple[Path, str]) -> None:
    live, _ = replayed
    wanted = art.load_masks(finished / "target/linear/h002").masks
    centroids = {row["frame"]: row for row in rows(finished / "target/linear/h002/centroids.csv")}
    by_time = {round(float(row["time_s"]) / 0.25): row for row in rows(live / "forecasts.csv")}
    for t in range(TEST, FRAMES):
        row, own = by_time[t], centroids[str(t)]
        np.testing.assert_array_equal(masks(live, row), wanted.mask(0, 0, t - TEST))
        for name in ("row", "column", "pixels", "folded_pixels"):
            assert row[f"target_1_{name}"] == own[name], (t, name)
        offset = (float(own["row"]) - 30) * 6, (float(own["column"]) - 15) * 6
        assert float(row["target_1_distance_mm"]) == pytest.approx(math.hypot(*offset))
        assert row["target_1_beam"] == ("on" if math.hypot(*offset) <= 7 else "off")
        # A sagittal plane: from row to row towards the feet, from column to column to the back.
        assert float(row["target_1_si_mm"]) == pytest.approx(-offset[0])
        assert float(row["target_1_ap_mm"]) == pytest.approx(-offset[1])


def test_measured_places_and_errors_are_those_of_the_run(finished: Path, replayed: tuple[Path, str]) -> None:
    live, _ = replayed
    measured = {row["frame"]: row for row in rows(finished / "target/measured/centroids.csv")}
    scored = {row["frame"]: row for row in rows(finished / "score/linear/h002/target_per_frame.csv")}
    frames = rows(live / "frames.csv")
    errors = [float(row["target_1_error_mm"]) for row in frames if row["target_1_error_mm"]]
    for t in range(TEST, FRAMES):
        own, wanted = frames[t], measured[str(t)]
        assert (own["target_1_measured_row"], own["target_1_measured_column"]) == (wanted["row"], wanted["column"])
        assert float(own["target_1_error_mm"]) == pytest.approx(float(scored[str(t)]["centroid_mm"]))
    (target,) = json.loads((live / "summary.json").read_text())["targets"]
    assert target["centroid_error_mm"] == pytest.approx(np.mean(errors))
    # The forecast issued at the last frame of the calibration was out before the target came in.
    assert target["centroid_error_forecasts"] == len(errors) == FRAMES - TRAIN - 2
    beams = [row["target_1_beam"] for row in rows(live / "forecasts.csv")]
    assert (target["forecasts"], target["beam_on"]) == (FRAMES - TRAIN, beams.count("on"))
    assert 0 < target["beam_on"] < target["forecasts"]
    assert (target["name"], target["frame"], target["margin_mm"], target["missed"]) == ("tumour", 5, 7.0, 0)


def test_the_target_is_said_and_shown_and_kept(replayed: tuple[Path, str]) -> None:
    live, printed = replayed
    (given,) = art.load_targets(live / "targets/target_1/given_000")
    np.testing.assert_array_equal(given.mask, MASK.astype(bool))
    assert (given.name, given.frame) == ("tumour", 5)
    assert "Target tumour: 49 pixels in frame 5; registered to frame 11, with a correlation of 0.9" in printed
    last = rows(live / "forecasts.csv")[-1]
    distance = float(last["target_1_distance_mm"])
    (target,) = json.loads((live / "summary.json").read_text())["targets"]
    line = f"tumour: beam {last['target_1_beam']}, {distance:.2f} mm from its plan; centroid off by "
    assert f"{line}{target['centroid_error_mm']:.3f} mm so far" in " ".join(printed.split())


def test_without_a_target_no_column_is_there(
    original_phantom: Path, replayed: tuple[Path, str], tmp_path: Path
) -> None:
    succeed("live", original_phantom, "--out", tmp_path / "live", *OPTIONS[:4], *OPTIONS[6:], "--rate", "max")
    for name in ("forecasts.csv", "frames.csv"):
        plain, followed = (rows(folder / name) for folder in (tmp_path / "live", replayed[0]))
        assert [column for column in plain[0] if column.startswith("target")] == []
        assert [column for column in followed[0] if not column.startswith("target")] == list(plain[0])
    assert not (tmp_path / "live" / "targets").exists()
    assert json.loads((tmp_path / "live" / "summary.json").read_text())["targets"] == []


def scan(folder: Path, frames: NDArray[np.generic], region: str, live: LiveProcess, out: Path) -> None:
    """Write frames as a scanner does; after the calibration draw a target on one of them, half of the file first."""
    images = cine(frames, PixelSpacing=[6, 6])
    made = folder.parent / "made"
    for t, each in enumerate(images):
        save(made, [each], [f"{t:03d}.dcm"])
        (made / f"{t:03d}.dcm").rename(folder / f"{t:03d}.dcm")
        if t == TRAIN:
            until_forecasts(out)
        if t == TRAIN + 10:
            _draw(folder.parent, images[5].SOPInstanceUID, region, live)
        # A file that has changed is read after a while, and what it holds is told with the next frame.
        end = time.monotonic() + (0.05 if t < TRAIN + 10 else 0.2 if t < FRAMES - 10 else 30)
        while time.monotonic() < end and not (t > TRAIN + 10 and region in (out / "forecasts.csv").read_text()):
            time.sleep(0.01)


def _draw(folder: Path, uid: str, region: str, live: LiveProcess) -> None:
    # By DICOM PS3.3, C.7.6.2.1.1, with what `helpers.dicom_files.image` says of position and orientation.
    corners = ((10.6, 25.5), (19.4, 25.5), (19.4, 34.5), (10.6, 34.5))
    points = [(-92.0, -112.25 + 6 * x, 134.0 - 6 * y) for x, y in corners]
    whole = save_structure_set(folder / "whole.dcm", {region: [contour(np.array(points), uid)]}).read_bytes()
    with (folder / "plan.dcm").open("wb", buffering=0) as file:
        file.write(whole[: len(whole) - 40])
        wait_until(lambda: "plan.dcm cannot be read" in live.said)
        file.write(whole[len(whole) - 40 :])


def test_a_structure_set_that_comes_while_a_scanner_writes(original_phantom: Path, tmp_path: Path) -> None:
    frames = read_sequence(original_phantom).frames
    folder, out, plan = tmp_path / "scanner", tmp_path / "live", tmp_path / "plan.dcm"
    folder.mkdir()
    options = ("--watch", "--horizon", "0.5s", "--calibration", str(TRAIN), "--method", "linear", "--target", plan)
    with LiveProcess(tmp_path, folder, "--out", out, *options) as live:
        scan(folder, frames, "GTV", live, out)
        outcome = live.interrupted(lambda: newest_forecast_s(out) > 0.25 * (FRAMES - 1) - 0.1)
    assert outcome.code == 130, outcome
    assert f"Target: {plan} is awaited." in outcome.output
    assert "Target GTV: 81 pixels in frame 5, 005.dcm;" in outcome.output
    refused = [line for line in outcome.errors.splitlines() if "plan.dcm" in line]
    assert len(refused) == 1
    assert "plan.dcm cannot be read as RTSTRUCT: it is cut short or damaged" in refused[0]
    forecasts = rows(out / "forecasts.csv")
    named = [row["target_1_name"] for row in forecasts]
    assert (named[0], named[-1]) == ("", "GTV")
    assert named == sorted(named)
    (given,) = art.load_targets(out / "targets/target_1/given_000")
    inside = (ROWS >= 26) & (ROWS <= 34) & (COLUMNS >= 11) & (COLUMNS <= 19)
    np.testing.assert_array_equal(given.mask, inside)
    assert given.frame == 5
    # The plane is sagittal, and its columns run to the back: what is told is told along the patient's axes.
    last = forecasts[-1]
    assert float(last["target_1_ap_mm"]) == pytest.approx(-6 * (float(last["target_1_column"]) - 15))
    assert float(last["target_1_si_mm"]) == pytest.approx(-6 * (float(last["target_1_row"]) - 30))


def test_a_case_of_trackrad_brings_its_target_along(original_phantom: Path, tmp_path: Path) -> None:
    import SimpleITK

    source = read_sequence(original_phantom)
    for folder in ("images", "targets"):
        (tmp_path / "Z" / folder).mkdir(parents=True)
    for name, values in (("images/Z_frames", source.frames), ("targets/Z_first_label", MASK[np.newaxis])):
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(values.transpose(1, 2, 0)))
        image.SetSpacing((1.0, 6.0, 6.0))
        SimpleITK.WriteImage(image, str(tmp_path / "Z" / f"{name}.mha"))
    facts = ("--frame-period", "0.25", "--calibration", "20", "--method", "linear", "--horizon", "2", "--rate", "max")
    outcome = call_cli("live", tmp_path / "Z", "--out", tmp_path / "live", *facts)
    assert outcome.code == 0, outcome
    (target,) = json.loads((tmp_path / "live/summary.json").read_text())["targets"]
    assert (target["name"], target["frame"], target["forecasts"]) == ("target", 0, 40)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--margin", "3"), "--margin is that of a target's gate, got 3 and no target; give it with --target"),
        (("--target", "a.npy", "--margin", "0"), "--margin must be above 0 mm, got 0; give a length"),
        (("--target", "a.npy", "--target-label", "all"), "--target-label must name each structure live, got all"),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], sentence: str, original_phantom: Path, tmp_path: Path
) -> None:
    assert sentence in call_cli("live", original_phantom, "--out", tmp_path / "live", *options).sentence
    assert not (tmp_path / "live").exists()
