"""Artifacts read back as they were written."""

from __future__ import annotations

import csv
import io
import resource
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.motion import MotionModel, fit_motion_model
from cinecast.sequence import Roi, Sequence, Split
from cinecast.store import arrays
from cinecast.store import artifacts as art
from cinecast.target import FollowedTarget, pack
from cinecast_models import Bands


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as any other program reads them."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sequence(rng: np.random.Generator, *, full: bool, dtype: str = "uint16") -> Sequence:
    return Sequence(
        name="lung",
        frames=rng.integers(0, 200, (6, 8, 9)).astype(dtype),
        times_s=0.1 * np.arange(6) + 1e-3 * rng.random(6),
        spacing_mm=(1.0 / 3, 2.5),
        split=Split(2, 4, 6),
        roi=Roi((1, 5), (2, 9)) if full else None,
        affine=np.diag([1.0 / 3, 2.5, 4, 1]) if full else None,
        axes=("SI", "AP") if full else None,
        published={"flow": {"nb_iter": 1}} if full else {},
        origins={"times_s": "sidecar"} if full else {},
        faults={1: "frozen", 4: "nearly black"} if full else {},
    )


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_a_sequence(tmp_path: Path, rng: np.random.Generator, full: bool, dtype: str) -> None:
    original = sequence(rng, full=full, dtype=dtype)
    art.save_sequence(tmp_path, original)
    again = art.load_sequence(tmp_path)
    assert again.frames.dtype == original.frames.dtype
    for name in ("frames", "times_s"):
        np.testing.assert_array_equal(getattr(again, name), getattr(original, name))
    for name in ("name", "spacing_mm", "split", "roi", "axes", "published", "origins", "faults"):
        assert getattr(again, name) == getattr(original, name)
    assert (again.affine is None) == (original.affine is None)
    if full:
        np.testing.assert_array_equal(again.affine, original.affine)
    assert {path.name for path in tmp_path.iterdir()} == set(art.FILES["frames"])


@given(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7))
def test_dvfs_are_streamed_to_the_very_bytes_of_numpy(
    tmp_path_factory: pytest.TempPathFactory, frames: int, rows: int, columns: int
) -> None:
    folder = tmp_path_factory.mktemp("dvf")
    dvf = np.random.default_rng(0).standard_normal((frames, rows, columns, 2)).astype(np.float32)
    art.save_dvf(folder, iter(dvf), (frames, rows, columns))
    whole = io.BytesIO()
    np.save(whole, dvf, allow_pickle=False)
    assert (folder / "dvf.npy").read_bytes() == whole.getvalue()
    np.testing.assert_array_equal(art.load_array(folder / "dvf.npy"), dvf)


def test_fields_that_do_not_lie_in_memory_order_are_written_in_order(tmp_path: Path) -> None:
    dvf = np.arange(24, dtype=np.float64).reshape(1, 2, 6, 2)[..., ::-1]
    art.save_dvf(tmp_path, iter(dvf.transpose(0, 2, 1, 3)), (1, 6, 2))
    np.testing.assert_array_equal(art.load_array(tmp_path / "dvf.npy"), dvf.transpose(0, 2, 1, 3))


def test_a_motion_model_and_its_weights(tmp_path: Path, rng: np.random.Generator) -> None:
    model = MotionModel(rng.random((4, 5, 2)), rng.random((3, 4, 5, 2)), np.array([0.6, 0.3, 0.1]))
    weights = rng.standard_normal((7, 3))
    art.save_motion(tmp_path, model, weights, 0.1 * np.arange(7))
    again = art.load_motion_model(tmp_path)
    for name in ("mean", "modes", "explained_variance"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name))
    np.testing.assert_array_equal(art.load_weights(tmp_path), weights)
    rows = rows_of(tmp_path / "weights.csv")
    assert [(row["frame"], float(row["time_s"])) for row in rows] == [
        (str(t), pytest.approx(0.1 * t)) for t in range(7)
    ]
    np.testing.assert_array_equal([float(row["weight_2"]) for row in rows], weights[:, 1])
    shares = [(row["mode"], row["explained_variance"]) for row in rows_of(tmp_path / "variance.csv")]
    assert shares == [("1", "0.6"), ("2", "0.3"), ("3", "0.1")]
    assert again.pixel_weights is None
    assert {path.name for path in tmp_path.iterdir()} == set(art.FILES["motion"])


def test_a_motion_model_whose_pixels_have_weights(tmp_path: Path, rng: np.random.Generator) -> None:
    dvf, pixel_weights = rng.standard_normal((7, 4, 5, 2)), rng.random((4, 5))
    model = fit_motion_model(dvf, 3, pixel_weights=pixel_weights)
    art.save_motion(tmp_path, model, model.project(dvf), 0.1 * np.arange(7))
    again = art.load_motion_model(tmp_path)
    np.testing.assert_array_equal(again.pixel_weights, pixel_weights)
    np.testing.assert_array_equal(again.project(dvf), model.project(dvf))
    assert {path.name for path in tmp_path.iterdir()} == {*art.FILES["motion"], art.PIXEL_WEIGHTS_FILE}


def test_forecasts_of_several_runs_one_of_which_diverged(tmp_path: Path, rng: np.random.Generator) -> None:
    forecasts = rng.standard_normal((3, 10, 2))
    forecasts[:, :4] = np.nan
    forecasts[2, 6:] = np.nan
    times = np.where(np.arange(10) < 3, np.nan, rng.random(10))
    art.save_forecast(tmp_path, forecasts, times, 0.1 * np.arange(10))
    np.testing.assert_array_equal(art.load_forecast(tmp_path, 10), forecasts)
    np.testing.assert_array_equal(art.load_step_times(tmp_path), times)
    assert {path.name for path in tmp_path.iterdir()} == set(art.FILES["forecast"])


def test_a_last_run_that_diverged_from_the_start_is_kept(tmp_path: Path, rng: np.random.Generator) -> None:
    forecasts = rng.standard_normal((2, 5, 2))
    forecasts[1] = np.nan
    art.save_forecast(tmp_path, forecasts, np.ones(5), np.arange(5.0))
    np.testing.assert_array_equal(art.load_forecast(tmp_path, 5), forecasts)


@pytest.mark.parametrize(
    ("dtype", "offset", "viewable"),
    [
        ("int8", -100, "int16"),
        ("uint32", 0, "int16"),
        ("int64", 0, "int16"),
        ("int64", 100_000, "int32"),
        ("uint64", 2**40, "float64"),
        ("float16", 0, "float32"),
        (">u2", 0, "uint16"),
    ],
)
def test_grey_values_of_a_type_that_viewers_do_not_know(
    rng: np.random.Generator, dtype: str, offset: int, viewable: str
) -> None:
    frames = (rng.integers(0, 100, (6, 8, 9)) + offset).astype(dtype)
    again = art.viewable(frames[:2], like=frames)
    assert again.dtype.name == viewable
    np.testing.assert_array_equal(again, frames[:2])


def test_predicted_frames_get_the_type_of_the_real_ones() -> None:
    real = np.arange(0, 80_000, 1000).reshape(2, 5, 8)
    assert art.viewable(real[:1] // 2).dtype.name == "int16"
    assert art.viewable(real[:1] // 2, like=real).dtype.name == "int32"


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_grey_values_of_a_type_that_viewers_know_stay_as_they_are(rng: np.random.Generator, dtype: str) -> None:
    frames = rng.integers(0, 100, (6, 8, 9)).astype(dtype)
    assert art.viewable(frames) is frames


def test_bands_of_several_runs_and_none_at_all(tmp_path: Path, rng: np.random.Generator) -> None:
    centres, radii = rng.standard_normal((2, 7, 3)), rng.uniform(0, 1, (2, 7, 3))
    radii[:, :2] = np.nan  # before any error is known
    radii[1, 4:] = np.nan  # diverged
    bands = Bands(centres - radii, centres + radii)
    art.save_bands(tmp_path, bands, np.arange(7.0))
    np.testing.assert_array_equal(art.load_bands(tmp_path, (2, 7, 3)), bands)
    none = Bands(np.full((2, 7, 3), np.nan), np.full((2, 7, 3), np.nan))
    art.save_bands(tmp_path, none, np.arange(7.0))
    np.testing.assert_array_equal(art.load_bands(tmp_path, (2, 7, 3)), none)


def test_every_number_stands_below_its_name_and_beside_its_time(tmp_path: Path, rng: np.random.Generator) -> None:
    times_s = np.array([0.0, 0.25, 0.5, 5.75, 6.0])  # a pause
    forecasts, radii = rng.standard_normal((2, 5, 3)), rng.uniform(0.1, 1, (2, 5, 3))
    forecasts[:, 0] = radii[:, :2] = np.nan
    art.save_forecast(tmp_path, forecasts, np.arange(5.0), times_s)
    art.save_bands(tmp_path, Bands(forecasts - radii, forecasts + radii), times_s)
    art.save_landmark_radii(tmp_path, ["a", "b"], 10.0 * np.arange(12.0).reshape(2, 3, 2), [1, 3, 4], times_s)
    weights, bands = rows_of(tmp_path / "weights.csv"), rows_of(tmp_path / "bands.csv")
    assert [(row["run"], row["frame"]) for row in weights] == [(r, t) for r in "01" for t in "1234"]
    assert [(row["run"], row["frame"]) for row in bands] == [(r, t) for r in "01" for t in "234"]
    for row in weights + bands:
        r, t = int(row["run"]), int(row["frame"])
        assert float(row["time_s"]) == times_s[t]
        for k in range(3):
            if "low_1" in row:
                low, high = float(row[f"low_{k + 1}"]), float(row[f"high_{k + 1}"])
                assert (low, high) == pytest.approx(
                    (forecasts[r, t, k] - radii[r, t, k], forecasts[r, t, k] + radii[r, t, k])
                )
            else:
                assert float(row[f"weight_{k + 1}"]) == forecasts[r, t, k]
    of_landmarks = [(row["run"], row["frame"], row["time_s"]) for row in rows_of(tmp_path / "landmark_radii.csv")]
    assert of_landmarks == [(r, t, time) for r in "01" for t, time in (("1", "0.25"), ("3", "5.75"), ("4", "6.0"))]
    assert [row["radius_mm_b"] for row in rows_of(tmp_path / "landmark_radii.csv")] == [
        "10.0", "30.0", "50.0", "70.0", "90.0", "110.0",
    ]  # fmt: skip


def test_the_table_of_centroids_has_rows_and_columns_of_pixels(tmp_path: Path) -> None:
    masks = np.zeros((3, 6, 8), dtype=bool)
    masks[0, 1:3, 4:8] = masks[1, 5, 2] = True  # in the last frame it is nowhere
    followed = FollowedTarget(pack(masks, (6, 8)), np.array([2, 0, 0]), np.array([True, True, True]))
    lost = FollowedTarget(pack(masks, (6, 8)), np.array([0, 1, 0]), np.array([False, True, False]))
    art.save_masks(tmp_path, ["GTV"], [[followed, lost]], [2, 4, 5], np.array([0.0, 0.25, 0.5, 0.75, 9.0, 9.25]))
    found = [tuple(row.values()) for row in rows_of(tmp_path / "centroids.csv")]
    assert found == [
        ("GTV", "0", "2", "0.5", "1.5", "5.5", "8", "2"),
        ("GTV", "0", "4", "9.0", "5.0", "2.0", "1", "0"),
        ("GTV", "0", "5", "9.25", "", "", "0", "0"),
        ("GTV", "1", "2", "0.5", "", "", "", ""),
        ("GTV", "1", "4", "9.0", "5.0", "2.0", "1", "1"),
        ("GTV", "1", "5", "9.25", "", "", "", ""),
    ]
    header = (tmp_path / "centroids.csv").read_text().partition("\n")[0]
    assert header == "target,run,frame,time_s,row,column,pixels,folded_pixels"


def test_what_is_not_explained_and_a_run_that_did_not_keep_it(tmp_path: Path) -> None:
    assert art.load_unexplained(tmp_path).shape == (0,)
    art.save_unexplained(tmp_path, np.array([0.1, 1 / 3]))
    np.testing.assert_array_equal(art.load_unexplained(tmp_path), [0.1, 1 / 3])


def test_keys_sort_as_numbers() -> None:
    assert art.method_key("score", "rls", 7) < art.method_key("score", "rls", 12) == "score/rls/h012"
    assert art.motion_key(90) < art.motion_key(160) == "motion/train_0160"


@pytest.mark.parametrize("kind", ["<u2", ">i2", "<f4", "u1"])
def test_an_array_in_parts_has_the_bytes_of_numpy(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.random.default_rng(0).integers(0, 200, (7, 5, 3)).astype(kind)
    monkeypatch.setattr(arrays, "_AT_ONCE", 2 * array[0].nbytes)
    arrays.save_array(tmp_path / "parts.npy", array)
    np.save(tmp_path / "whole.npy", array, allow_pickle=False)
    assert (tmp_path / "parts.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


@pytest.mark.parametrize("missing", [1, 78, 4000, 20_000])
def test_a_disk_on_which_the_last_bytes_find_no_room_is_full(missing: int, tmp_path: Path) -> None:
    array = np.zeros((60, 48, 40), dtype=np.uint16)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (array.nbytes + 128 - missing, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            arrays.save_array(tmp_path / "array.npy", array)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
