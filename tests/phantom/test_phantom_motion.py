"""Laws of the phantom's breathing and of its true deformation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecast.phantom import PhantomSettings, motion_field
from cinecast.phantom.atlas import pixel_grid
from cinecast.phantom.breathing import SIGNALS, CycleTrain, draw_cycles, driving_signals
from cinecast.phantom.contours import back_ribs, front_ribs
from cinecast.phantom.motion_field import MODES, MotionField
from cinecast.phantom.profile import Profile
from cinecast.phantom.settings import ANTERIOR_POSTERIOR_LIMIT, CARDIAC_LIMIT, SUPERIOR_INFERIOR_LIMIT

DEFAULT = PhantomSettings()
STEADY = PhantomSettings(period_variation=0, amplitude_variation=0, drift_mm_per_min=0, cardiac_mm=0)


def signals_of(phantom_settings: PhantomSettings) -> np.ndarray:
    return driving_signals(phantom_settings, np.random.default_rng([phantom_settings.seed, 0]))


@pytest.fixture(scope="module")
def signals():
    return signals_of(DEFAULT)


@pytest.fixture(scope="module")
def dvf(signals):
    return MotionField(DEFAULT).sample(signals)


def at_atlas(dvf: np.ndarray, x_mm: float, y_mm: float) -> np.ndarray:
    """Motion (T, 2) in mm of the default phantom's pixel nearest to a point of the atlas."""
    return 1.8 * dvf[:, round(y_mm / 1.8 - 0.5), round(x_mm / 1.8 - 0.5)]


def test_one_signal_drives_each_mode(signals):
    assert signals.shape == (240, len(SIGNALS))
    assert len(MODES) == len(SIGNALS)
    np.testing.assert_array_equal(signals[0], 0)


def test_breathing_is_continuous_in_value_and_slope_across_cycles(rng):
    breaths = draw_cycles(rng, end_s=40, period_s=4, period_variation=0.1, depth_variation=0.3)
    inner = breaths.boundaries_s[1:-1]
    step = 1e-4
    before, at, after = breaths(inner - step), breaths(inner), breaths(inner + step)
    np.testing.assert_allclose(at, 0, atol=1e-12)
    np.testing.assert_allclose((after - before) / (2 * step), 0, atol=1e-6)
    assert np.ptp(breaths.depths) > 0.2
    assert np.ptp(np.diff(breaths.boundaries_s)) > 0.2


def test_each_cycle_reaches_its_own_depth_and_peaks_early():
    train = CycleTrain(np.array([0.0, 4.0, 9.0]), np.array([1.0, 1.5]))
    times = np.linspace(0, 9, 9001)[:-1]
    excursion = train(times)
    first, second = excursion[times < 4], excursion[times >= 4]
    assert first.max() == pytest.approx(1.0, abs=1e-5)
    assert second.max() == pytest.approx(1.5, abs=1e-5)
    assert 0.3 < times[first.argmax()] / 4 < 0.45
    assert (first < 0.1).mean() > 2 * (first > 0.9).mean()


def test_drift_moves_the_baseline_by_the_rate_asked():
    drifting = signals_of(PhantomSettings(drift_mm_per_min=6))
    still = signals_of(PhantomSettings(drift_mm_per_min=0))
    np.testing.assert_allclose((drifting - still)[:, 0], 0.1 * 0.2 * np.arange(240), atol=1e-12)


def test_the_dome_moves_by_the_amplitude_asked():
    steady = MotionField(STEADY).sample(signals_of(STEADY))
    assert np.ptp(at_atlas(steady, 128, 200)[:, 1]) == pytest.approx(15, rel=0.02)


@pytest.mark.parametrize("amplitude_mm", [5.0, 15.0, 20.0])
def test_the_liver_moves_by_the_amplitude_asked_on_average(amplitude_mm):
    asked = PhantomSettings(amplitude_mm=amplitude_mm, seed=3)
    liver = at_atlas(MotionField(asked).sample(signals_of(asked)), 128, 240)[:, 1]
    per_cycle = [np.ptp(liver[start : start + 20]) for start in range(0, 240, 20)]
    assert np.mean(per_cycle) == pytest.approx(amplitude_mm, rel=0.25)


def test_hysteresis_opens_a_loop_and_without_it_tissue_returns_the_way_it_came():
    def loop_area(phantom_settings):
        si, ap = (signals_of(phantom_settings)[:21, :2] / (15, 4)).T
        return abs(np.sum(si[:-1] * np.diff(ap) - ap[:-1] * np.diff(si))) / 2

    assert loop_area(STEADY) > 0.2
    assert (
        loop_area(PhantomSettings(period_variation=0, amplitude_variation=0, hysteresis=0, drift_mm_per_min=0)) < 1e-9
    )


def test_dvf_starts_at_exactly_zero(dvf):
    assert dvf.dtype == np.float32
    assert dvf.shape == (240, 192, 160, 2)
    assert not dvf[0].any()


def test_ribs_move_far_less_than_the_liver_and_the_spine_not_at_all(dvf):
    def travel(x_mm, y_mm):
        return np.linalg.norm(at_atlas(dvf, x_mm, y_mm), axis=1).max()

    liver = travel(128, 230)
    assert max(travel(rib.x, rib.y) for rib in front_ribs()) < 0.4 * liver
    assert max(travel(rib.x, rib.y) for rib in back_ribs()) < 0.1 * liver
    assert travel(240, 200) == 0


def test_pca_of_the_true_dvf_needs_more_than_one_mode(dvf):
    flat = dvf[:, ::2, ::2].reshape(len(dvf), -1).astype(np.float64)
    centred = flat - flat.mean(axis=0)
    power = np.linalg.eigvalsh(centred @ centred.T)[::-1]
    explained = np.cumsum(power) / power.sum()
    assert explained[0] < 0.999
    assert explained[2] > 0.95


def test_dvf_is_smooth(dvf):
    """No pixel's motion differs from the mean of its neighbours by more than a twentieth of a pixel."""
    inner = dvf[:, 1:-1, 1:-1]
    around = (dvf[:, :-2, 1:-1] + dvf[:, 2:, 1:-1] + dvf[:, 1:-1, :-2] + dvf[:, 1:-1, 2:]) / 4
    assert np.abs(inner - around).max() < 0.05


def test_gradient_agrees_with_finite_differences(signals):
    field, points, step = MotionField(DEFAULT), pixel_grid(DEFAULT)[20:180:3, 10:150:3], 1e-4
    columns = []
    for direction in ((step, 0.0), (0.0, step)):
        ahead = field.displacement(points + direction, signals[9])
        behind = field.displacement(points - np.array(direction), signals[9])
        columns.append((ahead - behind) / (2 * step))
    jacobian = np.stack(columns, axis=-1) + np.eye(2)
    np.testing.assert_allclose(field.jacobian_determinant(points, signals[9]), np.linalg.det(jacobian), atol=1e-6)


def test_the_map_stays_invertible_up_to_the_greatest_excursions_allowed():
    field, points = MotionField(DEFAULT), pixel_grid(DEFAULT)
    height, width = DEFAULT.field_mm
    si, ap, heart = SUPERIOR_INFERIOR_LIMIT * height, ANTERIOR_POSTERIOR_LIMIT * width, CARDIAC_LIMIT * width
    for dome, posterior, wall, beat in itertools.product((-1, 0, 1), (-1, 0, 1), (-1, 1), (-1, 1)):
        # Dome and posterior diaphragm each stay within the limit; the lag signal is what tells them apart.
        extreme = np.array([dome * si, wall * ap, (posterior - dome) * si, beat * heart])
        assert field.jacobian_determinant(points, extreme).min() > 0.3
        tissue = np.moveaxis(field.inverse(extreme), 0, -1).astype(np.float64)
        assert np.abs(tissue + field.displacement(tissue, extreme) - points).max() < 1e-3


def test_an_inverse_that_does_not_converge_is_never_returned(monkeypatch, signals):
    monkeypatch.setattr(motion_field, "MAX_NEWTON_STEPS", 1)
    with pytest.raises(ArithmeticError, match="could not be inverted in 1 Newton steps"):
        MotionField(DEFAULT).inverse(signals[9])


def test_profile_is_one_on_its_plateau_and_zero_outside():
    value, slope = Profile(rise=(0, 10), fall=(20, 40))(np.array([-5.0, 0, 5, 10, 15, 20, 30, 40, 50]))
    np.testing.assert_allclose(value, [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0], atol=1e-15)
    np.testing.assert_allclose(slope, [0, 0, 0.1875, 0, 0, 0, -0.09375, 0, 0], atol=1e-15)


@settings(max_examples=25)
@given(
    phantom_settings=st.builds(
        PhantomSettings,
        rows=st.just(48),
        columns=st.just(40),
        pixel_spacing_mm=st.tuples(st.floats(7, 9), st.floats(7, 9)),
        frame_count=st.just(12),
        frame_period_s=st.floats(0.1, 1.0),
        breathing_period_s=st.floats(2, 8),
        period_variation=st.floats(0, 0.2),
        amplitude_mm=st.floats(0, 17),
        amplitude_variation=st.floats(0, 0.4),
        drift_mm_per_min=st.floats(-10, 10),
        anterior_posterior_mm=st.floats(0, 7),
        hysteresis=st.floats(0, 0.25),
        cardiac_mm=st.floats(0, 3),
        seed=st.integers(0, 2**32),
    )
)
def test_every_phantom_allowed_moves_within_its_peaks_and_invertibly(phantom_settings):
    field, points = MotionField(phantom_settings), pixel_grid(phantom_settings)
    signals = signals_of(phantom_settings)
    dvf = field.sample(signals)
    assert np.isfinite(dvf).all()
    si, ap, heart = phantom_settings.peak_excursions_mm
    dome, wall, _, beat = np.abs(signals).max(axis=0)
    posterior = np.abs(signals[:, 0] + signals[:, 2]).max()
    assert max(dome, posterior) <= si + 1e-9
    assert wall <= ap + 1e-9
    assert beat <= heart + 1e-9
    for sample, field_at in zip(signals, dvf, strict=True):
        np.testing.assert_allclose(field_at, field.displacement(points, sample), atol=1e-5)
        assert field.jacobian_determinant(points, sample).min() > 0.3
        tissue = np.moveaxis(field.inverse(sample), 0, -1).astype(np.float64)
        assert np.abs(tissue + field.displacement(tissue, sample) - points).max() < 1e-3
