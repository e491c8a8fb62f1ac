"""Other rates: waves that the new rate can hold come through, others do not; what was done is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import SettingsError
from cinecast.series import Trace, keep_every, resample
from cinecast.series.resample import _below


def _wave(frequency_hz: float, rate_hz: float = 30.0, samples: int = 900) -> Trace:
    times = 2 + np.arange(samples) / rate_hz
    phase = 2 * np.pi * frequency_hz * times
    return Trace("wave", ("a", "b"), np.stack([np.sin(phase), 5 + np.cos(phase)], axis=1), times)


def _truth(trace: Trace, frequency_hz: float) -> np.ndarray:
    phase = 2 * np.pi * frequency_hz * trace.times_s
    return np.stack([np.sin(phase), 5 + np.cos(phase)], axis=1)


@pytest.mark.parametrize("rate", [45.0, 60.0, 100.0])
def test_up_keeps_a_slow_wave_and_its_clock(rate: float) -> None:
    trace = resample(_wave(0.5), rate)
    assert trace.times_s[0] == 2
    assert 1 / trace.period_s == pytest.approx(rate)
    assert trace.times_s[-1] <= _wave(0.5).times_s[-1] + 1e-9
    assert np.abs(trace.samples - _truth(trace, 0.5)).max() < 1e-4


def test_up_passes_through_every_recorded_sample(rng: np.random.Generator) -> None:
    trace = Trace("noise", ("a",), rng.normal(size=(50, 1)), np.arange(50) / 10)
    np.testing.assert_allclose(resample(trace, 30).samples[::3], trace.samples, atol=1e-9)


@pytest.mark.parametrize("rate", [10.0, 7.3, 3.33])
def test_down_keeps_what_the_new_rate_holds_and_drops_what_aliases(rate: float) -> None:
    slow, inner = resample(_wave(0.15 * rate), rate), slice(20, -20)  # at the ends the filter has nothing to see
    assert np.abs(slow.samples - _truth(slow, 0.15 * rate))[inner].max() < 1e-4
    fast = resample(_wave(0.8 * rate), rate)
    assert np.abs(fast.samples - [0, 5])[inner].max() < 0.002
    aliased = keep_every(_wave(8.0), 3)
    assert np.abs(aliased.samples - [0, 5])[inner].max() > 0.9


@pytest.mark.parametrize("rate", [25.0, 10.0, 3.33])
def test_half_the_new_limit_comes_through_and_the_limit_itself_does_not(rate: float) -> None:
    """A Butterworth filter of order 8 at 0.7 of the limit, applied twice, by its formula."""
    inner, limit = slice(400, -400), rate / 2
    for frequency in (limit / 2, limit):
        times = 2 + np.arange(1800) / 30
        wave = np.exp(2j * np.pi * frequency * times)
        passed = np.array(
            [_below(Trace("w", ("a",), part[:, None], times), rate, 30.0)[0] for part in (wave.real, wave.imag)]
        )
        share = np.hypot(*passed[:, inner, 0]).mean()
        ratio = np.tan(np.pi * frequency / 30) / np.tan(np.pi * 0.7 * limit / 30)
        assert share == pytest.approx(1 / (1 + ratio**16), abs=1e-5)
        assert share > 0.995 if frequency < limit else share < 0.004


@pytest.mark.parametrize("rate", [0.5, 3.33, 7.7, 10.0, 15.1, 40.0])
@pytest.mark.parametrize("value", [0.1, 4.2, -417.3, 2.5e-3])
def test_a_column_that_never_changes_never_changes_at_another_rate(value: float, rate: float) -> None:
    """It was noise of the size of rounding, which methods scaled to that of the others, with bands of no width."""
    wave = _wave(0.1, samples=2000)
    still = Trace("still", wave.columns, np.stack([wave.samples[:, 0], np.full(2000, value)], axis=1), wave.times_s)
    trace = resample(still, rate)
    assert set(trace.samples[:, 1]) == {value}
    assert trace.constant_columns == ("b",)
    np.testing.assert_allclose(trace.samples[:, 0], resample(wave, rate).samples[:, 0], rtol=0, atol=1e-9)


def test_a_breath_hold_stands_still_at_another_rate() -> None:
    wave = _wave(0.2)
    held = wave.samples.copy()
    held[:600] = held[600]
    trace = resample(Trace("held", wave.columns, held, wave.times_s), 7.7)
    assert trace.constant_until(100) == ("a", "b")  # 13 s of the 20 s: near their end the filter sees what comes


def test_the_same_rate_changes_no_sample() -> None:
    trace = resample(_wave(0.5), 30.0)
    np.testing.assert_allclose(trace.samples, _wave(0.5).samples, atol=1e-12)


def test_what_was_done_and_that_it_sees_the_future_is_said() -> None:
    assert (
        "from 30 to 10 Hz by zero-phase low-pass and cubic spline; new samples see recorded ones after them"
        in (resample(_wave(0.5), 10).history[-1])
    )
    assert "low-pass" not in resample(_wave(0.5), 60).history[-1]
    assert "without a filter" in keep_every(_wave(0.5), 3).history[-1]
    assert keep_every(_wave(0.5), 1).history == ()


def test_a_resampled_trace_does_see_later_samples() -> None:
    """Why the note is there: this is no fault of the code but of resampling itself."""
    whole = _wave(0.5)
    changed = Trace("wave", whole.columns, whole.samples.copy(), whole.times_s)
    changed.samples[450:] += 1
    before = resample(whole, 10).times_s < whole.times_s[449]
    assert (resample(whole, 10).samples != resample(changed, 10).samples)[before].any()
    kept = keep_every(whole, 3).times_s < whole.times_s[450]
    np.testing.assert_array_equal(keep_every(whole, 3).samples[kept], keep_every(changed, 3).samples[kept])


@pytest.mark.parametrize("step", [0, -1, 451])
def test_every_out_of_range(step: int) -> None:
    with pytest.raises(SettingsError, match="--every must be from 1 to 450 for 900 samples"):
        keep_every(_wave(1), step)


@pytest.mark.parametrize("rate", [0, -3, float("nan"), float("inf")])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(SettingsError, match="--rate must be a positive number of Hz"):
        resample(_wave(1), rate)


@pytest.mark.parametrize("rate", [0.01, 1e7])
def test_a_rate_that_leaves_too_few_or_too_many(rate: float) -> None:
    with pytest.raises(SettingsError, match="--rate must leave 2 to 10 000 000 samples"):
        resample(_wave(1), rate)


def test_too_short_for_the_filter() -> None:
    with pytest.raises(SettingsError, match="needs more than 27 samples for its filter, got 20; use --every"):
        resample(_wave(1, samples=20), 10)


@pytest.mark.shared
@pytest.mark.parametrize("number", range(1, 7))
def test_every_third_sample_is_the_papers_slow_rate(shared: Path, number: int) -> None:
    with np.load(shared / "data" / "markers" / f"markers-{number}.npz") as arrays:
        recorded, slow = arrays["hz_10"].T, arrays["hz_3.33"].T
    columns = tuple(f"c{k}" for k in range(9))
    np.testing.assert_array_equal(
        keep_every(Trace("m", columns, recorded, np.arange(len(recorded)) / 10), 3).samples, slow
    )
