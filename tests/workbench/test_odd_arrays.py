"""Arrays of every kind give the numbers of plain ones: other types, orders, masks; what cannot be meant is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cinecast
import cinecast_models
from cinecast.errors import CinecastError
from cinecast.score import cross_correlation, geometric_error, image_nrmse, mean_by_phase, structural_similarity
from cinecast.score.mask_scores import score_mask
from cinecast_models import ForecastingError

T, H, W = 12, 7, 5
Array = NDArray[Any]
RNG = np.random.default_rng(5)
# Whole numbers from 0 to 99, which all types hold.
DVF = RNG.integers(0, 100, (T, H, W, 2)).astype(np.float64)
WEIGHTS = RNG.integers(0, 5, (H, W)).astype(np.float64)
SERIES = RNG.integers(0, 100, (60, 2)).astype(np.float64)
ERRORS = RNG.integers(0, 100, (60, 2)).astype(np.float64)
SPACING_MM = (2.0, 3.0)


def reversed_steps(array: Array) -> Array:
    back = tuple(slice(None, None, -1) for _ in array.shape)
    return np.ascontiguousarray(array[back])[back]


KINDS: dict[str, Callable[[Array], Array]] = {
    **{name: lambda array, name=name: array.astype(name) for name in ("f2", ">f4", ">f8", "longdouble", "i1", ">i2")},
    **{name: lambda array, name=name: array.astype(name) for name in ("u1", "u2", "u8")},
    "columns first": np.asfortranarray,
    "reversed": reversed_steps,
    "without a mask": np.ma.masked_array,
}


def plain_model(dvf: Array, weights: Array, modes: int) -> tuple[Array, Array]:
    """Return shares of variance, and weights without their sign, by a singular value decomposition."""
    centred = (dvf - dvf.mean(axis=0)).reshape(len(dvf), -1) * np.sqrt(np.repeat(weights.ravel(), 2))
    _, singular, components = np.linalg.svd(centred, full_matrices=False)
    return (singular**2 / (singular**2).sum())[:modes], np.abs(centred @ components[:modes].T)


@pytest.mark.parametrize("kind", KINDS)
def test_a_motion_model_is_that_of_the_numbers_whatever_holds_them(kind: str) -> None:
    """Roots of pixel weights of 8 bits were taken in half precision."""
    shares, projected = plain_model(DVF, WEIGHTS, 3)
    for dvf, weights in ((KINDS[kind](DVF), WEIGHTS), (DVF, KINDS[kind](WEIGHTS))):
        model = cinecast.fit_motion_model(dvf, 3, pixel_weights=weights)
        np.testing.assert_allclose(model.explained_variance, shares, rtol=1e-9)
        np.testing.assert_allclose(np.abs(model.project(dvf)), projected, rtol=1e-7, atol=1e-7)
    rebuilt = model.mean + 2 * model.modes[0] + 5 * model.modes[2]
    np.testing.assert_allclose(model.reconstruct(KINDS[kind](np.array([2.0, 0.0, 5.0]))), rebuilt, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_distances_are_those_of_the_numbers_whatever_holds_them(kind: str) -> None:
    """Fields of another byte order or of half precision, as files hold them, ended in a traceback of numba."""
    difference = (DVF[1] - DVF[2]) * SPACING_MM[::-1]
    found = cinecast.pixel_distance_mm(KINDS[kind](DVF[1]), KINDS[kind](DVF[2]), spacing_mm=SPACING_MM)
    np.testing.assert_allclose(found, np.sqrt((difference**2).sum(axis=-1)), rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_radii_and_difficulty_are_those_of_the_numbers_whatever_holds_them(kind: str) -> None:
    """The steps of unsigned samples wrapped around: a step down by 1 counted as one of 255 up."""
    wanted = cinecast_models.series_radii(ERRORS, horizon=2, level=0.9)
    of = KINDS[kind]
    np.testing.assert_allclose(cinecast_models.series_radii(of(ERRORS), horizon=2, level=0.9), wanted, rtol=1e-9)
    tracked = [each.radius for each in cinecast_models.track_errors(of(ERRORS), horizon=2, level=0.9)]
    np.testing.assert_allclose(tracked[4:], wanted[4:], rtol=1e-9)
    spread, step = SERIES[:40].std(axis=0), np.diff(SERIES[:40], axis=0).std(axis=0)
    k = int(np.argmax(spread))
    issued = cinecast_models.ForecastDifficulty(of(SERIES[:40]), horizon=1).issue(
        of(SERIES[40]), of(SERIES[41]), of(SERIES[np.newaxis, 42])
    )
    way, newest = SERIES[42, k] - SERIES[41, k], SERIES[41, k] - SERIES[40, k]
    mean = SERIES[:40, k].mean()
    np.testing.assert_allclose(
        issued.place[0], [(SERIES[42, k] - mean) / spread[k], way / spread[k], newest / step[k]], rtol=1e-9
    )


def masked_at(array: Array, place: Any, below: float) -> Any:
    """Return an array that is masked at a place, with a number below its mask."""
    masked = np.ma.masked_array(array.copy(), np.zeros(array.shape, dtype=bool))
    masked.data[place], masked.mask[place] = below, True
    return masked


@pytest.mark.parametrize("below", [0.0, 1e6])
def test_what_is_masked_is_not_known(below: float) -> None:
    """Numbers below a mask went into models, weights, errors and held samples."""
    model = cinecast.fit_motion_model(DVF, 3)
    with pytest.raises(ValueError, match="DVFs must be finite"):
        cinecast.fit_motion_model(masked_at(DVF, (4, 3, 3), below), 3)
    left_out = cinecast.fit_motion_model(masked_at(DVF, 4, below), 3, left_out=[4])
    np.testing.assert_array_equal(left_out.modes, cinecast.fit_motion_model(DVF, 3, left_out=[4]).modes)
    with pytest.raises(ValueError, match="pixel weights must be finite"):
        cinecast.fit_motion_model(DVF, 3, pixel_weights=masked_at(WEIGHTS, (1, 1), below))
    projected = model.project(masked_at(DVF, (4, 3, 3), below))
    assert np.flatnonzero(np.isnan(projected).any(axis=1)).tolist() == [4]
    assert np.isnan(model.reconstruct(masked_at(np.ones(3), 1, below))).all()
    errors = cinecast.forecast_errors_mm(
        model, masked_at(np.ones((2, T, 3)), (1, 7, 2), below), DVF, spacing_mm=SPACING_MM
    )
    assert np.argwhere(np.isnan(errors)).tolist() == [[1, 7]]
    held = cinecast_models.lost_held(masked_at(SERIES, (30, 1), below))
    np.testing.assert_array_equal(held[30], SERIES[29])
    np.testing.assert_array_equal(np.delete(held, 30, axis=0), np.delete(SERIES, 30, axis=0))
    with pytest.raises(CinecastError, match="that are masked"):
        cinecast.choose_reference(masked_at(np.tile(DVF[..., 0], (1, 2, 2)), (4, 3, 3), below))


@pytest.mark.parametrize("kind", ["bool", "u1", ">i2", "f8"])
def test_a_mask_of_numbers_picks_pixels_and_not_rows(kind: str) -> None:
    """Masks are read from files as whole numbers: those picked rows 0 and 1, and the mean looked right."""
    model = cinecast.fit_motion_model(DVF, 3)
    mask = RNG.random((H, W)) > 0.6
    forecasts = RNG.normal(size=(1, T, 3))
    found = cinecast.forecast_errors_mm(model, forecasts, DVF, spacing_mm=SPACING_MM, pixels=mask.astype(kind))
    for t in range(T):
        away = (model.mean + np.tensordot(forecasts[0, t], model.modes, 1) - DVF[t]) * SPACING_MM[::-1]
        assert found[0, t] == pytest.approx(np.sqrt((away**2).sum(axis=-1))[mask].mean(), rel=1e-9)


@pytest.mark.parametrize("mask", [np.full((H, W), 2), np.ones((W, H)), np.full((H, W), 0.5), np.array([0, 1])])
def test_other_masks_are_refused(mask: Array) -> None:
    model = cinecast.fit_motion_model(DVF, 3)
    with pytest.raises(ValueError, match=r"a mask must have shape \(7, 5\) and hold booleans, or 0 and 1"):
        cinecast.forecast_errors_mm(model, np.zeros((1, T, 3)), DVF, spacing_mm=SPACING_MM, pixels=mask)


def test_motion_of_another_size_is_refused() -> None:
    """One column of a field was spread over all of them."""
    model = cinecast.fit_motion_model(DVF, 3)
    with pytest.raises(ValueError, match=r"a DVF must have shape \(7, 5, 2\) as the mean has it, got \(7, 1, 2\)"):
        model.project(DVF[:, :, :1])
    with pytest.raises(ValueError, match=r"each DVF must have shape \(7, 5, 2\) as the model has it, got \(7, 1, 2\)"):
        cinecast.forecast_errors_mm(model, np.zeros((1, T, 3)), DVF[:, :, :1], spacing_mm=SPACING_MM)


def test_numbers_that_are_not_real_are_refused() -> None:
    """Of complex fields the real part alone was pushed."""
    for refused in (
        lambda: cinecast.push_forward(DVF[0, ..., 0], DVF[1] * 1j),
        lambda: cinecast.pixel_distance_mm(DVF[0] * 1j, DVF[1], spacing_mm=SPACING_MM),
        lambda: cinecast.fit_motion_model(DVF * 1j, 2),
    ):
        with pytest.raises(ForecastingError, match="must be real numbers"):
            refused()
    with pytest.raises(CinecastError, match="got complex128"):
        cinecast.choose_reference(DVF[..., 0] * 1j)


def test_a_reference_is_not_chosen_among_frames_that_are_not_finite() -> None:
    """NaN in one frame made the first one the reference."""
    frames = np.tile(DVF[..., 0], (1, 2, 2))
    frames[5, 3, 3] = np.nan
    with pytest.raises(CinecastError, match="pixels must be finite numbers"):
        cinecast.choose_reference(frames)
    assert cinecast.choose_reference(frames, faulty=[5]) != 5


def test_a_band_with_one_limit_is_none() -> None:
    limits = np.array([[[1.0], [np.nan], [1.0]]]), np.array([[[3.0], [3.0], [np.nan]]])
    found = cinecast_models.inside(np.array([[2.0], [2.0], [2.0]]), cinecast_models.Bands(*limits))
    np.testing.assert_array_equal(found[0, :, 0], [1.0, np.nan, np.nan])


def test_a_tracker_takes_errors_of_one_shape() -> None:
    """More errors than before were written into memory that was not the tracker's own."""
    tracker = cinecast_models.ConformalTracker(level=0.9, horizon=1)
    tracker.observe(np.ones(3, np.float32), tracker.radius())
    for other in (np.ones(5), np.ones(2), np.ones((3, 1))):
        with pytest.raises(ForecastingError, match=r"errors must have one shape each time, got \(.*\) after \(3,\)"):
            tracker.observe(other, tracker.radius())
    tracker.observe(np.ones(3), tracker.radius())
    assert tracker.radius().shape == (3,)


def test_errors_with_a_sign_are_refused() -> None:
    """Differences in the place of distances made radii that were too small."""
    signed = np.array([[1.0], [-2.0], [np.nan]])
    for refused in (
        lambda: cinecast_models.series_radii(signed, horizon=1, level=0.9),
        lambda: list(cinecast_models.track_errors(signed, horizon=1, level=0.9)),
    ):
        with pytest.raises(ForecastingError, match="errors must be distances, 0 or more, got -2"):
            refused()
    with pytest.raises(ForecastingError, match=r"errors must have shape \(T, N\), got \(2,\)"):
        cinecast_models.series_radii(np.ones(2), horizon=1, level=0.9)


def test_a_drift_of_another_size_is_refused() -> None:
    """What lay behind it in memory was added to the motion: -2e26 pixels once."""
    model = cinecast.fit_motion_model(DVF, 3)
    with pytest.raises(ValueError, match=r"a drift must have shape \(7, 5, 2\) as the mean has it, got \(5, 7, 2\)"):
        model.reconstruct(np.ones(3), np.zeros((5, 7, 2), np.float32))


IMAGES = RNG.random((2, 14, 16))


@pytest.mark.parametrize("shape", [(5, 16), (14, 5), (28, 16), (16, 14)])
def test_images_of_two_sizes_are_not_compared(shape: tuple[int, int]) -> None:
    """What lay behind the smaller one in memory was compared: behind the upper rows of an image lie the others."""
    other = np.resize(IMAGES[0], shape)
    for compared in (
        lambda: cross_correlation(other, IMAGES[1]),
        lambda: image_nrmse(other, IMAGES[1]),
        lambda: structural_similarity(other, IMAGES[1], data_range=1.0),
    ):
        with pytest.raises(ValueError, match="images must be of one size to be compared"):
            compared()


def test_images_and_scores_that_are_masked_are_not_known() -> None:
    masked = masked_at(IMAGES[0], (3, 3), 0.0)
    assert np.isnan(cross_correlation(masked, IMAGES[1]))
    assert np.isnan(image_nrmse(IMAGES[1], masked))
    assert cross_correlation(*IMAGES) == pytest.approx(np.corrcoef(*IMAGES.reshape(2, -1))[0, 1])
    assert np.isnan(geometric_error(masked).mean)
    assert geometric_error(np.array([[1, 2], [9, 3]], ">i2")).mean == 3.75
    scores = masked_at(np.array([1.0, 2.0, 0.0, 4.0]), 2, 1e6)
    np.testing.assert_array_equal(mean_by_phase(scores, np.array([0.1, 0.2, 0.3, 0.9]), 2), [1.5, 4.0])


@pytest.mark.parametrize("kind", ["bool", "u1", "i2", "f4"])
def test_masks_are_scored_alike_whatever_holds_them(kind: str) -> None:
    """The border of a mask of whole numbers was the whole mask: HD95 was 22.6 mm where it is 8.25 mm."""
    forecast, reference = np.zeros((2, 20, 22), dtype=kind)
    forecast[4:10, 3:11] = reference[4:10, 5:13] = reference[4:6, 13:17] = 1
    score = score_mask(forecast, reference, spacing_mm=(2.0, 1.5))
    assert score is not None
    assert score.dice == 2 * 36 / (48 + 56)
    assert score.hd95_mm == 8.25
    for other, said in ((2 * forecast.astype("u1"), "0 to 2"), (forecast[:1], r"shape \(1, 22\)")):
        with pytest.raises(ValueError, match=said):
            score_mask(other, reference, spacing_mm=(2.0, 1.5))
