"""The motion model is the PCA of the train span, with one sign, and projects every frame on its own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.motion import MotionModel, fit_motion_model

SHAPE = (6, 5, 2)


@pytest.fixture
def dvf(rng: np.random.Generator) -> NDArray[np.float32]:
    """Nine fields of decaying strength in eight directions."""
    strengths = rng.normal(size=(9, 8)) * 2.0 ** -np.arange(8)
    return (strengths @ rng.normal(size=(8, 60))).reshape(9, *SHAPE).astype(np.float32)


def test_all_modes_reproduce_the_train_span(dvf: Any) -> None:
    model = fit_motion_model(dvf, 8)
    rebuilt = np.stack([model.reconstruct(weights) for weights in model.project(dvf)])
    np.testing.assert_allclose(rebuilt, dvf, atol=1e-6)


def test_the_leading_modes_leave_what_the_other_eigenvalues_hold(dvf: Any) -> None:
    model = fit_motion_model(dvf, 3)
    rebuilt = np.stack([model.reconstruct(weights) for weights in model.project(dvf)])
    left = ((dvf - rebuilt) ** 2).sum() / ((dvf - dvf.mean(axis=0, dtype=float)) ** 2).sum()
    np.testing.assert_allclose(left, 1 - model.explained_variance.sum(), rtol=1e-6)


def test_the_drift_is_added_behind_the_mean_to_the_bit(dvf: Any, rng: np.random.Generator) -> None:
    model, drift, weights = fit_motion_model(dvf, 3), rng.normal(size=SHAPE).astype(np.float32), rng.normal(size=3)
    drift[2, 3, 1] = np.nan
    field = model.reconstruct(weights, drift)
    np.testing.assert_array_equal(field, model.reconstruct(weights) + drift)
    np.testing.assert_array_equal(field, model.reconstruct(weights, drift[:, ::-1][:, ::-1]))


@pytest.mark.parametrize(("pixels", "modes"), [((1, 1), 1), ((3, 5), 2), ((9, 37), 4), ((40, 50), 12)])
def test_dvfs_made_together_are_those_made_one_by_one_to_the_bit(
    pixels: tuple[int, int], modes: int, rng: np.random.Generator
) -> None:
    mean, deformations = rng.normal(size=(*pixels, 2)), rng.normal(size=(modes, *pixels, 2))
    model = MotionModel(mean, deformations, np.full(modes, 0.1))
    drift, weights = rng.normal(size=mean.shape).astype(np.float32), rng.normal(size=(5, modes))
    weights[3, 0] = np.nan
    drifts = [None, drift, drift, None, drift]
    out = np.empty((5, *mean.shape))
    together = model.reconstruct_all(weights, drifts, out)
    assert together is out
    alone = [model.reconstruct(own, each) for own, each in zip(weights, drifts, strict=True)]
    np.testing.assert_array_equal(together, alone)
    expected = mean + np.einsum("nk,kyxc->nyxc", weights, deformations)
    expected[[1, 2, 4]] += drift
    np.testing.assert_allclose(together, expected, rtol=1e-12, atol=1e-12)
    box = slice(0, max(1, pixels[0] - 1)), slice(0, max(1, pixels[1] // 2))
    np.testing.assert_array_equal(model.within(box).reconstruct(weights[1]), model.reconstruct(weights[1])[box])


@pytest.mark.parametrize(("weights", "out"), [((5, 3), (5, 2, 3, 2)), ((5, 2), (4, 2, 3, 2)), ((5, 2), (5, 3, 2, 2))])
def test_dvfs_of_other_shapes_are_refused(weights: tuple[int, ...], out: tuple[int, ...]) -> None:
    """Compiled code would read and write beside the arrays."""
    model = MotionModel(np.zeros((2, 3, 2)), np.zeros((2, 2, 3, 2)), np.full(2, 0.1))
    with pytest.raises(ValueError, match="must have shape"):
        model.reconstruct_all(np.zeros(weights), [None] * weights[0], np.zeros(out))


def test_modes_in_single_precision_are_read_as_such(rng: np.random.Generator) -> None:
    modes = rng.normal(size=(3, 4, 5, 2)).astype(np.float32)
    single, double = (MotionModel(np.zeros((4, 5, 2)), each, np.ones(3)) for each in (modes, modes.astype(np.float64)))
    weights = rng.normal(size=3)
    np.testing.assert_array_equal(single.reconstruct(weights), double.reconstruct(weights))  # type: ignore[arg-type]


def test_modes_are_orthonormal(dvf: Any) -> None:
    modes = fit_motion_model(dvf, 5).modes.reshape(5, -1)
    np.testing.assert_allclose(modes @ modes.T, np.eye(5), atol=1e-10)


def test_modes_shares_and_mean_are_those_of_the_singular_value_decomposition(dvf: Any) -> None:
    model = fit_motion_model(dvf, 4)
    rows = dvf.reshape(9, -1).astype(float)
    _, singular, right = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    cosines = (model.modes.reshape(4, -1) * right[:4]).sum(axis=1)
    np.testing.assert_allclose(np.abs(cosines), 1, atol=1e-10)
    np.testing.assert_allclose(model.explained_variance, singular[:4] ** 2 / (singular**2).sum(), rtol=1e-10)
    np.testing.assert_allclose(model.mean.ravel(), rows.mean(axis=0), atol=1e-12)


def test_shares_fall_and_add_up_to_one_at_most(dvf: Any) -> None:
    shares = fit_motion_model(dvf, 8).explained_variance
    assert (np.diff(shares) <= 0).all()
    np.testing.assert_allclose(shares.sum(), 1)
    assert fit_motion_model(dvf, 3).explained_variance.sum() < 1


def test_the_first_weight_of_the_train_span_is_positive(dvf: Any) -> None:
    assert (fit_motion_model(dvf, 8).project(dvf[0]) > 0).all()
    assert (fit_motion_model(-dvf, 8).project(-dvf[0]) > 0).all()


def test_where_the_first_weight_is_zero_the_next_one_is_positive() -> None:
    pattern = np.random.default_rng(0).normal(size=SHAPE)
    model = fit_motion_model(np.stack([0 * pattern, -3 * pattern, 3 * pattern]), 1)
    np.testing.assert_allclose(model.project(0 * pattern), 0, atol=1e-12)
    assert model.project(-3 * pattern)[0] > 0


def test_a_frame_projects_alone_as_in_company_to_the_bit(dvf: Any) -> None:
    model = fit_motion_model(dvf[:6], 3)
    together = model.project(dvf)
    for t, field in enumerate(dvf):
        np.testing.assert_array_equal(model.project(field.copy()), together[t])


def test_frames_after_the_train_span_change_nothing(dvf: Any, rng: np.random.Generator) -> None:
    changed = dvf.copy()
    changed[6:] = rng.normal(size=changed[6:].shape) * 100
    model, other = fit_motion_model(dvf[:6], 3), fit_motion_model(changed[:6], 3)
    np.testing.assert_array_equal(model.modes, other.modes)
    np.testing.assert_array_equal(model.project(dvf)[:6], other.project(changed)[:6])


def test_the_same_fields_give_the_same_model_and_stay_as_they_were(dvf: Any) -> None:
    before = dvf.copy()
    model, again = fit_motion_model(dvf, 4), fit_motion_model(dvf, 4)
    np.testing.assert_array_equal(model.modes, again.modes)
    np.testing.assert_array_equal(dvf, before)


def test_more_modes_than_train_frames_allow(dvf: Any) -> None:
    with pytest.raises(SettingsError, match=r"motion\.modes must be at most 3, .* 4 train frames, got 4"):
        fit_motion_model(dvf[:4], 4)


def test_more_modes_than_independent_motions(dvf: Any) -> None:
    with pytest.raises(SettingsError, match=r"motion\.modes must be at most 1, .* 4 train frames, got 2"):
        fit_motion_model(np.stack([dvf[0], 2 * dvf[0], 4 * dvf[0], -dvf[0]]), 2)


def test_as_many_modes_as_there_are_where_fewer_will_do(dvf: Any) -> None:
    assert len(fit_motion_model(dvf[:4], 12, at_least=2).modes) == 3
    assert len(fit_motion_model(dvf[:4], 2, at_least=1).modes) == 2
    with pytest.raises(SettingsError, match=r"motion\.modes must be at most 3, .* got 4"):
        fit_motion_model(dvf[:4], 12, at_least=4)


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_train_span_without_motion(value: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SettingsError, match="train span must show motion, got the same DVF in all of its 5 frames"):
            fit_motion_model(np.full((5, *SHAPE), value, dtype=np.float32), 1)
