"""Radii of pixels and their scores, on motion whose error is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.clock.instants import instants_of
from cinecast.errors import SettingsError
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.score import mean_by_phase
from cinecast.score.band_scores import conditions_of, summarise_bands, weight_bands
from cinecast.score.bands import (
    BAND_METRICS,
    PixelBand,
    RadiiByFrame,
    instant_conditions,
    pixel_bands,
    radii_by_frame,
)
from cinecast.score.scoring import Score, Truth
from cinecast.sequence import Roi, Sequence, Split
from cinecast.settings import ScoreSettings
from cinecast.target import MaskPropagator
from cinecast_models import Conditions, ForecastingError, conformal_bands, forecast_conditions, track_errors
from helpers.scored_images import score_images

Array = NDArray[np.float64]
T, H, W, FIRST, HORIZON = 400, 8, 9, 100, 3
SPACING = (2.0, 0.5)
SPLIT = Split(100, 200, T)


def truth_and_forecasts(seed: int = 0, runs: int = 1) -> tuple[Truth, Array]:
    """One mode that moves more to the right and not at all in the first column; forecasts are off by noise."""
    rng = np.random.default_rng(seed)
    mode = np.zeros((1, H, W, 2))
    mode[..., 1] = np.arange(W)
    model = MotionModel(np.zeros((H, W, 2)), mode, np.ones(1))
    weights = rng.normal(size=(T, 1)).cumsum(axis=0)
    noise = rng.normal(0, 0.2, (T, H, W, 2)) * (np.arange(W) > 0)[:, None]
    dvf = weights[:, :, None, None] * mode[0] + noise
    forecasts = weights + rng.normal(size=(runs, T, 1))
    forecasts[:, :FIRST] = np.nan
    frames = rng.integers(0, 9, (T, H, W))
    sequence = Sequence("lung", frames, 0.5 * np.arange(T), SPACING, SPLIT, roi=Roi((0, H), (4, W)))
    return Truth(sequence, dvf, ForecastMotion(model, HORIZON), weights, 9.0), forecasts


def bands_of(truth: Truth, forecast: Array, level: float = 0.9, horizon: int = HORIZON) -> list[PixelBand]:
    motion = replace(truth.motion, horizon=horizon)
    instants = truth.sequence.instants
    found = instant_conditions(truth.weights, forecast[np.newaxis], horizon=horizon, instants=instants)
    conditions = Conditions(found.difficulty[0], found.place[0])
    return list(pixel_bands(truth.dvf, motion, forecast, spacing_mm=SPACING, level=level, conditions=conditions))


def pixel_band_scores(truth: Truth, forecasts: Array, *, level: float) -> Array:
    """Return what `score_images` says of the bands; the real frames stand for the predicted ones."""
    real = truth.sequence.frames[SPLIT.validation_end :]
    return score_images(truth, forecasts, [real] * len(forecasts), level=level).bands


def value(rows: list[Score], region: str, metric: str) -> Score:
    (row,) = [row for row in rows if (row.region, row.metric) == (region, metric)]
    return row


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_each_pixel_lies_within_its_radius_as_often_as_asked(level: float) -> None:
    truth, forecasts = truth_and_forecasts()
    bands = bands_of(truth, forecasts[0], level)[HORIZON:]
    inside = np.mean([band.distance_mm <= band.radius_mm for band in bands], axis=0)
    np.testing.assert_allclose(inside[:, 1:], level, atol=0.05)
    radius = np.mean([band.radius_mm for band in bands], axis=0)
    assert (np.diff(radius.mean(axis=0)) > 0).all()  # as the errors grow to the right
    assert (radius[:, 0] == 0).all()


def test_distances_are_in_mm_of_each_axis() -> None:
    truth, forecasts = truth_and_forecasts()
    band = bands_of(truth, forecasts[0])[10]
    assert band.frame == FIRST + 10
    off = truth.dvf[band.frame] - truth.motion.model.reconstruct(forecasts[0, band.frame])
    np.testing.assert_allclose(band.distance_mm, np.hypot(0.5 * off[..., 0], 2.0 * off[..., 1]), rtol=1e-6)


def test_there_is_no_radius_before_a_forecast_has_been_checked() -> None:
    truth, forecasts = truth_and_forecasts()
    known = [bool(np.isfinite(band.radius_mm).all()) for band in bands_of(truth, forecasts[0])]
    assert known == [i >= HORIZON for i in range(T - FIRST)]


@settings(max_examples=20)
@given(last=st.integers(FIRST, T - 20), horizon=st.integers(1, 9), seed=st.integers(0, 100))
def test_no_frame_moves_a_radius_issued_before_it_arrived(last: int, horizon: int, seed: int) -> None:
    truth, forecasts = truth_and_forecasts(seed)
    dvf = truth.dvf.copy()
    dvf[last + 1 :] *= -30
    later = forecasts.copy()
    later[:, last + horizon + 1 :] += 5
    before = bands_of(truth, forecasts[0], horizon=horizon)
    after = bands_of(replace(truth, dvf=dvf), later[0], horizon=horizon)
    same = [a.radius_mm.tobytes() == b.radius_mm.tobytes() for a, b in zip(before, after, strict=True)]
    assert all(same[: last + horizon + 1 - FIRST])
    assert not same[last + horizon + 1 - FIRST]


@pytest.mark.parametrize("gaps", [False, True])
@given(seed=st.integers(0, 1000), horizon=st.integers(1, 6), first=st.integers(0, 30))
def test_radii_of_all_frames_at_once_are_those_of_one_after_another_to_the_bit(
    gaps: bool, seed: int, horizon: int, first: int
) -> None:
    """With gaps frames are lost, pauses are long, and some frames come between two instants."""
    rng = np.random.default_rng(seed)
    intervals = rng.choice([1, 1, 1, 1, 1.5, 2, 3, 9] if gaps else [1], 100)
    instants = instants_of(0.25 * np.cumsum(intervals), 0.25, 1.0)
    count = len(instants.frame_at)
    conditions = Conditions(rng.uniform(0.3, 3, count), rng.normal(size=(count, 3)))
    errors = np.abs(rng.normal(size=(100 - first, 2)))
    errors[rng.uniform(size=errors.shape) < 0.1] = np.nan
    plain = RadiiByFrame(horizon=horizon, level=0.9, instants=instants, conditions=conditions)
    wanted = np.array([plain.observe(first + i, own) for i, own in enumerate(errors)])
    options: dict[str, Any] = {"horizon": horizon, "level": 0.9, "conditions": conditions}
    assert radii_by_frame(errors, first, instants=instants, **options).tobytes() == wanted.tobytes()
    if instants.regular:
        assert radii_by_frame(errors, first, **options).tobytes() == wanted.tobytes()
        plain = RadiiByFrame(**options)
        assert np.array([plain.observe(first + i, own) for i, own in enumerate(errors)]).tobytes() == wanted.tobytes()
    assert radii_by_frame(errors[:0], first, instants=instants, **options).shape == (0, 2)
    assert np.isnan(wanted).all(axis=1).sum() < 100 - first


def test_pixels_that_never_move_do_not_count_as_inside() -> None:
    distance = np.array([[0.0, 1.0, 3.0, 1.0]], np.float32)
    band = PixelBand(0, distance, np.array([[0.0, 2.0, 2.0, 0.0]], np.float32))
    assert band.share_inside((slice(0, 1), slice(0, 3))) == 0.5
    assert band.share_inside((slice(0, 1), slice(0, 4))) == pytest.approx(1 / 3)
    assert np.isnan(band.share_inside((slice(0, 1), slice(0, 1))))


def test_share_inside_and_mean_radius_are_those_of_numpy(rng: np.random.Generator) -> None:
    distance, radius = rng.integers(0, 4, (2, 30, 20)).astype(np.float32)
    region = (slice(2, 25), slice(3, 19))
    d, r = distance[region], radius[region]
    share, mean = PixelBand(0, distance, radius).inside_and_radius(region)
    assert share == pytest.approx((d <= r)[(d > 0) | (r > 0)].mean(), rel=1e-14)
    assert mean == pytest.approx(r.mean(dtype=np.float64), rel=1e-14)
    radius[4, 5] = np.nan
    assert np.isnan(PixelBand(0, distance, radius).inside_and_radius(region)).all()


def test_scores_are_of_the_test_span_and_of_each_region() -> None:
    truth, forecasts = truth_and_forecasts(runs=2)
    scores = pixel_band_scores(truth, forecasts, level=0.9)
    assert scores.shape == (2, T - 200, 2, len(BAND_METRICS))
    bands = {band.frame: band for band in bands_of(truth, forecasts[1])}
    roi = (slice(0, H), slice(4, W))
    for t in (200, 399):
        inside = bands[t].distance_mm[roi] <= bands[t].radius_mm[roi]
        np.testing.assert_allclose(scores[1, t - 200, 1], [inside.mean(), bands[t].radius_mm[roi].mean()], rtol=1e-6)
    rows = summarise_bands(truth, scores, weight_bands(truth, forecasts, level=0.9))
    assert [(row.region, row.metric) for row in rows] == [
        ("image", "pixels_inside"),
        ("image", "radius_mm"),
        ("roi", "pixels_inside"),
        ("roi", "radius_mm"),
        ("image", "weights_inside"),
        ("image", "weights_radius"),
    ]
    for region, metric in (("image", "pixels_inside"), ("roi", "pixels_inside"), ("image", "weights_inside")):
        row = value(rows, region, metric)
        assert row.value == pytest.approx(0.9, abs=0.03)
        assert row.runs == 2
    assert value(rows, "roi", "radius_mm").value > 1.2 * value(rows, "image", "radius_mm").value
    # 90 % of normal errors of deviation 1 lie within 1.645.
    assert value(rows, "image", "weights_radius").value == pytest.approx(1.645, rel=0.15)


def test_a_run_that_diverged_is_left_out_and_counted() -> None:
    truth, forecasts = truth_and_forecasts(runs=2)
    alone = summarise_bands(
        truth,
        pixel_band_scores(truth, forecasts[:1], level=0.9),
        weight_bands(truth, forecasts[:1], level=0.9),
    )
    forecasts[1, 300:] = np.nan
    pixels = pixel_band_scores(truth, forecasts, level=0.9)
    assert np.isnan(pixels[1, 100:]).all()
    rows = summarise_bands(truth, pixels, weight_bands(truth, forecasts, level=0.9))
    assert [(row.metric, row.value, row.runs) for row in rows] == [(row.metric, row.value, 1) for row in alone]


def test_the_oracle_forecasts_nothing_and_has_no_bands() -> None:
    truth, _ = truth_and_forecasts()
    truth = replace(truth, motion=replace(truth.motion, horizon=0))
    weights = truth.weights[np.newaxis]
    pixels = pixel_band_scores(truth, weights, level=0.9)
    assert np.isnan(pixels).all()
    assert summarise_bands(truth, pixels, weight_bands(truth, weights, level=0.9)) == []


def test_bands_that_begin_within_the_test_span_are_scored_from_there() -> None:
    truth, forecasts = truth_and_forecasts()
    truth = replace(truth, motion=replace(truth.motion, horizon=9))
    forecasts[:, :250] = np.nan
    pixels = pixel_band_scores(truth, forecasts, level=0.9)
    rows = summarise_bands(truth, pixels, weight_bands(truth, forecasts, level=0.9))
    assert np.isnan(pixels[0, :59]).all()
    assert value(rows, "image", "pixels_inside").value == pytest.approx(np.mean(pixels[0, 59:, 0, 0]))
    assert value(rows, "image", "weights_inside").value > 0.8


def test_a_run_without_forecasts_has_no_bands() -> None:
    truth, forecasts = truth_and_forecasts()
    assert bands_of(truth, np.full_like(forecasts[0], np.nan)) == []


def test_means_by_phase() -> None:
    values = np.array([1.0, 0.0, 1.0, np.nan, 0.5, 0.7])
    phases = np.array([0.0, 0.2, 0.25, 0.3, np.nan, 1.0])
    np.testing.assert_array_equal(mean_by_phase(values, phases, 4), [0.5, 1.0, np.nan, 0.7])


def test_one_part_is_all_of_the_cycle_and_a_part_without_a_frame_has_no_mean() -> None:
    values, phases = np.array([1.0, 0.0, 0.5, 9.0]), np.array([0.1, 0.3, 0.2, np.nan])
    np.testing.assert_array_equal(mean_by_phase(values, phases, 1), [0.5])
    np.testing.assert_array_equal(mean_by_phase(values, phases, 4), [0.75, 0.0, np.nan, np.nan])
    np.testing.assert_array_equal(mean_by_phase(values, np.full(4, np.nan), 2), [np.nan, np.nan])


def test_a_cycle_has_at_least_one_part() -> None:
    with pytest.raises(SettingsError, match="a breathing cycle must be cut into 1 part or more, got 0; ask for 4, say"):
        mean_by_phase(np.zeros(3), np.zeros(3), 0)
    with pytest.raises(SettingsError, match=r"into 1 part or more, got 2\.5"):
        mean_by_phase(np.zeros(3), np.zeros(3), 2.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", [-0.01, 1.2, 90.0])
def test_a_phase_is_a_share_of_a_cycle(phase: float) -> None:
    """One of 1.2 was counted in the last part of the cycle, as were all degrees."""
    with pytest.raises(SettingsError, match=f"a share of the breathing cycle, 0 to 1, got {phase:g}; divide degrees"):
        mean_by_phase(np.zeros(3), np.array([0.5, phase, np.nan]), 4)


@pytest.mark.parametrize("shape", [(2,), (3, 1)])
def test_each_score_has_its_phase(shape: tuple[int, ...]) -> None:
    with pytest.raises(SettingsError, match=r"one score and one phase, got shapes \(3,\) and"):
        mean_by_phase(np.zeros(3), np.zeros(shape), 4)


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0])
def test_the_level_is_a_probability(level: float) -> None:
    rule = "score.level must be a number above 0 to below 1"
    with pytest.raises(SettingsError, match=f"{rule}, got {level}; 0.9 asks for 90 %"):
        ScoreSettings(level=level)


def test_radii_need_a_horizon() -> None:
    truth, forecasts = truth_and_forecasts()
    with pytest.raises(ForecastingError, match="a horizon must be 1 frame or more, got 0"):
        bands_of(truth, forecasts[0], horizon=0)


def test_bands_learn_nothing_from_frames_that_are_left_out_and_are_not_scored_on_them() -> None:
    truth, forecasts = truth_and_forecasts()
    left_out = frozenset({150, 220, T - 1})
    wild = replace(truth, dvf=truth.dvf.copy(), weights=truth.weights.copy(), left_out=left_out)
    for t in left_out:
        wild.dvf[t] += 1e3
        wild.weights[t] += 1e3
    without = replace(truth, left_out=left_out)
    pixels = pixel_band_scores(wild, forecasts, level=0.9)
    np.testing.assert_array_equal(pixels, pixel_band_scores(without, forecasts, level=0.9))
    weights = weight_bands(wild, forecasts, level=0.9)
    for got, expected in zip(weights, weight_bands(without, forecasts, level=0.9), strict=True):
        np.testing.assert_array_equal(got, expected)
        assert np.isnan(got[0, sorted(left_out)]).all()
        assert np.isfinite(got[0, 151:220]).all()
    weights_of_all = weight_bands(truth, forecasts, level=0.9)
    rows = summarise_bands(wild, pixels, weights)
    assert [row.value for row in rows] == [row.value for row in summarise_bands(without, pixels, weights)]
    assert len(rows) == len(summarise_bands(truth, pixel_band_scores(truth, forecasts, level=0.9), weights_of_all))
    scored = [i for i, t in enumerate(SPLIT.test_frames) if t not in left_out]
    assert value(rows, "image", "radius_mm").value == pytest.approx(pixels[0, scored, 0, 1].mean())


def test_conditions_of_instants_are_those_of_what_was_measured_where_it_was(rng: np.random.Generator) -> None:
    weights, forecasts = rng.normal(size=(60, 2)), rng.normal(size=(3, 60, 2))
    forecasts[:, :5] = np.nan
    at = np.arange(60) + 2 * (np.arange(60) >= 30)  # two frames are lost before frame 30
    instants = instants_of(0.25 * at, 0.25, 1.0)
    samples, issued = np.full((62, 2), np.nan), np.full((3, 62, 2), np.nan)
    for t, instant in enumerate(at):
        issued[:, instant] = forecasts[:, t]  # when a forecast is issued, nobody knows that its frame will be faulty
        if t not in (20, 41):
            samples[instant] = weights[t]
    found = instant_conditions(weights, forecasts, horizon=2, instants=instants, left_out={41, 20})
    expected = forecast_conditions(samples, issued, horizon=2)
    np.testing.assert_array_equal(found.difficulty, expected.difficulty)
    np.testing.assert_array_equal(found.place, expected.place)


def test_bands_of_weights_know_which_frames_are_missing_and_are_of_the_level_asked_for(
    rng: np.random.Generator,
) -> None:
    """Placed on the clock by hand: two frames are lost, then one, and of frame 41 the motion was not measured."""
    at = np.delete(np.arange(120), [25, 26, 60])
    weights, forecasts = rng.normal(size=(117, 2)).cumsum(axis=0), rng.normal(size=(3, 117, 2))
    forecasts += weights
    forecasts[:, :20] = np.nan
    frames, split = rng.integers(0, 9, (117, H, W)), Split(20, 70, 117)
    sequence = Sequence("lung", frames, 0.5 * at, SPACING, split)
    truth, _ = truth_and_forecasts()
    truth = replace(truth, sequence=sequence, weights=weights, left_out=frozenset({41}), train_end=20)
    found = weight_bands(truth, forecasts, level=0.6)
    samples = np.stack([np.interp(np.arange(120), at, column) for column in weights.T], axis=1)
    issued = np.full((3, 120, 2), np.nan)
    issued[:, at] = forecasts
    measured = np.full((120, 2), np.nan)
    measured[np.delete(at, 41)] = np.delete(weights, 41, axis=0)
    conditions = forecast_conditions(measured, issued, horizon=HORIZON, start=20)
    issued[:, at[41]] = np.nan
    expected = conformal_bands(samples, issued, horizon=HORIZON, level=0.6, conditions=conditions)
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted[:, at], rtol=1e-12)
    other = weight_bands(truth, forecasts, level=0.6, conditions=Conditions(np.ones((3, 120)), conditions.place))
    assert not np.allclose(other.high, found.high, equal_nan=True)


def test_radii_of_pixels_know_which_frames_are_missing_and_learn_nothing_from_those_left_out() -> None:
    """Placed on the clock by hand: two instants are lost, then one, and frame 230 is left out."""
    truth, (forecast,) = truth_and_forecasts()
    at, left_out = np.delete(np.arange(T + 3), [150, 151, 260]), 230
    instants = instants_of(0.5 * at, 0.5, 2.0)
    own: dict[str, Any] = {"spacing_mm": SPACING, "level": 0.8, "instants": instants}
    bands = list(pixel_bands(truth.dvf, truth.motion, forecast, left_out=[left_out], **own))
    assert [band.frame for band in bands] == list(range(FIRST, T))
    modelled = np.array([truth.motion.model.reconstruct(each) for each in forecast[FIRST:]])
    errors = np.linalg.norm((truth.dvf[FIRST:] - modelled) * SPACING[::-1], axis=-1).astype(np.float32)
    errors[left_out - FIRST] = np.nan
    np.testing.assert_allclose([band.distance_mm for band in bands], errors, rtol=1e-6)
    placed = np.full((T + 3, H, W), np.nan, dtype=np.float32)
    placed[at[FIRST:]] = errors
    known = [each.radius for each in track_errors(placed[at[FIRST] :], horizon=HORIZON, level=0.8)]
    expected = np.array(known)[at[FIRST:] - at[FIRST]]
    np.testing.assert_allclose([band.radius_mm for band in bands], expected, rtol=1e-5)
    assert np.isfinite(expected[HORIZON:]).all()


def test_conditions_of_forecasts_know_where_the_train_span_ends() -> None:
    truth, forecasts = truth_and_forecasts()
    truth = replace(truth, train_end=60)
    expected = forecast_conditions(truth.weights, forecasts, horizon=HORIZON, start=60)
    np.testing.assert_array_equal(conditions_of(truth, forecasts).difficulty, expected.difficulty)
    later = conditions_of(replace(truth, train_end=None), forecasts)
    assert not np.array_equal(later.difficulty, expected.difficulty)


def test_a_run_that_diverges_at_the_last_frame_alone_is_left_out() -> None:
    truth, forecasts = truth_and_forecasts(runs=2)
    bands = weight_bands(truth, forecasts, level=0.9)
    pixels = np.ones((2, T - SPLIT.validation_end, 2, 2))
    pixels[1, -1], bands.high[1, -1] = np.nan, np.nan
    assert {row.metric: row.runs for row in summarise_bands(truth, pixels, bands)} == {
        "pixels_inside": 1,
        "radius_mm": 1,
        "weights_inside": 1,
        "weights_radius": 1,
    }


def test_the_radius_of_a_target_is_that_of_its_mask_and_knows_nothing_of_later_frames() -> None:
    truth, forecasts = truth_and_forecasts(runs=2)
    masks = np.zeros((2, H, W), dtype=bool)
    masks[0, 2:6, 1:4] = masks[1, 0:2, 5:8] = True  # the second one leaves the image now and then
    targets, model = tuple(map(MaskPropagator, masks)), truth.motion.model
    model = replace(model, modes=0.05 * model.modes)
    watched = replace(truth, dvf=0.05 * truth.dvf, motion=replace(truth.motion, model=model), targets=targets)
    real = [truth.sequence.frames[SPLIT.validation_end :]] * 2
    radii = score_images(watched, forecasts, real, level=0.9).target_radii
    assert radii.shape == (2, T - SPLIT.validation_end, 2)

    def centroids(fields: Array) -> Array:
        found = [[np.argwhere(each.propagate(field[each.box]).mask) for each in targets] for field in fields]
        return np.array([[np.mean(at, axis=0) if len(at) else (np.nan, np.nan) for at in own] for own in found])

    first = SPLIT.validation_end - FIRST
    measured = centroids(watched.dvf[FIRST:])
    for run in range(2):
        predicted = np.array([model.reconstruct(each) for each in forecasts[run, FIRST:]])
        errors = np.linalg.norm((centroids(predicted) - measured) * SPACING, axis=-1)
        assert 0.02 < np.isnan(errors[:, 1]).mean() < 0.9 > np.isnan(errors[:, 0]).mean()
        found = conditions_of(truth, forecasts)
        own = Conditions(found.difficulty[run, FIRST:], found.place[run, FIRST:])
        for k in range(2):  # each on its own
            tracked = track_errors(errors[:, k : k + 1], horizon=HORIZON, level=0.9, conditions=own)
            wanted = np.maximum([float(each.radius[0]) for each in tracked][first:], 0.28 * max(SPACING))
            np.testing.assert_allclose(radii[run, :, k], wanted, rtol=1e-9)
        inside = np.where(np.isnan(errors[first:, 0]), np.nan, errors[first:, 0] <= radii[run, :, 0])
        assert np.nanmean(inside) == pytest.approx(0.9, abs=0.04)
    known = SPLIT.validation_end + 50
    dvf = watched.dvf.copy()
    dvf[known - HORIZON + 1 :] += 2.0
    other = score_images(replace(watched, dvf=dvf), forecasts, real, level=0.9).target_radii
    np.testing.assert_array_equal(other[:, :51], radii[:, :51])
    assert (other[:, 51:] != radii[:, 51:]).any()
    held = replace(watched, left_out=frozenset({known}))
    assert np.isfinite(score_images(held, forecasts, real, level=0.9).target_radii).all()


def test_radii_are_of_nothing_where_no_target_is_watched() -> None:
    truth, forecasts = truth_and_forecasts()
    real = [truth.sequence.frames[SPLIT.validation_end :]]
    assert score_images(truth, forecasts, real, level=0.9).target_radii.shape == (1, T - SPLIT.validation_end, 0)


def test_a_radius_does_not_depend_on_whether_its_frame_turns_out_to_be_faulty() -> None:
    truth, forecasts = truth_and_forecasts()
    weights, instants = truth.weights, truth.sequence.instants
    plain = instant_conditions(weights, forecasts, horizon=HORIZON, instants=instants)
    found = instant_conditions(weights, forecasts, horizon=HORIZON, instants=instants, left_out=[250])
    np.testing.assert_array_equal(found.difficulty[:, :251], plain.difficulty[:, :251])
    np.testing.assert_array_equal(found.place[:, :251], plain.place[:, :251])
    assert (found.difficulty[:, 250 + HORIZON] > plain.difficulty[:, 250 + HORIZON]).all()


def test_no_more_is_known_before_the_first_forecast_than_had_come(rng: np.random.Generator) -> None:
    """Those of the published protocol are issued from `horizon` frames before the end of the train span on."""
    weights, forecasts = rng.normal(size=(60, 2)), rng.normal(size=(1, 60, 2))
    forecasts[:, :20] = np.nan
    own = {"horizon": 3, "instants": instants_of(0.25 * np.arange(60), 0.25, 1.0)}
    expected, found = (instant_conditions(weights, forecasts, train_end=end, **own) for end in (None, 20))
    np.testing.assert_array_equal(found.place, expected.place)
    np.testing.assert_array_equal(found.difficulty, expected.difficulty)
