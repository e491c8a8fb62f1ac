"""Gaps of series are time: short ones are filled in when the sample after them has come, long ones begin a history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError, SettingsError
from cinecast.series import (
    Recording,
    Spans,
    Trace,
    TraceSource,
    group_columns,
    keep_every,
    on_clock,
    plan_series,
    resample,
    resample_causally,
    run_task,
)
from cinecast.series.clock import mean_rate
from cinecast.series.plan import SeriesPlan
from cinecast.series.training import read_training_series
from cinecast.series.writer import _samples_digest
from cinecast.settings import ForecastSettings
from cinecast_models import jitter, nrmse, rmse

RATE = 20.0
SPANS = Spans(120, 240)


def breathing(times: np.ndarray, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wave = np.stack([np.sin(1.6 * times), 3 * np.cos(1.6 * times + 0.4)], axis=1)
    return np.asarray(wave + rng.normal(0, 0.02, wave.shape))


def recording(times: np.ndarray) -> Recording:
    return Recording("belt", ("a", "b"), breathing(times), times)


def gappy() -> Recording:
    """Lost: 3 samples one by one, 8 in a row (0.4 s), a pause of 2.5 s, 4 before the end; an occlusion of column b."""
    lost = [60, 150, 170, *range(190, 198), *range(260, 310), *range(340, 344)]
    whole = recording(np.arange(400) / RATE)
    whole.samples[[100, 101], 1] = np.nan
    return replace(whole, samples=np.delete(whole.samples, lost, 0), times_s=np.delete(whole.times_s, lost))


def plan_of(trace: Trace, spans: Spans = SPANS, horizon: str = "5", **settings: object) -> SeriesPlan:
    forecast = ForecastSettings(**({"methods": ("rls", "mixture"), "horizons": (horizon,)} | settings))  # type: ignore[arg-type]
    return plan_series(trace, group_columns(trace.columns), forecast, spans)


@pytest.mark.parametrize("put", [lambda given: on_clock(given, 1.0), lambda given: resample_causally(given, RATE, 1.0)])
def test_columns_that_begin_late_or_end_early_are_said(put: Callable[[Recording], Trace]) -> None:
    # Spans count from the first whole sample: --train-end 120 is 2 s later in the recording than its rows tell.
    given = recording(5 + np.arange(400) / RATE)
    given.samples[:40, 1] = given.samples[397:, 0] = np.nan
    trace = put(given)
    assert trace.times_s[0] == 7.0
    assert len(trace.samples) == 357
    assert trace.history[0] == (
        "40 sample(s) before the first whole one and 3 after the last are incomplete and left out: "
        "sample 0, from which spans are counted, is at 7 s"
    )
    whole = put(recording(5 + np.arange(400) / RATE))
    assert "incomplete" not in " ".join(whole.history)


@pytest.mark.parametrize(("later", "said"), [(1.04, ""), (0.96, ""), (1.1, "0.055"), (0.8, "0.04"), (1.24, "0.062")])
def test_another_rate_later_on_is_said(later: float, said: str, caplog: pytest.LogCaptureFixture) -> None:
    # A horizon of 10 samples is 0.40 s there where 0.50 s is said, and its error is that of the shorter one.
    times = np.arange(400) / RATE
    times[240:] = times[239] + later * (times[240:] - times[239])
    trace = on_clock(recording(times), 1.0)
    assert trace.period_s == pytest.approx(1 / RATE)
    if not said:
        assert trace.history == ()
        return
    (sentence,) = trace.history
    assert sentence.startswith(
        f"some of the samples with numbers 240 to 399 come every {said} s, those of the first third every 0.05 s: a "
        "horizon is so many samples, and there another time than is said; resample causally with --causal-rate 20"
    )
    assert caplog.messages == [sentence]
    again = resample_causally(recording(times), RATE, 1.0)
    np.testing.assert_allclose(np.diff(again.times_s), 1 / RATE)


def test_a_rate_that_is_halved_later_on_is_said(caplog: pytest.LogCaptureFixture) -> None:
    # Each sample there is at an instant of the clock before it: a horizon of an odd number reaches none.
    times = np.concatenate([np.arange(200) / RATE, 200 / RATE + np.arange(100) * 2 / RATE])
    trace = on_clock(recording(times), 1.0)
    sentence = trace.history[-1]
    assert sentence.startswith(
        "samples come every 0.05 s up to the one with number 200, and every 0.1 s after it: there a horizon that is no "
        "multiple of 0.1 s is scored at few samples or at none; cut the series there, or resample causally with "
        "--causal-rate 10"
    )
    assert sentence in caplog.messages
    again = resample_causally(recording(times), 10, 1.0)
    assert not again.lost.any()


def test_a_rate_that_falls_by_no_whole_factor_moves_horizons(caplog: pytest.LogCaptureFixture) -> None:
    # A horizon of 10 samples is 0.55 s there where 0.50 s is said.
    times = np.concatenate([np.arange(200) / RATE, 200 / RATE + np.arange(100) * 2.2 / RATE])
    trace = on_clock(recording(times), 1.0)
    late = np.flatnonzero(~trace.lost & (np.arange(len(trace.samples)) > 202))
    assert (trace.times_s[late[5:]] - trace.times_s[late[:-5]])[0] == pytest.approx(0.55)
    assert (late[5:] - late[:-5] == 10).all()
    sentence = trace.history[-1]
    assert sentence.startswith(
        "samples come every 0.05 s up to the one with number 200, and every 0.11 s after it: there 0.11 s count as 2 "
        "samples of 0.05 s, and a horizon is another time than is said; cut the series there, or resample causally "
        "with --causal-rate 9.09"
    )
    assert sentence in caplog.messages


def test_gaps_jitter_and_ticks_are_no_other_rate(rng: np.random.Generator) -> None:
    times = np.delete(np.arange(400) / RATE, [*range(190, 198), *range(260, 310), *range(320, 380, 2)])
    for shift in (rng.uniform(-0.005, 0.005, len(times)), np.floor(200 * times) / 200 - times):
        assert "come every" not in " ".join(on_clock(recording(times + shift), 1.0).history)


def test_every_sample_keeps_its_place_in_time() -> None:
    given, trace = gappy(), on_clock(gappy(), 1.0)
    assert len(trace.samples) == 400
    np.testing.assert_allclose(trace.times_s, np.arange(400) / RATE, atol=1e-9)
    assert np.flatnonzero(trace.lost).tolist() == sorted(
        [60, 100, 101, 150, 170, *range(190, 198), *range(260, 310), *range(340, 344)]
    )
    assert np.flatnonzero(trace.unknown).tolist() == list(range(260, 310))
    complete = given.measured
    np.testing.assert_array_equal(trace.samples[~trace.lost], given.samples[complete])
    for place in (60, 192, 341):
        before, after = max(np.flatnonzero(~trace.lost[:place])), place + int(np.argmin(trace.lost[place:]))
        share = (place - before) / (after - before)
        between = (1 - share) * trace.samples[before] + share * trace.samples[after]
        np.testing.assert_allclose(trace.samples[place], between, rtol=1e-12)
    assert "67 of 400 samples are missing: 17 filled in" in trace.history[-1]
    assert "50 in 1 long gap(s), after which the history begins anew" in trace.history[-1]


@pytest.mark.parametrize(("longest", "unknown"), [(0.0, 67), (0.3, 58), (0.4, 50), (3.0, 0)])
def test_how_long_a_gap_is_filled_in_is_a_setting(longest: float, unknown: int) -> None:
    assert on_clock(gappy(), longest).unknown.sum() == unknown


def beginning(at: float, rate: float, lost: int) -> Recording:
    """Return 120 samples at a rate, from a time on that is written to the millisecond, without some in the middle."""
    times = np.array([round(at + k / rate, 3) for k in range(120) if not 60 <= k < 60 + lost])
    return recording(times)


# At 10 Hz samples of 1.1 s and 1.0 s are 0.10000000000000009 s apart. The last times are seconds since 1970.
BEGINNINGS = [*np.arange(30) * 0.37, *(1.7e9 + np.arange(30) * 0.37)]


@pytest.mark.parametrize(("rate", "longest"), [(10, 1.0), (25, 1.0), (20, 0.5), (8, 1.0)])
def test_when_a_recording_begins_decides_over_no_gap(rate: float, longest: float) -> None:
    held = round(longest * rate)
    for at in BEGINNINGS:
        assert on_clock(beginning(at, rate, held), longest).unknown.sum() == 0
        assert on_clock(beginning(at, rate, held + 1), longest).unknown.sum() == held + 1


def test_a_causal_rate_is_at_most_a_tenth_above_that_of_the_recording() -> None:
    given = beginning(0.0, 10, 0)
    assert resample_causally(given, 10.9, 1.0).period_s == pytest.approx(1 / 10.9)
    with pytest.raises(SettingsError, match=r"must be at most that of the recording, got 11\.2 Hz for 10 Hz"):
        resample_causally(given, 11.2, 1.0)


@pytest.mark.parametrize("rate", [10, 25, 20, 8])
def test_when_a_recording_begins_decides_over_no_causal_instant(rate: float) -> None:
    for at in BEGINNINGS:
        # One lost sample leaves two others two periods apart: the instant between them is known that late.
        assert not resample_causally(beginning(at, rate, 1), rate, 1.0).lost.any()
        for lost in (2, rate - 1, rate):
            trace = resample_causally(beginning(at, rate, lost), rate, 1.0)
            assert np.flatnonzero(trace.lost).tolist() == list(range(60, 60 + lost))
            assert trace.unknown.sum() == (rate if lost == rate else 0)  # samples 1 s apart are around the others


def test_a_pause_of_any_length_is_a_long_gap() -> None:
    times = np.arange(100) / RATE + np.where(np.arange(100) >= 50, 1.2345, 0)
    trace = on_clock(recording(times), 1.0)
    np.testing.assert_array_equal(trace.times_s[~trace.lost], times)
    assert trace.unknown.sum() == round(1.2345 * RATE) == 25


def test_a_clock_of_milliseconds_drifts_over_no_gap() -> None:
    """Ticks of 33, 33 and 34 ms: counted with their median, 29 lost samples would be 29.3."""
    times = np.round(np.arange(300) / 30, 3)
    trace = on_clock(recording(np.delete(times, np.arange(150, 179))), 1.0)
    assert trace.lost.sum() == 29
    assert trace.period_s == pytest.approx(1 / 30, rel=2e-4)
    assert np.median(np.diff(times)) == pytest.approx(0.033)


def test_the_period_is_that_of_the_train_span() -> None:
    times = np.concatenate([np.arange(100) * 0.05, 5 + np.arange(200) * 0.055])
    assert on_clock(recording(times), 1.0).period_s == pytest.approx(0.05)


def test_samples_missing_at_both_ends_are_left_out() -> None:
    whole = recording(np.arange(100) / RATE)
    whole.samples[:5] = whole.samples[-3:] = np.nan
    trace = on_clock(whole, 1.0)
    assert (len(trace.samples), trace.times_s[0], trace.lost.any()) == (92, 5 / RATE, False)


def test_a_clock_with_too_many_instants_is_refused() -> None:
    times = np.arange(50) / RATE
    times[30:] += 1e7
    with pytest.raises(ReadError, match="must last at most 10000000 samples, gaps counted, got 2e"):
        on_clock(recording(times), 1.0)


# Forecasts and scores


def test_samples_in_pairs_are_refused_with_the_rate_of_all() -> None:
    times = np.repeat(np.arange(100) * 0.5, 2) + np.tile([0, 0.1], 100)  # 4 samples a second, 0.1 s and 0.4 s apart
    with pytest.raises(ReadError, match=r"got 200 and 297 at a period of 0\.1 s: .*--causal-rate 4\.01"):
        on_clock(recording(times), 1.0)


def test_only_what_was_measured_and_forecast_is_scored() -> None:
    trace = on_clock(gappy(), 1.0)
    plan = plan_of(trace)
    length = max(task.settings.history_length for task in plan.tasks)
    expected = [
        t
        for t in range(240, 400)
        if not trace.lost[t] and not trace.lost[t - 5] and not any(260 <= s < 310 for s in range(t - 5 - length + 1, t))
    ]
    assert (np.flatnonzero(plan.scored(5)) + 240).tolist() == expected
    for task in plan.tasks:
        result = run_task(plan, task)
        forecasts, scores = result.forecast.forecasts[0], {s.metric: s.value for s in result.scores}
        assert np.isfinite(forecasts[expected]).all()
        assert scores["rmse"] == pytest.approx(rmse(forecasts[expected], trace.samples[expected]), rel=1e-12)
        assert scores["nrmse"] == pytest.approx(nrmse(forecasts[expected], trace.samples[expected]), rel=1e-12)
        steps = [np.abs(forecasts[t] - forecasts[t - 1]) for t in expected if t - 1 in expected]
        assert scores["jitter"] == pytest.approx(np.mean(steps), rel=1e-12)
        assert np.isnan(forecasts[[t + 5 for t in (245, *range(190, 198), 260, 300, 341)]][1:]).all()
    assert plan.task_settings(plan.tasks[0])["scored_history"] == length


def test_without_gaps_jitter_is_over_all_forecasts() -> None:
    trace = on_clock(recording(np.arange(400) / RATE), 1.0)
    plan = plan_of(trace)
    result = run_task(plan, plan.tasks[1])
    expected = jitter(result.forecast.forecasts[0, 240:])
    assert {s.metric: s.value for s in result.scores}["jitter"] == expected
    assert "scored_history" not in plan.task_settings(plan.tasks[1])


def test_a_pause_costs_little() -> None:
    """A clean wave goes on after the pause as before; forecasts of frames that both have are alike."""
    whole, paused = (on_clock(each, 1.0) for each in (recording(np.arange(400) / RATE), gappy()))
    one, other = (run_task(plan_of(trace), plan_of(trace).tasks[1]).forecast.forecasts[0] for trace in (whole, paused))
    both = np.isfinite(other).all(axis=1) & ~paused.lost & (np.arange(400) >= 240)
    errors = [rmse(each[both], breathing(np.arange(400) / RATE)[both]) for each in (one, other)]
    assert errors[1] == pytest.approx(errors[0], rel=0.1)


@pytest.mark.parametrize("cut", [130, 152, 194, 197, 250, 262, 315, 342])
def test_later_samples_change_no_forecast_issued_before(cut: int) -> None:
    """Values and times of what comes later may be anything: also whether it comes at all."""
    given, time = gappy(), cut / RATE
    later = given.times_s > time
    other = replace(
        given, samples=np.where(later[:, np.newaxis], given.samples + 9, given.samples), recorded=frozenset()
    )
    fewer = ~later | (np.arange(len(later)) % 3 > 0)
    other = replace(other, samples=other.samples[fewer], times_s=other.times_s[fewer])
    first, second = (on_clock(each, 1.0) for each in (given, other))
    for task, again in zip(plan_of(first).tasks, plan_of(second).tasks, strict=True):
        before, after = run_task(plan_of(first), task).forecast, run_task(plan_of(second), again).forecast
        issued = slice(0, min(cut + 5, len(first.samples), len(second.samples)) + 1)
        shown = before.forecasts[:, issued], after.forecasts[:, issued]
        # What was issued before the cut is of instants up to `cut + 5`; in a pause there are none.
        same = np.isfinite(shown[0]) & np.isfinite(shown[1])
        np.testing.assert_array_equal(shown[0][same], shown[1][same])
        assert same[0, SPANS.train_end + 4 : cut].any()


def test_spans_are_kept_by_time_and_thirds_are_of_the_samples_that_came() -> None:
    trace = on_clock(gappy(), 1.0)
    split = plan_of(trace).split
    assert (split.train_end, split.validation_end, split.test_end) == (120, 240, 400)
    split = plan_of(trace, Spans()).split
    measured = np.cumsum(~trace.lost)
    assert (measured[split.train_end - 1], measured[split.validation_end - 1]) == (333 // 3, 2 * 333 // 3)


def test_a_test_span_without_a_sample_to_score_is_refused() -> None:
    times = np.arange(260) / RATE + np.where(np.arange(260) >= 245, 2.0, 0)
    with pytest.raises(SettingsError, match=r"samples that a forecast can be made of, got .* lengthen --longest-gap"):
        plan_of(on_clock(recording(times), 1.0), Spans(120, 286))


# Other rates


def test_a_spline_needs_a_series_without_gaps() -> None:
    with pytest.raises(SettingsError, match="--rate needs a series without gaps, got 67 missing samples in belt"):
        resample(on_clock(gappy(), 1.0), 10)


def test_every_second_sample_of_a_series_with_gaps() -> None:
    trace = on_clock(gappy(), 1.0)
    kept = keep_every(trace, 2)
    np.testing.assert_array_equal(kept.lost, trace.lost[::2])
    np.testing.assert_array_equal(kept.unknown, trace.unknown[::2])


def irregular(seed: int = 1) -> Recording:
    rng = np.random.default_rng(seed)
    times = np.sort(np.arange(400) / RATE + rng.uniform(-0.018, 0.018, 400))
    times = np.delete(times, [*range(90, 95), *range(260, 310)])
    return Recording("belt", ("a", "b"), breathing(times), times)


def test_an_irregular_clock_is_refused_with_a_rate_that_fits() -> None:
    with pytest.raises(ReadError, match=r"equally spaced in time.*resample causally with --causal-rate 20(\.\d)?,"):
        on_clock(irregular(), 1.0)


@pytest.mark.parametrize(
    ("intervals", "rate"),
    [
        ([0.1, 0.2, 0.6, *[9.0] * 9], 1 / 0.15),  # the first third: 4 of 13 times; twice the median of 0.2 is not 0.6
        ([0.1, 0.2, 0.4, *[9.0] * 9], 3 / 0.7),
        ([0.1, 0.2, 0.3, 9.0, 9.0], 1 / 0.2),  # never fewer than 4 times
    ],
)
def test_the_rate_of_an_irregular_clock_is_that_of_its_first_third_without_gaps(
    intervals: list[float], rate: float
) -> None:
    assert mean_rate(np.cumsum([3.0, *intervals])) == pytest.approx(rate)


def test_a_causal_instant_is_lost_where_its_neighbours_are_more_than_two_new_periods_apart() -> None:
    times = np.array([0.0, 0.25, 0.5, 0.75, 1.25, 1.5, 2.25, 3.25, 3.5])  # exact in binary
    given = Recording("belt", ("a",), 10 * times[:, np.newaxis], times)
    trace = resample_causally(given, 4.0, 0.75)
    np.testing.assert_array_equal(trace.times_s, np.arange(15) / 4)
    # Between 0.75 and 1.25 s lie two periods, which is none too many; between 1.5 and 2.25 s three, which are filled
    # in; between 2.25 and 3.25 s four, which nothing stands for. What was recorded at an instant is known there.
    np.testing.assert_array_equal(np.flatnonzero(trace.lost), [7, 8, 10, 11, 12])
    expected = 10 * trace.times_s
    expected[10:13] = np.nan
    np.testing.assert_allclose(trace.samples[:, 0], expected)


def test_the_last_instant_is_the_last_within_the_recording_but_for_rounding() -> None:
    times = np.array([0.1, 0.2, 0.3])  # 0.3 - 0.1 is a little less than 0.2, 0.1 + 0.2 a little more than 0.3
    samples = np.array([[1.0], [4.0], [2.0]])
    for resampled in (
        resample_causally(Recording("belt", ("a",), samples, times), 10.0, 1.0),
        resample(Trace("belt", ("a",), samples, times), 10.0),
    ):
        np.testing.assert_allclose(resampled.samples, samples)
        assert not resampled.lost.any()
    times = np.linspace(0, 0.7, 15)
    given = Recording("belt", ("a",), np.sin(times)[:, np.newaxis], times)
    assert len(resample_causally(given, 1.5, 1.0).samples) == 2
    with pytest.raises(SettingsError, match=r"--causal-rate must leave 2 to 10 000 000 samples, got 1.4 Hz"):
        resample_causally(given, 1.4, 1.0)


def test_causal_resampling_interpolates_between_neighbours() -> None:
    given, trace = irregular(), resample_causally(irregular(), RATE, 1.0)
    np.testing.assert_allclose(np.diff(trace.times_s), 1 / RATE)
    for place in (10, 92, 200, 350):
        later = int(np.searchsorted(given.times_s, trace.times_s[place]))
        left, right = given.times_s[[later - 1, later]]
        share = (trace.times_s[place] - left) / (right - left)
        between = (1 - share) * given.samples[later - 1] + share * given.samples[later]
        np.testing.assert_allclose(trace.samples[place], between, rtol=1e-9)
        assert trace.lost[place] == (right - left > 2 / RATE)
    assert 49 <= trace.unknown.sum() <= 52
    assert "a sample is known up to 0.1 s after its instant, by which horizons reach less far" in trace.history[0]


@pytest.mark.parametrize("rate", [RATE, 13.0, 10.0])
@pytest.mark.parametrize("cut", [9.03, 12.4, 12.95, 16.0])
def test_a_forecast_of_a_resampled_series_sees_nothing_beyond_its_delay(rate: float, cut: float) -> None:
    given = irregular()
    later = given.times_s > cut
    other = replace(
        given, samples=np.where(later[:, np.newaxis], given.samples + 9, given.samples), recorded=frozenset()
    )
    delay, horizon = 2 / rate, 3
    first, second = (resample_causally(each, rate, 1.0) for each in (given, other))
    spans = Spans(int(6 * rate), int(11 * rate))
    plans = [plan_of(each, spans, str(horizon), methods=("rls",)) for each in (first, second)]
    before, after = (run_task(plan, plan.tasks[-1]).forecast.forecasts for plan in plans)
    blind = int(np.searchsorted(first.times_s + delay, cut, side="right"))  # instants whose delay ends before the cut
    np.testing.assert_array_equal(before[:, : blind + horizon], after[:, : blind + horizon])
    # Interpolation without the delay would be a look ahead: what is issued a little later does move.
    assert not np.array_equal(before, after, equal_nan=True)
    assert np.isfinite(before[:, spans.train_end + 3 : blind]).any()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_causal_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(SettingsError, match="--causal-rate must be a positive number of Hz"):
        resample_causally(irregular(), rate, 1.0)


def test_a_causal_rate_that_leaves_nothing() -> None:
    with pytest.raises(SettingsError, match=r"--causal-rate must leave 2 to 10 000 000 samples, got 0.001 Hz"):
        resample_causally(irregular(), 0.001, 1.0)


def test_a_gap_that_is_filled_in_with_zeros_is_told_from_one_that_is_not() -> None:
    times = np.delete(np.arange(400) / RATE, range(150, 170))
    still = Recording(
        "belt", ("a", "b"), np.where(np.abs(times - 8) < 2, 0.0, 1.0)[:, np.newaxis] * breathing(times), times
    )
    filled, unknown = (plan_of(on_clock(still, longest)) for longest in (5.0, 0.1))
    assert (filled.trace.samples[150:170] == 0).all()
    assert filled.tasks == unknown.tasks
    assert _samples_digest(filled) != _samples_digest(unknown)


# Training


def test_a_file_with_a_long_gap_is_not_trained_on(tmp_path: Path) -> None:
    given = gappy()
    path = tmp_path / "belt.npz"
    np.savez(path, series=given.samples, times_s=given.times_s)
    with pytest.raises(SettingsError, match=r"free of long gaps, got 50 missing samples in those of belt.npz"):
        read_training_series([path], TraceSource())
    (series,) = read_training_series([path], TraceSource(longest_gap_s=5))
    assert series.samples.shape == (400, 2)
    assert np.isfinite(series.samples).all()


def test_a_trace_is_known_again_by_what_was_recorded() -> None:
    assert on_clock(gappy(), 0.1).recorded == on_clock(gappy(), 5.0).recorded == gappy().recorded
