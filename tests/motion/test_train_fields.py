"""A motion model of more frames than memory holds: by blocks, without the matrix of all pairs of frames."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.motion import MotionModel, fit_motion_model, leading_directions, train_fields

T, H, W, MODES = 300, 24, 20, 12
Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def dvf() -> NDArray[np.float32]:
    """Three breathing motions above noise, as measured ones are: modes from the fourth on are close to each other."""
    rng = np.random.default_rng(3)
    strengths = rng.normal(size=(T, 3)) * (8, 2, 0.5)
    moved = strengths @ rng.normal(size=(3, H * W * 2)) + 0.3
    return np.asarray(moved + 0.05 * rng.normal(size=moved.shape), dtype=np.float32).reshape(T, H, W, 2)


@pytest.fixture(scope="module")
def pixel_weights() -> Array:
    return np.random.default_rng(4).random((H, W)) ** 2


def plain(dvf: NDArray[np.float32], modes: int, pixel_weights: Array | None) -> MotionModel:
    """The model as one writes it first: all fields in double precision, and their matrix of inner products."""
    centred = dvf.reshape(len(dvf), -1).astype(np.float64)
    mean = centred.mean(axis=0)
    centred -= mean
    roots = 1.0 if pixel_weights is None else np.repeat(np.sqrt(pixel_weights).ravel(), 2)
    weighted = centred * roots
    values, temporal = np.linalg.eigh(weighted @ weighted.T)
    values, temporal = values[::-1], temporal[:, ::-1][:, :modes]
    temporal = temporal * np.sign(temporal[0])
    spatial = (temporal / np.sqrt(values[:modes])).T @ centred
    shape = dvf.shape[1:]
    return MotionModel(
        mean.reshape(shape), spatial.reshape(modes, *shape), values[:modes] / values.sum(), pixel_weights
    )


def farthest(model: MotionModel, other: MotionModel, dvf: NDArray[np.float32]) -> float:
    """The largest difference of any weight, beside the deviation of the weights of its mode."""
    own, others = model.project(dvf), other.project(dvf)
    return float((np.abs(own - others) / others.std(axis=0)).max())


@pytest.mark.parametrize("weighted", [False, True])
def test_a_few_frames_give_the_model_of_their_matrix_to_the_bit(
    dvf: NDArray[np.float32], pixel_weights: Array, weighted: bool
) -> None:
    own = pixel_weights if weighted else None
    model, wanted = fit_motion_model(dvf[:100], MODES, pixel_weights=own), plain(dvf[:100], MODES, own)
    np.testing.assert_array_equal(model.mean, wanted.mean)
    np.testing.assert_array_equal(model.modes, wanted.modes)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("numbers", [1 << 12, 1 << 17])
def test_many_frames_give_the_same_weights_to_1e_6(
    dvf: NDArray[np.float32],
    pixel_weights: Array,
    weighted: bool,
    numbers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train_fields, "MOST_NUMBERS", numbers)
    own = pixel_weights if weighted else None
    wanted = plain(dvf, MODES, own)
    exact = fit_motion_model(dvf, MODES, pixel_weights=own)
    monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", 50)
    found, again = (fit_motion_model(dvf, MODES, pixel_weights=own) for _ in range(2))
    assert farthest(exact, wanted, dvf) < 1e-7  # rounding: the last motions are a thousandth of the first
    assert farthest(found, wanted, dvf) < 1e-6
    np.testing.assert_allclose(found.explained_variance, wanted.explained_variance, rtol=1e-9)
    np.testing.assert_array_equal(found.modes, again.modes)  # whatever was drawn in between


def test_frames_that_are_left_out_are_as_if_they_were_not_there(
    dvf: NDArray[np.float32], pixel_weights: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = {0, 7, 8, 299, 1000}
    kept = np.delete(dvf, [0, 7, 8, 299], axis=0)
    for most in (1024, 50):
        monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", most)
        model = fit_motion_model(dvf, MODES, pixel_weights=pixel_weights, left_out=left_out)
        np.testing.assert_array_equal(model.modes, fit_motion_model(kept, MODES, pixel_weights=pixel_weights).modes)


def test_few_independent_motions_among_many_frames_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", 50)
    two = (rng.normal(size=(T, 2)) @ rng.normal(size=(2, H * W * 2))).reshape(T, H, W, 2)
    assert len(fit_motion_model(two, MODES, at_least=1).modes) == 2
    with pytest.raises(SettingsError, match=r"motion\.modes must be at most 2"):
        fit_motion_model(two, 3)


def test_many_frames_without_motion_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", 50)
    with pytest.raises(SettingsError, match="must show motion"):
        fit_motion_model(np.full((T, H, W, 2), 0.25, dtype=np.float32), 1)


@pytest.mark.parametrize("exact", [True, False])
def test_memory_is_a_small_part_of_what_the_fields_take(
    exact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", 1024 if exact else 1)
    monkeypatch.setattr(train_fields, "MOST_NUMBERS", 1 << 16)
    count, side = 300, 64  # numpy 2.5 counts the working memory of eigenvectors, some T x T, too
    rng = np.random.default_rng(0)
    moved = (rng.normal(size=(count, 3)) @ rng.normal(size=(3, side * side * 2))).reshape(count, side, side, 2)
    np.save(tmp_path / "dvf.npy", moved.astype(np.float32))
    mapped = np.load(tmp_path / "dvf.npy", mmap_mode="r")
    tracemalloc.start()
    fit_motion_model(mapped, 2, pixel_weights=np.ones((side, side)), left_out={3})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * moved.nbytes
