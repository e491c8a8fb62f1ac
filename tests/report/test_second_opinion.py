"""What the report warns of before forecasts are trusted, each finding provoked by what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.motion.drift import drift_row
from cinecast.report.breathing import breaths
from cinecast.report.data import ReportData, ReportEntry, ReportRun
from cinecast.report.render import render_report
from cinecast.report.score_table import score_rows
from cinecast.report.second_opinion import Finding, second_opinion
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS, MAIN_METRIC
from cinecast.store.pages import load_second_opinion, write_files
from helpers.report_data import PERIOD_S, Simulated, field_of, simulated_report

# 12 frames a breath (`helpers.report_data`): the test span holds 5 of them, the train span as many.
LONG = Simulated(frame_count=180, test_count=60, methods=("oracle", "persistence", "linear"), horizons=(2,))
ERROR = FRAME_METRICS.index(MAIN_METRIC)


def opinion(data: ReportData) -> tuple[Finding, ...]:
    return second_opinion(data, score_rows(data.scores))


def with_errors(data: ReportData, errors: dict[str, NDArray[np.float64]]) -> ReportData:
    """Return the run with these errors against the measured motion, of each test frame, in all regions."""

    def changed(entry: ReportEntry) -> ReportEntry:
        assert entry.frame_scores is not None
        if entry.method not in errors:
            return entry
        scores = entry.frame_scores.copy()
        scores[..., ERROR] = errors[entry.method][:, np.newaxis]
        return replace(entry, frame_scores=scores)

    return replace(data, entries=tuple(map(changed, data.entries)))


@pytest.fixture
def clean(rng: np.random.Generator) -> ReportData:
    """A run whose forecasts are better than none."""
    noise = 0.1 * rng.standard_normal(60)
    return with_errors(simulated_report(rng, LONG), {"linear": 1.0 + noise, "persistence": 2.0 + noise})


def test_nothing_is_said_where_nothing_stands_out(clean: ReportData) -> None:
    assert opinion(clean) == ()


def test_a_forecast_that_is_not_surely_better_than_none_is_named(clean: ReportData, rng: np.random.Generator) -> None:
    by_breath = np.repeat(rng.standard_normal(5), 12)
    data = with_errors(clean, {"linear": 1.99 + by_breath, "persistence": np.full(60, 2.0)})
    (finding,) = opinion(data)
    assert finding.sentence == "0.50 s ahead, no method is shown to be better than no forecast (persistence)."
    mean = by_breath.mean() - 0.01
    assert f"Linear regression {mean:+.2f} mm (95 % interval " in finding.evidence


def test_one_of_two_methods_is_named(rng: np.random.Generator) -> None:
    data = simulated_report(rng, replace(LONG, methods=("oracle", "persistence", "linear", "snap1")))
    noise = 0.1 * rng.standard_normal(60)
    data = with_errors(data, {"linear": 1 + noise, "snap1": 3 + noise, "persistence": np.full(60, 2.0)})
    (finding,) = opinion(data)
    assert finding.sentence == "0.50 s ahead, Recurrent net is worse than no forecast (persistence)."
    assert "Linear" not in finding.evidence


def test_what_is_worse_is_told_from_what_is_not_sure(rng: np.random.Generator) -> None:
    data = simulated_report(rng, replace(LONG, methods=("oracle", "persistence", "linear", "snap1")))
    by_breath = np.repeat(np.array([-1.0, 1.0, -1.0, 1.0, 0.0]), 12)
    data = with_errors(data, {"linear": 2 + by_breath, "snap1": np.full(60, 3.0), "persistence": np.full(60, 2.0)})
    worse, doubtful = opinion(data)
    assert worse.sentence == "0.50 s ahead, Recurrent net is worse than no forecast (persistence)."
    assert doubtful.sentence.startswith("0.50 s ahead, Linear regression is not shown to be better")
    assert "+1.00 mm (95 % interval +1.00 to +1.00)" in worse.evidence
    assert "Linear regression +0.00 mm" in doubtful.evidence
    all_worse = with_errors(data, {"linear": np.full(60, 2.5)})
    (every,) = opinion(all_worse)
    assert every.sentence == "0.50 s ahead, every method is worse than no forecast (persistence)."


def test_what_is_farther_off_in_a_short_test_span_is_said_to_be(rng: np.random.Generator) -> None:
    # No interval is known of it: an error eight times that of no forecast was "not shown to be better".
    data = simulated_report(rng, replace(LONG, frame_count=150, test_count=30, methods=(*LONG.methods, "snap1")))
    data = with_errors(data, {"linear": np.full(30, 22.0), "snap1": np.full(30, 1.0), "persistence": np.full(30, 2.7)})
    _, farther = opinion(data)
    said = "is farther off in this test span than no forecast (persistence)."
    assert farther.sentence == f"0.50 s ahead, Linear regression {said}"
    assert farther.evidence.endswith(
        "Linear regression +19.30 mm (the test span is too short to say how sure that is)."
    )
    _, every = opinion(with_errors(data, {"snap1": np.full(30, 3.0)}))
    assert every.sentence == f"0.50 s ahead, every method {said}"
    _, same = opinion(with_errors(data, {"linear": np.full(30, 2.7)}))
    assert same.sentence == "0.50 s ahead, Linear regression is not shown to be better than no forecast (persistence)."


def test_landmarks_decide_where_there_are_some(clean: ReportData) -> None:
    at_landmarks = {"linear": 3.0, "persistence": 2.0}
    entries = tuple(
        replace(e, landmark_errors=np.full((1, 60), at_landmarks[e.method])) if e.method in at_landmarks else e
        for e in clean.entries
    )
    (finding,) = opinion(replace(clean, entries=entries))
    assert "Linear regression +1.00 mm (95 % interval +1.00 to +1.00)" in finding.evidence


def test_landmarks_decide_where_none_is_followed_in_the_last_frame(clean: ReportData) -> None:
    at_landmarks = {"linear": 3.0, "persistence": 2.0}
    followed = np.where(np.arange(60) < 55, 1.0, np.nan)
    entries = tuple(
        replace(e, landmark_errors=(at_landmarks[e.method] * followed)[np.newaxis]) if e.method in at_landmarks else e
        for e in clean.entries
    )
    (finding,) = opinion(replace(clean, entries=entries))
    assert "Linear regression +1.00 mm (95 % interval +1.00 to +1.00)" in finding.evidence


def test_a_method_that_diverged_in_all_runs_is_not_judged(clean: ReportData) -> None:
    data = with_errors(clean, {"linear": np.full(60, np.nan)})
    assert opinion(data) == ()


def test_a_test_span_of_few_breaths_is_named(rng: np.random.Generator) -> None:
    data = simulated_report(rng, replace(LONG, frame_count=150, test_count=30))
    data = with_errors(data, {"linear": np.full(30, 1.0), "persistence": np.full(30, 2.0)})
    (finding,) = opinion(data)
    assert finding.sentence == "The test span is short: its scores say little of other breaths."
    assert finding.evidence == "It has 30 frames (7.5 s), 2.5 times a breath of 3.0 s."


def test_frames_whose_motion_is_held_do_not_lengthen_a_test_span_nor_hold_its_breath(clean: ReportData) -> None:
    (flow,) = clean.flows
    held = replace(flow, held=frozenset(range(121, 180)))
    data = changed_in_test(replace(clean, flows=(held,)), lambda weights: weights[[0]].repeat(60, axis=0))
    (finding,) = opinion(data)
    assert finding.evidence == "It has 1 good frame (0.2 s), 0.1 times a breath of 3.0 s."


def test_a_test_span_of_which_few_frames_are_scored_is_named(rng: np.random.Generator) -> None:
    # As after pauses: a history and a horizon of frames are not scored after each.
    data = simulated_report(rng, replace(LONG, horizons=(2, 4)))
    noise = 0.1 * rng.standard_normal(60)
    data = with_errors(data, {"linear": 1.0 + noise, "persistence": 2.0 + noise})
    assert opinion(data) == ()

    def after_pauses(entry: ReportEntry) -> ReportEntry:
        assert entry.frame_scores is not None
        scores = entry.frame_scores.copy()
        if entry.horizon.frames:
            scores[:, : 24 if entry.horizon.frames == 2 else 30] = np.nan
        return replace(entry, frame_scores=scores)

    (finding,) = opinion(replace(data, entries=tuple(map(after_pauses, data.entries))))
    assert finding.sentence == "The test span is short: its scores say little of other breaths."
    assert finding.evidence == (
        "It has 60 frames (15.0 s), 5.0 times a breath of 3.0 s. 1.00 s ahead 30 of them are scored, 2.5 times a "
        "breath, as frames are missing before the others."
    )


def test_a_part_of_a_breath_is_no_other_breathing(rng: np.random.Generator) -> None:
    data = simulated_report(rng, replace(LONG, frame_count=126, test_count=6))
    data = with_errors(data, {"linear": np.full(6, 1.0), "persistence": np.full(6, 2.0)})
    (finding,) = opinion(changed_in_test(data, lambda weights: 0.4 * weights))
    assert finding.sentence == "The test span is short: its scores say little of other breaths."


def changed_in_test(data: ReportData, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> ReportData:
    """Return the run with other weights in its test span, and the motion that belongs to them."""
    (model,), (flow,) = data.models, data.flows
    assert flow.all_dvf is not None
    start, weights = data.sequence.split.validation_end, model.weights.copy()
    weights[start:] = change(weights[start:])
    dvf = flow.all_dvf.copy()
    dvf[start:] = [field_of(model, each) for each in weights[start:]]
    flow = replace(flow, dvf=dvf[start:], all_dvf=dvf)
    return replace(data, models=(replace(model, weights=weights),), flows=(flow,))


def test_deeper_breaths_are_named(clean: ReportData) -> None:
    (finding,) = opinion(changed_in_test(clean, lambda weights: 2.0 * weights))
    assert finding.sentence == "The breathing of the test span is not that of the train span: another depth."
    assert "of the test frames lie outside all that was seen in the train span." in finding.evidence


def test_faster_breaths_are_named(clean: ReportData) -> None:
    (finding,) = opinion(changed_in_test(clean, lambda weights: np.concatenate([weights[::2], weights[::2]])))
    assert "another length" in finding.sentence
    assert "length of a breath 3.0 and 1.5 s" in finding.evidence
    # Each of them was seen in the train span, where breathing turns as well.
    assert "; 0 % of the test frames lie outside all that was seen in the train span." in finding.evidence


def test_a_moved_middle_is_named(clean: ReportData) -> None:
    (finding,) = opinion(changed_in_test(clean, lambda weights: weights + np.array([150.0, 0.0])))
    assert "another level" in finding.sentence


@pytest.mark.parametrize(("share", "named"), [(-0.55, True), (-0.45, False), (0.45, False), (0.55, True)])
def test_a_middle_has_moved_by_half_a_depth_or_more_wherever_it_was(
    clean: ReportData, share: float, named: bool
) -> None:
    (model,), roi = clean.models, clean.sequence.roi
    region = roi.slices() if roi else (slice(None), slice(None))
    mean = model.mean.copy()
    mean[..., 1] += 30.0  # down the image, in the train span as well
    low, high = np.percentile(model.weights[: model.train_end, 0], (5, 95))
    shift = np.array([share * (high - low), 0.0])
    found = opinion(changed_in_test(replace(clean, models=(replace(model, mean=mean),)), lambda own: own + shift))
    assert [each.sentence for each in found] == (
        ["The breathing of the test span is not that of the train span: another level."] if named else []
    )
    if named:
        scale = clean.sequence.spacing_mm[0] * model.modes[0, ..., 1][region].mean()
        middles = [clean.sequence.spacing_mm[0] * 30.25 + scale * ((low + high) / 2 + own) for own in (0, shift[0])]
        assert f"its middle {middles[0]:.1f} and {middles[1]:.1f} mm down the image" in found[0].evidence
        learned, tested = model.weights[: model.train_end, 0], model.weights[120:, 0] + shift[0]
        outside = 100 * np.mean((tested < learned.min()) | (tested > learned.max()))
        assert 20 < outside < 80
        assert f"; {outside:.0f} % of the test frames lie outside" in found[0].evidence


def test_motion_that_the_model_does_not_explain_is_named(clean: ReportData, rng: np.random.Generator) -> None:
    (flow,) = clean.flows
    assert flow.all_dvf is not None
    dvf = flow.all_dvf.copy()
    dvf[120:] += rng.standard_normal(dvf[120:].shape)  # the simulated noise of the train span is 0.2
    (finding,) = opinion(replace(clean, flows=(replace(flow, dvf=dvf[120:], all_dvf=dvf),)))
    assert finding.sentence == ("The motion model explains less of the motion of the test span than of the train span.")
    # Of two components: sqrt(2) * 0.2, and sqrt(2) * sqrt(0.2^2 + 1).
    assert "0.28 pixels in the train span, 1.44 in the test span." in finding.evidence


@pytest.mark.parametrize(
    ("modes", "factor", "named"), [(12, 1.0, False), (12, 3.0, True), (22, 1.0, False), (23, 3.0, False)]
)
def test_a_model_of_few_frames_is_not_blamed_for_having_been_fitted_to_them(
    clean: ReportData, rng: np.random.Generator, modes: int, factor: float, named: bool
) -> None:
    """Noise alone, alike in all frames: a model leaves less of the frames that it was fitted to than of others."""
    (flow,), (model,) = clean.flows, clean.models
    assert flow.all_dvf is not None
    dvf = rng.standard_normal(flow.all_dvf.shape)
    dvf[120:] *= factor
    rows = dvf.reshape(len(dvf), -1)
    mean = rows[:24].mean(axis=0)
    basis = np.linalg.svd(rows[:24] - mean, full_matrices=False)[2][:modes]
    fitted = replace(
        model,
        train_end=24,
        mean=mean.reshape(dvf.shape[1:]),
        modes=basis.reshape(modes, *dvf.shape[1:]),
        weights=(rows - mean) @ basis.T,
    )
    data = replace(clean, flows=(replace(flow, dvf=dvf[120:], all_dvf=dvf),), models=(fitted,))
    assert any("explains less" in each.sentence for each in opinion(data)) == named


@pytest.mark.parametrize("followed", [False, True])
def test_a_drift_of_the_mean_that_forecasts_follow_is_not_held_against_the_model(
    clean: ReportData, followed: bool
) -> None:
    (flow,), (model,) = clean.flows, clean.models
    assert flow.all_dvf is not None
    dvf = flow.all_dvf + np.float32(2) * (np.arange(len(flow.all_dvf)) >= 100)[:, None, None, None]
    drifts = np.zeros((drift_row(len(dvf)) + 1, *dvf.shape[1:]), np.float32)
    drifts[drift_row(120) :] = 2
    shown = replace(model, drifts=drifts if followed else None)
    data = replace(clean, flows=(replace(flow, dvf=dvf[120:], all_dvf=dvf),), models=(shown,))
    found = [each for each in opinion(data) if "explains less" in each.sentence]
    assert bool(found) != followed
    # What is left beyond it still counts.
    dvf[120:] += np.random.default_rng(0).standard_normal(dvf[120:].shape).astype(np.float32)
    (finding,) = [each for each in opinion(data) if "explains less" in each.sentence]
    assert ("and the drift of the mean leave" in finding.evidence) == followed


def test_a_floor_that_dominates_is_named(clean: ReportData) -> None:
    def row(method: str, value: float) -> dict[str, str]:
        own = next(score for score in clean.scores if score["method"] == "linear")
        return own | {"method": method, "region": LANDMARKS, "metric": LANDMARK_METRIC, "value": str(value)}

    data = replace(clean, scores=[*clean.scores, row("linear", 1.0), row("measured", 0.8)])
    (finding,) = opinion(data)
    assert finding.sentence.startswith(
        "Most of the error at the landmarks is that of the measured motion (0.50 s ahead)"
    )
    assert finding.evidence == (
        "Error of the measured motion itself, and of the best method: 0.50 s ahead 0.80 and 1.00 mm."
    )
    assert opinion(replace(clean, scores=[*clean.scores, row("linear", 1.0), row("measured", 0.6)])) == ()


@pytest.mark.parametrize("lacking", ["models", "scores", "entries", "DVF"])
def test_an_unfinished_run_is_judged_by_what_it_has(clean: ReportData, lacking: str) -> None:
    fields = {
        "models": {"models": (), "entries": ()},
        "scores": {"scores": [], "entries": tuple(replace(e, frame_scores=None) for e in clean.entries)},
        "entries": {"entries": ()},
        "DVF": {"flows": tuple(replace(f, dvf=None, all_dvf=None) for f in clean.flows)},
    }
    assert opinion(replace(clean, **fields[lacking])) == ()


def test_runs_compared_have_no_second_opinion(clean: ReportData) -> None:
    data = changed_in_test(clean, lambda weights: 2.0 * weights)
    assert opinion(replace(data, runs=(ReportRun("a", {}), ReportRun("b", {})))) == ()


def test_the_page_shows_the_findings(clean: ReportData) -> None:
    deeper = changed_in_test(clean, lambda weights: 2.0 * weights)
    page = render_report(deeper)["index.html"].decode()
    assert 'id="second-opinion"' in page
    assert "another depth" in page
    assert 'id="second-opinion"' not in render_report(clean)["index.html"].decode()


def test_the_text_beside_the_page_is_read_back(clean: ReportData, tmp_path: Path) -> None:
    deeper = changed_in_test(clean, lambda weights: 2.0 * weights)
    for data in (clean, deeper):
        write_files(tmp_path, render_report(data))
        assert load_second_opinion(tmp_path) == tuple(map(tuple, opinion(data)))
    assert len(load_second_opinion(tmp_path)) > 0
    two = replace(deeper, runs=(ReportRun("a", {}), ReportRun("b", {})))
    assert "second_opinion.txt" not in render_report(two)


def test_a_report_of_before_there_was_a_second_opinion_has_none(tmp_path: Path) -> None:
    assert load_second_opinion(tmp_path) == ()


def test_a_line_that_is_missing_mixes_up_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "second_opinion.txt").write_text("One thing.\nIts numbers.\nAnother.\n")
    assert load_second_opinion(tmp_path) == ()


def test_breaths_of_a_sine() -> None:
    times = PERIOD_S * np.arange(200)
    found = breaths(5.0 * np.cos(2 * np.pi * times / 4.0) + 1.0, times)
    assert found.length_s == 4.0
    assert found.depth_mm == pytest.approx(10.0, rel=0.02)
    assert found.middle_mm == pytest.approx(1.0, abs=0.05)


def test_the_last_breath_of_a_span_counts() -> None:
    times = PERIOD_S * np.arange(24)
    assert breaths(np.cos(2 * np.pi * (times - 1.0) / 4.0), times).length_s == 4.0  # of two maxima, at 1 and 5 s


def test_no_breath_reaches_across_a_gap() -> None:
    first = PERIOD_S * np.arange(24)
    times = np.concatenate([first, first + 20.0])
    signal = np.cos(2 * np.pi * (times - 1.0) / 4.0)
    assert breaths(signal, times).length_s == 4.0
    assert np.isnan(breaths(signal[12:36], times[12:36]).length_s)
    assert breaths(signal[12:36], times[12:36], longest_gap_s=20.0).length_s == 16.0


@pytest.mark.parametrize(("frames", "known"), [(0, False), (1, False), (19, False), (20, True)])
def test_the_depth_of_a_part_of_a_breath_is_unknown(frames: int, known: bool) -> None:
    found = breaths(np.linspace(0.0, 1.0, frames), PERIOD_S * np.arange(frames))
    assert np.isnan(found.length_s)
    assert np.isfinite([found.depth_mm, found.middle_mm]).all() == known


def test_a_breath_hold_in_the_test_span_has_no_length_of_a_breath(clean: ReportData, rng: np.random.Generator) -> None:
    (model,) = clean.models
    weights = model.weights.copy()
    weights[-60:] = weights[-60] + 0.01 * rng.standard_normal((60, weights.shape[1]))
    findings = opinion(replace(clean, models=(replace(model, weights=weights),)))
    (changed,) = [each for each in findings if each.sentence.startswith("The breathing of the test span")]
    assert "depth" in changed.sentence
    assert "length" not in changed.sentence + changed.evidence
