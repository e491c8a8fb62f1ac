"""The weighted motion model: against a dense singular value decomposition, and by its laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.motion import fit_motion_model, follow_drift, leading_directions, train_fields

T, SHAPE = 9, (6, 5)
Array = NDArray[np.float64]


def fields(seed: int = 0) -> Array:
    """Nine fields of decaying strength in eight directions."""
    rng = np.random.default_rng(seed)
    strengths = rng.normal(size=(T, 8)) * 2.0 ** -np.arange(8)
    return (strengths @ rng.normal(size=(8, 60))).reshape(T, *SHAPE, 2)


def some_weights(seed: int = 1, empty: int = 8) -> Array:
    rng = np.random.default_rng(seed)
    weights = rng.random(30)
    weights[rng.choice(30, empty, replace=False)] = 0
    return weights.reshape(SHAPE)


def inner(a: Array, b: Array, pixel_weights: Array) -> Array:
    """Inner products of fields, pixels counting by their weights, written out."""
    return np.einsum("khwc,jhwc,hw->kj", a, b, pixel_weights)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("together", [7, 1 << 15])
def test_it_is_the_singular_value_decomposition_of_weighted_fields(
    exact: bool, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_fields, "_TOGETHER", together)
    monkeypatch.setattr(train_fields, "MOST_NUMBERS", together * T)
    monkeypatch.setattr(leading_directions, "MOST_FRAMES_EXACT", 1024 if exact else 1)
    dvf, pixel_weights = fields(), some_weights()
    model = fit_motion_model(dvf, 4, pixel_weights=pixel_weights)
    rows = dvf.reshape(T, -1) - dvf.reshape(T, -1).mean(axis=0)
    root = np.sqrt(np.repeat(pixel_weights.ravel(), 2))
    left, singular, right = np.linalg.svd(rows * root, full_matrices=False)
    np.testing.assert_allclose(np.abs((model.modes.reshape(4, -1) * root * right[:4]).sum(axis=1)), 1, atol=1e-10)
    np.testing.assert_allclose(np.abs(model.project(dvf)), np.abs(left[:, :4] * singular[:4]), atol=1e-10)
    np.testing.assert_allclose(model.explained_variance, singular[:4] ** 2 / (singular**2).sum(), rtol=1e-9)
    np.testing.assert_allclose(model.mean, dvf.mean(axis=0), atol=1e-12)


def test_modes_of_pixels_without_weight_are_the_regression_on_the_weights() -> None:
    dvf, pixel_weights = fields(), some_weights()
    model = fit_motion_model(dvf, 3, pixel_weights=pixel_weights)
    silent = pixel_weights == 0
    wanted = np.linalg.lstsq(model.project(dvf), (dvf - dvf.mean(axis=0))[:, silent].reshape(T, -1), rcond=None)[0]
    np.testing.assert_allclose(model.modes[:, silent].reshape(3, -1), wanted, atol=1e-10)
    assert np.abs(wanted).max() > 0.01


@given(value=st.floats(1e-3, 1e3))
def test_equal_weights_are_no_weights(value: float) -> None:
    plain = fit_motion_model(fields(), 4)
    model = fit_motion_model(fields(), 4, pixel_weights=np.full(SHAPE, value))
    np.testing.assert_allclose(model.modes * np.sqrt(value), plain.modes, atol=1e-9)
    np.testing.assert_allclose(model.project(fields()) / np.sqrt(value), plain.project(fields()), atol=1e-9)
    np.testing.assert_allclose(model.explained_variance, plain.explained_variance, rtol=1e-9)


@given(seed=st.integers(0, 1000), empty=st.integers(0, 20), modes=st.integers(1, 5))
def test_modes_are_orthonormal_and_weights_are_inner_products(seed: int, empty: int, modes: int) -> None:
    dvf, pixel_weights = fields(seed), some_weights(seed, empty)
    model = fit_motion_model(dvf, modes, pixel_weights=pixel_weights)
    np.testing.assert_allclose(inner(model.modes, model.modes, pixel_weights), np.eye(modes), atol=1e-8)
    np.testing.assert_allclose(model.project(dvf), inner(dvf - model.mean, model.modes, pixel_weights), atol=1e-10)


@given(seed=st.integers(0, 1000), modes=st.integers(1, 5))
def test_what_was_rebuilt_has_the_weights_that_it_was_rebuilt_from(seed: int, modes: int) -> None:
    model = fit_motion_model(fields(seed), modes, pixel_weights=some_weights(seed))
    weights = np.random.default_rng(seed).normal(size=modes)
    np.testing.assert_allclose(model.project(model.reconstruct(weights)), weights, atol=1e-8)
    few = model.first(1)
    np.testing.assert_allclose(few.project(few.reconstruct(weights[:1])), weights[:1], atol=1e-8)


@given(seed=st.integers(0, 1000))
def test_motion_of_pixels_without_weight_changes_no_weight_of_a_frame(seed: int) -> None:
    dvf, pixel_weights = fields(seed), some_weights(seed)
    loud = dvf.copy()
    silent = pixel_weights == 0
    loud[:, silent] = 100 * np.random.default_rng(seed).normal(size=loud[:, silent].shape)
    plain = fit_motion_model(dvf, 3, pixel_weights=pixel_weights)
    model = fit_motion_model(loud, 3, pixel_weights=pixel_weights)
    np.testing.assert_allclose(model.project(loud), plain.project(dvf), atol=1e-9)
    np.testing.assert_allclose(model.modes[:, ~silent], plain.modes[:, ~silent], atol=1e-9)


def test_a_frame_projects_alone_as_in_company_to_the_bit() -> None:
    dvf = fields().astype(np.float32)
    model = fit_motion_model(dvf[:6], 3, pixel_weights=some_weights())
    together = model.project(dvf)
    for t, field in enumerate(dvf):
        np.testing.assert_array_equal(model.project(field.copy()), together[t])


def test_the_drift_leaves_out_what_the_modes_rebuild() -> None:
    model = fit_motion_model(fields(), 3, pixel_weights=some_weights())
    weights = np.random.default_rng(0).normal(size=(40, 3))
    dvf = np.array([model.reconstruct(each) for each in weights], dtype=np.float32)
    assert np.abs(follow_drift(dvf, model, model.project(dvf))).max() < 1e-2
    moved = dvf + np.float32(0.5) * (some_weights()[..., None] == 0)
    assert follow_drift(moved, model, model.project(moved))[-1][some_weights() == 0].mean() > 0.2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (np.ones((5, 6)), r"must have shape \(6, 5\) like the DVFs, got \(5, 6\)"),
        (np.zeros(SHAPE), r"not all 0, got 0.0 to 0.0; leave them out"),
        (np.full(SHAPE, -1.0), r"0 or more, and not all 0, got -1.0 to -1.0"),
        (np.full(SHAPE, np.nan), r"must be finite, .* got nan to nan"),
    ],
)
def test_weights_that_are_none(wrong: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        fit_motion_model(fields(), 2, pixel_weights=wrong)


def test_motion_where_no_weight_is_does_not_count_as_motion() -> None:
    dvf = np.zeros((5, *SHAPE, 2))
    dvf[:, 0] = np.random.default_rng(0).normal(size=(5, 5, 2))
    pixel_weights = np.ones(SHAPE)
    pixel_weights[0] = 0
    with pytest.raises(SettingsError, match="train span must show motion"):
        fit_motion_model(dvf, 1, pixel_weights=pixel_weights)
