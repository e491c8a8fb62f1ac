"""How hard forecasts are: by the formula, causal, and worth its while where errors follow the breath."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast_models import ForecastingError, conformal_bands, forecast_conditions, inside, lost_held
from cinecast_models.conformal.difficulty import LARGEST, MEMORY, PRIOR, WIDTH, ages_of
from cinecast_models.forecaster import Array

FIRST = 40
BREATH = 25


def breathing(seed: int, frames: int = 400, runs: int = 2) -> tuple[Array, Array]:
    """Return a breath with noise (T, 2), and forecasts (R, T, 2) that are worst where it is fastest."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(frames) / BREATH
    samples = np.stack([10 * np.sin(phase), 3 * np.cos(phase)], axis=1) + 0.1 * rng.standard_normal((frames, 2))
    size = 0.2 + 2 * np.cos(phase)[:, np.newaxis] ** 2
    forecasts = samples + size * rng.standard_normal((runs, frames, 2))
    forecasts[:, :FIRST] = np.nan
    return samples, forecasts


def difficulties(samples: Array, forecasts: Array, *, horizon: int) -> Array:
    return forecast_conditions(samples, forecasts, horizon=horizon).difficulty


def plain_difficulty(samples: Array, forecasts: Array, horizon: int, stride: int) -> Array:
    """Return the difficulties of one run by the formula, one number after the other."""
    known = samples[: FIRST - horizon + 1]
    leading = int(np.argmax(known.std(axis=0)))
    x, first = samples[:, leading], known[:, leading]
    places, errors = {}, {}
    found = np.ones(len(samples))
    for target in range(FIRST, len(samples)):
        now = target - horizon
        places[target] = np.array(
            [
                (forecasts[target, leading] - first.mean()) / first.std(),
                (forecasts[target, leading] - x[now]) / first.std(),
                (x[now] - x[max(now - stride, 0)]) / (first[stride:] - first[:-stride]).std(),
            ]
        )
        errors[target] = float(np.linalg.norm(forecasts[target] - samples[target]))
        past = list(range(FIRST, now + 1))[::stride][-MEMORY:]
        if len(past) < 5:
            continue
        mean = sum(errors[t] for t in past) / len(past)
        weights = [float(np.exp(-sum((places[t] - places[target]) ** 2) / (2 * WIDTH**2))) for t in past]
        near = sum(weight * errors[t] for weight, t in zip(weights, past, strict=True))
        found[target] = min(max((near + PRIOR * mean) / (sum(weights) + PRIOR) / mean, 1 / LARGEST), LARGEST)
    return found


# Further ahead than 8 samples, one forecast of several is remembered, and a step goes over as many samples.
@pytest.mark.parametrize(("horizon", "stride"), [(1, 1), (4, 1), (8, 1), (9, 2), (14, 2), (15, 3), (30, 5)])
def test_it_is_the_formula(horizon: int, stride: int) -> None:
    samples, forecasts = breathing(0, frames=400 * stride)
    found = difficulties(samples, forecasts, horizon=horizon)
    for own, run in zip(found, forecasts, strict=True):
        np.testing.assert_allclose(own, plain_difficulty(samples, run, horizon, stride), rtol=1e-12)


@given(st.integers(0, 1000), st.one_of(st.integers(1, 6), st.just(36)), st.integers(FIRST, 150))
def test_what_comes_later_changes_nothing(seed: int, horizon: int, at: int) -> None:
    samples, forecasts = breathing(seed, frames=240)
    before = difficulties(samples, forecasts, horizon=horizon)
    samples[at:] += 7
    forecasts[:, at + horizon :] -= 3
    after = difficulties(samples, forecasts, horizon=horizon)
    np.testing.assert_array_equal(before[:, : at + horizon], after[:, : at + horizon])
    assert not np.array_equal(before, after)


@given(st.floats(1e-6, 1e6))
def test_the_unit_does_not_count(unit: float) -> None:
    samples, forecasts = breathing(3, frames=120)
    plain = difficulties(samples, forecasts, horizon=2)
    np.testing.assert_allclose(difficulties(unit * samples, unit * forecasts, horizon=2), plain, rtol=1e-9)


def test_a_run_is_judged_by_itself_and_one_that_diverged_by_nothing() -> None:
    samples, forecasts = breathing(4, runs=3)
    forecasts[1, 200:] = np.nan
    found = difficulties(samples, forecasts, horizon=3)
    for r in (0, 2):
        alone = difficulties(samples, forecasts[[r]], horizon=3)[0]
        np.testing.assert_allclose(found[r], alone, rtol=1e-12)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("samples", [np.zeros((80, 2)), np.full((80, 1), 5.0)])
def test_a_series_that_does_not_move_has_forecasts_that_are_alike(samples: Array) -> None:
    forecasts = np.full((1, *samples.shape), 5.0)
    np.testing.assert_array_equal(difficulties(samples, forecasts, horizon=2), np.ones((1, 80)))


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_forecasts_from_the_start_need_no_history(first: int) -> None:
    samples, forecasts = breathing(5)
    forecasts[:] = samples + 1.0
    forecasts[:, :first] = np.nan
    assert (difficulties(samples, forecasts, horizon=2) > 0).all()


def test_perfect_forecasts_are_alike() -> None:
    samples, _ = breathing(6)
    np.testing.assert_array_equal(difficulties(samples, samples[np.newaxis], horizon=2), np.ones((1, 400)))


def test_a_series_without_forecasts_has_none_that_is_hard() -> None:
    samples, forecasts = breathing(7)
    np.testing.assert_array_equal(difficulties(samples, np.full_like(forecasts, np.nan), horizon=2), 1.0)


def test_for_a_lost_sample_the_one_before_stands() -> None:
    samples = np.array([[np.nan, 1.0], [1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]])
    np.testing.assert_array_equal(lost_held(samples), [[0.0, 1.0], [1.0, 2.0], [1.0, 2.0], [3.0, 4.0]])
    assert ages_of(samples).tolist() == [0, 0, 1, 0]
    assert ages_of(np.full((3, 1), np.nan)).tolist() == [0, 1, 2]
    series, forecasts = breathing(8)
    forecasts[:, 200:206] = np.nan  # of the lost samples, and those that were issued at them
    held = series.copy()
    held[200:204], series[200:204] = series[199], np.nan
    np.testing.assert_array_equal(difficulties(series, forecasts, horizon=2), difficulties(held, forecasts, horizon=2))


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_forecast_that_is_issued_where_samples_are_lost_may_be_off_by_what_moves_in_that_time(horizon: int) -> None:
    """Its place in the breath is not known, and nothing is learned from it, nor from lost samples."""
    series, forecasts = breathing(8, runs=1)
    lost = series.copy()
    lost[200:203] = np.nan
    found, held = forecast_conditions(lost, forecasts, horizon=horizon), lost_held(lost)
    known = series[: FIRST - horizon + 1]
    silent = [t for t in range(FIRST, 400) if 200 <= t < 203 or 200 <= t - horizon < 203]
    for age in (1, 2, 3):
        target = 199 + age + horizon
        learned = [t for t in range(FIRST, 200 + age) if t not in silent][-MEMORY:]
        mean = float(np.mean([np.linalg.norm(forecasts[0, t] - series[t]) for t in learned]))
        way = float(np.mean([np.linalg.norm(known[t + age] - known[t]) for t in range(len(known) - age)]))
        usual = forecasts.copy()
        usual[:, [t for t in silent if t != target]] = np.nan
        plain = difficulties(held, usual, horizon=horizon)[0, target]
        assert found.difficulty[0, target] == pytest.approx(plain + way / mean, rel=1e-9)
        assert np.isnan(found.place[0, target]).all()
    after = forecasts.copy()
    after[:, silent] = np.nan
    np.testing.assert_allclose(
        found.difficulty[0, 203 + horizon :], difficulties(held, after, horizon=horizon)[0, 203 + horizon :], rtol=1e-12
    )


def test_bands_hold_where_forecasts_are_issued_at_lost_samples() -> None:
    """Forecasts that start from three samples ago hold as often as others; they held in a third of the cases."""
    rng = np.random.default_rng(3)
    phase = 2 * np.pi * np.arange(3000) / BREATH
    series = np.stack([10 * np.sin(phase), 3 * np.cos(phase)], axis=1) + 0.1 * rng.standard_normal((3000, 2))
    lost = np.zeros(3000, dtype=bool)
    for start in range(100, 2990, 23):
        lost[start : start + 3] = True
    samples = np.where(lost[:, np.newaxis], np.nan, series)
    held = lost_held(samples)
    forecasts = np.full((1, 3000, 2), np.nan)
    forecasts[0, 41:] = held[40:-1] + (series[41:] - series[40:-1]) + 0.3 * rng.standard_normal((2959, 2))
    forecasts[0, lost] = np.nan
    conditions = forecast_conditions(samples, forecasts, horizon=1)
    held_in = inside(held, conformal_bands(held, forecasts, horizon=1, conditions=conditions))[0].mean(axis=1)
    stale = [t for t in range(500, 3000) if lost[t - 1] and not lost[t]]
    fresh = [t for t in range(500, 3000) if not lost[t - 1] and not lost[t]]
    assert 0.8 <= held_in[stale].mean() <= 1.0
    assert 0.86 <= held_in[fresh].mean() <= 0.94


def parts_of(samples: Array, forecasts: Array, *, known: bool, start: int = 500) -> tuple[Array, float]:
    """Return shares inside in the quarters of the breath, and the mean width."""
    conditions = forecast_conditions(samples, forecasts, horizon=3) if known else None
    bands = conformal_bands(samples, forecasts, horizon=3, conditions=conditions)
    held = inside(samples, bands)[:, start:].mean(axis=(0, 2))
    # Half of the quarters lie about the places where motion turns, the others where it is fastest.
    quarters = ((np.arange(len(samples)) + BREATH // 8) % BREATH * 4 // BREATH)[start:]
    shares = np.array([held[quarters == quarter].mean() for quarter in range(4)])
    return shares, float((bands.high - bands.low)[:, start:].mean())


def test_bands_hold_alike_over_the_breath_where_errors_follow_it_in_a_known_way() -> None:
    """Errors are ten times as large where motion is fastest: without their place bands there hold too seldom."""
    samples, forecasts = breathing(9, frames=3000)
    alike, width_alike = parts_of(samples, forecasts, known=False)
    by_place, width = parts_of(samples, forecasts, known=True)
    assert alike.min() < 0.86
    assert 0.86 <= by_place.min() <= by_place.max() <= 0.94
    assert width < 0.9 * width_alike


@pytest.mark.parametrize("seed", range(4))
def test_bands_hold_alike_where_the_tails_of_errors_follow_the_breath_and_their_means_do_not(seed: int) -> None:
    """Of the same mean, errors are heavy-tailed in half of the breath: how hard a forecast is does not tell that."""
    rng = np.random.default_rng(seed)
    samples, forecasts = breathing(seed, frames=3000)
    rising = np.cos(2 * np.pi * np.arange(3000) / BREATH) > 0
    even = rng.choice([-1.0, 1.0], (2, 3000, 2)) * rng.uniform(0.9, 1.1, (2, 3000, 2))
    tailed = rng.laplace(0, 1, (2, 3000, 2))
    errors = np.where(rising[:, np.newaxis], tailed, even)
    forecasts[:, FIRST:] = (samples + errors)[:, FIRST:]
    alike, _ = parts_of(samples, forecasts, known=False)
    by_place, _ = parts_of(samples, forecasts, known=True)
    assert alike.min() < 0.84
    assert 0.86 <= by_place.min() <= by_place.max() <= 0.94


def test_conditions_of_whole_numbers_are_those_of_the_same_numbers() -> None:
    # A fall from one unsigned sample to the next was taken for a leap of 65 thousand: how fast it moved was lost.
    samples = np.round(500 + 100 * np.sin(0.3 * np.arange(120)))[:, np.newaxis]
    forecasts = np.where(np.arange(120)[:, np.newaxis] > 20, np.roll(samples, 3, axis=0) + 5, np.nan)[np.newaxis]
    expected = forecast_conditions(samples, forecasts, horizon=3)
    for found, wanted in zip(
        forecast_conditions(samples.astype(np.uint16), forecasts, horizon=3), expected, strict=True
    ):
        np.testing.assert_array_equal(found, wanted)


def test_samples_have_a_component() -> None:
    """Of none, the one that varies most was asked for: an error of numpy."""
    with pytest.raises(ForecastingError, match=r"bands need samples of 1 component or more, got shape \(5, 0\)"):
        forecast_conditions(np.zeros((5, 0)), np.zeros((2, 5, 0)), horizon=1)
    nothing = forecast_conditions(np.zeros((0, 2)), np.zeros((3, 0, 2)), horizon=1)
    assert (nothing.difficulty.shape, nothing.place.shape) == ((3, 0), (3, 0, 3))
