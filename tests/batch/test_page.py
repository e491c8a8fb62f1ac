"""The page of a cohort: what is compared, in what order, and that nothing of the input becomes markup."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from cinecast.batch.page import CohortData, SequenceScores, render_cohort, sequence_scores
from cinecast.batch.page.chart import WIDTH, charts
from cinecast.batch.page.data import Line, ScoredMethod
from cinecast.batch.page.pooling import Realised, not_pooled, pooled, realised_horizons
from cinecast.batch.page.tables import horizons_of, method_rows, pair_rows, sequence_rows
from cinecast.batch.page.targets import gated_apart, missing_targets, target_tables
from cinecast.horizon import parse_horizons
from cinecast.report.palette import look_of
from cinecast.score.main_metric import LANDMARK_METRIC, main_metric, main_region, metric_in

ORACLE, PERSISTENCE = ScoredMethod("oracle", "oracle"), ScoredMethod("persistence", "causal")
RLS, LINEAR = ScoredMethod("rls", "causal"), ScoredMethod("linear", "causal")
PUBLISHED = ScoredMethod("rls", "published")


def row(method: ScoredMethod, frames: int, period: float, value: float, region: str = "image") -> dict[str, str]:
    against = "landmarks" if region == "landmarks" else "measured"
    return {
        "sequence": "as in the file",
        "method": method.name,
        "protocol": method.protocol,
        "horizon_frames": str(frames),
        "horizon_s": repr(frames * period),
        "region": region,
        "against": against,
        "metric": metric_in(region),
        "value": "" if math.isnan(value) else repr(value),
        "half_range_95": "",
        "runs": "1",
    }


def sequence(
    name: str, errors: Mapping[ScoredMethod, float], period: float = 0.25, region: str = "image"
) -> SequenceScores:
    frames = round(0.5 / period)
    return sequence_scores(name, [row(m, frames, period, e, region) for m, e in errors.items()], ["0.5s"])


def cohort(*sequences: SequenceScores, failures: Mapping[str, Mapping[str, str]] | None = None) -> CohortData:
    return CohortData("cohort", sequences, failures or {}, (), "1.2.3")


def test_warnings_are_counted_and_the_sequences_named() -> None:
    said = ("the flow does not explain 3 of 40 frames <b>", "2 of 5 random runs of snap1 diverged")
    warned = replace(sequence("warned", {RLS: 1.0}), brightness=0.12, warnings=said)
    page = render_cohort(cohort(warned, replace(sequence("calm", {RLS: 2.0}), brightness=0.01)))
    assert "1 of 2 sequences has warnings:" in page
    assert "the flow does not explain 3 of 40 frames &lt;b&gt;" in page
    assert '<a href="#warnings">2</a>' in page
    assert '<td class="non-causal">12 %</td>' in page
    assert "<td>1 %</td>" in page
    assert "warnings:" not in render_cohort(cohort(sequence("calm", {RLS: 2.0})))


def test_sequences_of_one_recording_are_named_beside_the_p_values() -> None:
    planes = cohort(*(sequence(name, {RLS: 1.0}) for name in ("a_plane_0", "a_plane_1", "b")))
    page = render_cohort(replace(planes, one_source=(("a_plane_0", "a_plane_1"),)))
    assert "p is too small: a_plane_0, a_plane_1.</p>" in page
    assert 'id="one-source"' not in render_cohort(planes)


def test_brightness_alone_is_a_warning_above_what_is_trusted() -> None:
    bright, calm = (replace(sequence(n, {RLS: 1.0}), brightness=b) for n, b in (("bright", 0.051), ("calm", 0.049)))
    page = render_cohort(cohort(bright, calm))
    assert "1 of 2 sequences has warnings:</strong>\nbright. They" in page


def test_a_horizon_in_seconds_is_one_horizon_whatever_the_frame_period() -> None:
    data = cohort(sequence("fast", {RLS: 1.0}, period=0.125), sequence("slow", {RLS: 2.0}, period=0.25))
    assert horizons_of(data) == ["0.5 s"]
    (only,) = method_rows(data, "image")
    assert only.points == {"fast": 1.0, "slow": 2.0}


@pytest.mark.parametrize("step", [1, -1])
def test_a_score_counts_at_its_own_horizon_alone_in_whatever_order_rows_are(step: int) -> None:
    rows = [row(RLS, frames, 0.25, error) for frames, error in ((1, 0.5), (2, 1.0), (4, 2.5), (5, 9.0))]
    found = sequence_scores("a", rows[::step], ["0.5s", "1", "1.0s"])
    assert {line.horizon: table["dvf_error_mean_mm"] for line, table in found.values.items()} == {
        "0.5 s": 1.0,
        "1 frame": 0.5,
        "1 s": 2.5,
    }
    assert found.seconds == {"0.5 s": 0.5, "1 frame": 0.25, "1 s": 1.0}
    assert found.period_s == 0.25


ETH, OVGU = 1 / 3.18, 1 / 5.97  # periods in s; 0.5 s are 2 and 3 frames


def at_two_rates(*horizons: str) -> CohortData:
    """Return a cohort of an ETH and an OvGU sequence, with scores of linear at horizons as asked for."""
    rates = (("eth-1", ETH, 2.0), ("ovgu-1", OVGU, 1.0))
    found = []
    for name, period, error in rates:
        own = parse_horizons(horizons, period)
        rows = [row(m, h.frames, period, error) for h in own for m in (PERSISTENCE, LINEAR)]
        found.append(sequence_scores(name, rows, horizons))
    return cohort(*found)


def test_dots_have_the_colour_that_the_method_has_on_every_page() -> None:
    page = render_cohort(cohort(sequence("one", {RLS: 1.0, PERSISTENCE: 2.0}), sequence("two", {RLS: 1.0})))
    (group,) = re.findall(r'<g style="--dot: var\(--series-(\d)\)">', page)
    assert int(group) == look_of("rls").colour + 1
    assert page.count('<g class="reference">') == 1


def test_times_that_differ_by_more_than_a_tenth_are_not_pooled() -> None:
    data = at_two_rates("0.5s", "0.63s")
    assert not_pooled(data) == (
        "a horizon must be the same time in all sequences of a batch to be pooled, got 0.5 s as 0.50 s in ovgu-1 and "
        "0.63 s in eth-1; --horizon 0.63s suits all, and --drop 0.5s takes this one out",
    )
    assert horizons_of(pooled(data)) == ["0.63 s"]
    assert {r.horizon for r in method_rows(pooled(data), "image")} == {"0.63 s"}
    assert {line.horizon for each in pooled(data).sequences for line in each.values} == {"0.63 s"}
    page = render_cohort(data)
    assert "Not in the tables: a horizon must be the same time" in page
    assert "0.63 s (0.63 to 0.67 s)" in page
    assert ">0.5 s" not in page


@pytest.mark.parametrize(
    ("horizon", "shortest_s", "longest_s", "title"),
    [
        ("0.5 s", 0.5, 0.5, "0.5 s"),
        ("0.5 s", 0.5, 0.504, "0.5 s"),
        ("0.6 s", 0.5, 0.5, "0.6 s (0.50 s)"),
        ("0.5 s", 0.5, 0.55, "0.5 s (0.50 to 0.55 s)"),
        ("3 frames", 0.75, 0.75, "3 frames (0.75 s)"),
    ],
)
def test_a_horizon_is_titled_by_the_time_that_it_is(
    horizon: str, shortest_s: float, longest_s: float, title: str
) -> None:
    assert Realised(horizon, shortest_s, "one", longest_s, "other", (0.25,)).title == title


def test_as_many_frames_are_another_time_at_another_rate() -> None:
    (sentence,) = not_pooled(at_two_rates("3"))
    assert "got 3 frames as 0.50 s in ovgu-1 and 0.94 s in eth-1" in sentence
    assert sentence.endswith("--horizon 0.67s suits all, and --drop 3 takes this one out")
    assert method_rows(pooled(at_two_rates("3")), "image") == []
    assert "Not in the tables" in render_cohort(at_two_rates("3"))


def test_where_nothing_is_pooled_no_table_of_methods_is_drawn_and_no_sequence_is_the_worst() -> None:
    page = render_cohort(at_two_rates("3"))
    assert "the worst first" not in page
    assert page.count('<th scope="col" class="text">Method</th>') == 0
    assert all(name in page for name in ("eth-1", "ovgu-1"))
    shown = render_cohort(at_two_rates("0.63s"))
    assert "the worst first" in shown
    assert page.count("<table>") < shown.count("<table>")


def test_a_horizon_is_told_of_the_sequences_that_have_it() -> None:
    found = [
        sequence_scores(name, [row(RLS, frames, period, 1.0)], [asked])
        for name, frames, period, asked in (("a", 1, 0.4, "0.4s"), ("b", 3, 0.25, "3"), ("c", 3, 0.125, "3"))
    ]
    realised = realised_horizons(found)
    assert {horizon: each[1:] for horizon, each in realised.items()} == {
        "0.4 s": (0.4, "a", 0.4, "a", (0.4,)),
        "3 frames": (0.375, "c", 0.75, "b", (0.125, 0.25)),
    }


def test_rates_without_a_common_time_want_a_batch_each() -> None:
    found = [sequence_scores(n, [row(RLS, 1, p, 1.0)], ["0.5s"]) for n, p in (("fast", 0.4), ("slow", 0.9))]
    (sentence,) = not_pooled(cohort(*found))
    assert sentence.endswith("; make a batch for each frame rate, or --drop 0.5s takes this one out")


@pytest.mark.parametrize(("period", "apart"), [(0.2749, False), (0.2751, True)])
def test_a_tenth_is_where_pooling_ends(period: float, apart: bool) -> None:
    data = cohort(sequence("fast", {RLS: 1.0}, period=0.25), sequence("slow", {RLS: 2.0}, period=period))
    assert bool(not_pooled(data)) == apart
    assert (pooled(data) is data) != apart


def test_a_horizon_in_frames_is_its_own_and_others_are_left_out() -> None:
    rows = [row(RLS, frames, 0.25, float(frames)) for frames in (1, 2, 3)]
    found = sequence_scores("one", rows, ["2", "0.5s", "1"])
    assert {line.horizon: table["dvf_error_mean_mm"] for line, table in found.values.items()} == {
        "1 frame": 1.0,
        "2 frames": 2.0,
        "0.5 s": 2.0,
    }
    assert horizons_of(cohort(found)) == ["1 frame", "0.5 s", "2 frames"]


def test_the_best_is_a_forecaster_never_a_reference() -> None:
    data = cohort(sequence("one", {ORACLE: 0.1, PERSISTENCE: 0.2, RLS: 0.5, LINEAR: 0.4}))
    assert [(r.method.name, r.best) for r in method_rows(data, "image")] == [
        ("oracle", False),
        ("persistence", False),
        ("rls", False),
        ("linear", True),
    ]


def test_a_method_that_failed_on_the_difficult_sequences_is_not_the_best() -> None:
    data = cohort(sequence("easy", {RLS: 1.2, LINEAR: 1.0}), sequence("difficult", {RLS: math.nan, LINEAR: 3.0}))
    assert [(r.method.name, r.best) for r in method_rows(data, "image")] == [("rls", False), ("linear", True)]
    apart = cohort(sequence("one", {RLS: 1.2}), sequence("two", {LINEAR: 3.0}))
    assert [r.best for r in method_rows(apart, "image")] == [False, False]


@pytest.mark.parametrize("count", [80, 120, 200, 240, 300])
def test_half_a_frame_is_found_under_its_name(count: int) -> None:
    """Horizons are rounded to whole frames once: what the run made of 0.5 s is what the page shows as 0.5 s."""
    period = float(np.median(np.diff(np.arange(count) * 0.2)))
    made = parse_horizons(("0.4s", "0.5s"), period)
    rows = [row(RLS, frames, seconds / frames, float(frames)) for frames, seconds in made]
    found = sequence_scores("one", rows, ["0.4s", "0.5s"])
    assert {line.horizon: table["dvf_error_mean_mm"] for line, table in found.values.items()} == {
        "0.4 s": 2.0,
        "0.5 s": 3.0,
    }


def test_methods_are_compared_on_the_sequences_that_have_both() -> None:
    data = cohort(
        sequence("a", {PERSISTENCE: 2.0, RLS: 1.0, ORACLE: 0.1}),
        sequence("b", {PERSISTENCE: 3.0, RLS: math.nan}),
        sequence("c", {PERSISTENCE: 5.0, RLS: 2.0}),
    )
    (pair,) = pair_rows(data, "image")
    assert (pair.first, pair.second) == (PERSISTENCE, RLS)
    assert (pair.comparison.number, pair.comparison.mean_difference) == (2, 2.0)


def test_protocols_are_never_compared_with_each_other() -> None:
    data = cohort(sequence("a", {PERSISTENCE: 2.0, RLS: 1.0}), sequence("b", {PERSISTENCE: 2.0, PUBLISHED: 0.5}))
    assert {(p.first, p.second) for p in pair_rows(data, "image")} == {(PERSISTENCE, RLS), (PERSISTENCE, PUBLISHED)}
    both = cohort(sequence("a", {RLS: 1.0, PUBLISHED: 0.5}))
    assert pair_rows(both, "image") == []


@pytest.mark.parametrize(("protocol", "mark"), [("published", "non-causal"), ("unknown", "causality not known")])
def test_what_is_not_known_to_be_causal_is_marked_wherever_it_stands_beside_what_is(protocol: str, mark: str) -> None:
    """A list can give each sequence a protocol of its own."""
    other = ScoredMethod("rls", protocol)
    page = render_cohort(cohort(sequence("a", {PERSISTENCE: 2.0, RLS: 1.0}), sequence("b", {other: 0.5})))
    chart, sequences = (page[page.index(start) :] for start in ("<svg", '<h2 id="sequences'))
    names = re.findall(r">([^<>]+)</text>", chart[: chart.index("</svg>")])
    assert [name for name in names if name[0].isalpha()] == ["persistence", "rls", "rls", mark]
    best = re.findall(r"<br><small>(.*)</small><br>", sequences)
    assert sorted(best) == ["rls", f'rls <span class="non-causal">{mark}</span>']
    causal = render_cohort(cohort(sequence("a", {RLS: 1.0}), sequence("b", {RLS: 0.5})))
    assert f">{mark}<" not in causal


def test_the_worst_sequence_comes_first() -> None:
    data = cohort(
        sequence("good", {PERSISTENCE: 9.0, RLS: 1.0, LINEAR: 1.5}),
        sequence("bad", {PERSISTENCE: 3.0, RLS: 2.5, LINEAR: 2.0}),
        sequence("lost", {RLS: math.nan}),
    )
    rows = sequence_rows(data, "image")
    assert [r.name for r in rows] == ["lost", "bad", "good"]
    assert rows[1].best == {"0.5 s": (LINEAR, 2.0)}
    assert rows[1].persistence == {"0.5 s": 3.0}
    assert rows[2].best == {"0.5 s": (RLS, 1.0)}
    assert sequence_rows(cohort(sequence("alike", {RLS: 1.0, LINEAR: 1.0})), "image")[0].best["0.5 s"][0] == RLS


def test_a_method_that_is_not_judged_counts_the_sequences_that_have_any_score_of_it() -> None:
    metrics = (("ssim",), ("ssim", "nrmse"), ("ssim",))
    own = [[row(RLS, 2, 0.25, 0.9) | {"metric": metric} for metric in each] for each in metrics]
    data = cohort(*(sequence_scores(name, rows, ["0.5s"]) for name, rows in zip("abc", own, strict=True)))
    (only,) = method_rows(data, "image")
    assert {metric: each.number for metric, each in only.spreads.items()} == {"ssim": 3, "nrmse": 1}
    assert only.sequences == 3


def test_the_roi_is_judged_in_only_where_every_sequence_has_one() -> None:
    inside = sequence("a", {RLS: 1.0}, region="roi")
    assert main_region([inside.regions]) == "roi"
    assert main_region([inside.regions, sequence("b", {RLS: 1.0}).regions]) == "image"
    assert main_region([]) == "image"


def test_a_chart_is_to_scale() -> None:
    data = cohort(sequence("a", {RLS: 1.0}), sequence("b", {RLS: 4.0}), sequence("c", {RLS: 1.5}))
    (chart,) = charts(method_rows(data, "image"))
    zero, last = chart.ticks[0], chart.ticks[-1]
    scale = (last[0] - zero[0]) / float(last[1])
    (strip,) = chart.strips
    assert [(dot.x - zero[0]) / scale for dot in strip.dots] == pytest.approx([1.0, 4.0, 1.5], abs=0.01)
    assert (strip.mean_x - zero[0]) / scale == pytest.approx(6.5 / 3, abs=0.01)
    assert (strip.median_x - zero[0]) / scale == pytest.approx(1.5, abs=0.01)
    assert 0 < zero[0] < last[0] < WIDTH - 20  # there is room for the number below the last tick


HOSTILE = '<script>alert("1")</script>&\''


def test_text_of_the_input_is_escaped_everywhere() -> None:
    name = f"p {HOSTILE}"
    page = render_cohort(
        CohortData(HOSTILE, (sequence(name, {RLS: 1.0}),), {HOSTILE: {"frames": HOSTILE}}, (HOSTILE,), "1")
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 7  # title, heading, dot, table, failure (twice), not finished
    assert '<a href="p%20%3Cscript%3E' in page


def test_the_page_needs_nothing_beside_it() -> None:
    page = render_cohort(cohort(sequence("a", {RLS: 1.0})))
    assert page.startswith("<!doctype html>")
    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"a/report/index.html", "summary.csv"}
    assert not re.findall(r"url\(|@import|https?:", page)


def test_non_causal_figures_say_so() -> None:
    assert "NON-CAUSAL" not in render_cohort(cohort(sequence("a", {RLS: 1.0})))
    assert "No real-time system can reach" in render_cohort(cohort(sequence("a", {PUBLISHED: 1.0})))
    mixed = render_cohort(cohort(sequence("a", {PUBLISHED: 1.0}), sequence("b", {RLS: 1.0})))
    assert "The two are never compared with each other" in mixed


def test_too_few_sequences_for_a_test_are_said() -> None:
    page = render_cohort(cohort(*(sequence(f"s{i}", {PERSISTENCE: 2.0 + i, RLS: 1.0}) for i in range(5))))
    assert "too few for a test" in page
    assert "too few for a test" not in render_cohort(
        cohort(*(sequence(f"s{i}", {PERSISTENCE: 2.0 + i, RLS: 1.0}) for i in range(6)))
    )


def test_a_cohort_of_failures_alone_has_a_page() -> None:
    page = render_cohort(cohort(failures={"bad": {"frames": "cut short"}}))
    assert "cut short" in page
    assert "Methods by horizon" not in page


def test_lines_are_told_apart_by_all_that_they_are() -> None:
    found = sequence("a", {RLS: 1.0, PUBLISHED: 0.5})
    assert Line("0.5 s", RLS, "image") in found.values
    assert Line("0.5 s", PUBLISHED, "image") in found.values


MEASURED = ScoredMethod("measured", "measured")


def with_landmarks(
    name: str, motion: Mapping[ScoredMethod, float], landmarks: Mapping[ScoredMethod, float]
) -> SequenceScores:
    rows = [row(m, 2, 0.25, e) for m, e in motion.items()]
    return sequence_scores(name, [*rows, *(row(m, 2, 0.25, e, "landmarks") for m, e in landmarks.items())], ["0.5s"])


FOLLOWED = with_landmarks(
    "a",
    {ORACLE: 0.1, PERSISTENCE: 2.0, RLS: 0.9, LINEAR: 1.0},
    {PERSISTENCE: 3.0, ORACLE: 0.6, RLS: 1.5, LINEAR: 1.25, MEASURED: 0.4},  # whatever their order
)


def test_methods_are_judged_at_landmarks_where_every_sequence_has_them() -> None:
    assert main_metric([FOLLOWED.regions]) == LANDMARK_METRIC
    assert main_metric([FOLLOWED.regions, sequence("b", {RLS: 1.0}).regions]) == "dvf_error_mean_mm"
    assert main_metric([]) == "dvf_error_mean_mm"
    rows = method_rows(cohort(FOLLOWED), "image", LANDMARK_METRIC)
    assert [(r.method, r.points["a"], r.best) for r in rows] == [
        (MEASURED, 0.4, False),
        (ORACLE, 0.6, False),
        (PERSISTENCE, 3.0, False),
        (RLS, 1.5, False),
        (LINEAR, 1.25, True),
    ]
    assert [r.best for r in method_rows(cohort(FOLLOWED), "image")] == [False, False, False, True, False]


def test_pairs_and_sequences_follow_what_is_judged_by_and_leave_out_what_forecasts_nothing() -> None:
    pairs = pair_rows(cohort(FOLLOWED), "image", LANDMARK_METRIC)
    assert [(p.first, p.second, p.comparison.mean_difference) for p in pairs] == [
        (PERSISTENCE, RLS, 1.5),
        (PERSISTENCE, LINEAR, 1.75),
        (RLS, LINEAR, 0.25),
    ]
    (only,) = sequence_rows(cohort(FOLLOWED), "image", LANDMARK_METRIC)
    assert only.best == {"0.5 s": (LINEAR, 1.25)}
    assert only.persistence == {"0.5 s": 3.0}


def test_a_cohort_says_which_sequences_have_no_landmarks() -> None:
    whole = render_cohort(cohort(FOLLOWED))
    assert "landmark error of each sequence" in whole
    assert "No landmarks were followed" not in whole
    mixed = render_cohort(cohort(FOLLOWED, sequence("without", {RLS: 1.0, LINEAR: 2.0})))
    assert "No landmarks were followed in the test span of without:" in mixed
    assert "geometric error (Whole image) of each sequence" in mixed
    (measured,) = (r for r in method_rows(cohort(FOLLOWED), "image") if r.method == MEASURED)
    assert (measured.points, measured.sequences) == ({}, 1)


def test_the_measured_motion_stands_beside_forecasts_of_the_same_sequences() -> None:
    """Of two sequences one has an ROI: in its table the error of the motion was the mean of both."""
    roi = [row(m, 2, 0.25, e, "roi") for m, e in {ORACLE: 0.1, RLS: 0.9}.items()]
    image = [row(m, 2, 0.25, e) for m, e in {ORACLE: 0.1, RLS: 0.9}.items()]
    places = [row(m, 2, 0.25, e, "landmarks") for m, e in {MEASURED: 0.8, ORACLE: 0.9, RLS: 1.1}.items()]
    found = cohort(FOLLOWED, sequence_scores("b", [*roi, *image, *places], ["0.5s"]))
    points = {r.method: r.points for r in method_rows(found, "roi", LANDMARK_METRIC)}
    assert points == {MEASURED: {"b": 0.8}, ORACLE: {"b": 0.9}, RLS: {"b": 1.1}}
    assert method_rows(found, "image", LANDMARK_METRIC)[0].points == {"a": 0.4, "b": 0.8}


def test_no_table_is_made_of_landmarks_alone() -> None:
    page = render_cohort(cohort(FOLLOWED))
    assert page.count("<summary>") == 0
    assert "<h3>Landmarks</h3>" not in page


PERFECT = ScoredMethod("perfect", "perfect")
TUMOUR = "target:tumour"


def with_target(
    name: str,
    centroids: Mapping[ScoredMethod, float],
    *,
    region: str = TUMOUR,
    against: str = "measured",
    dice: Mapping[ScoredMethod, float] | None = None,
) -> SequenceScores:
    """Return scores of motion, and those of a target beside them; perfect knowledge has a duty cycle alone."""
    rows = [row(m, 2, 0.25, 1.0) for m in centroids]
    for metric, values in (("centroid_mm", centroids), ("dice", dice or {}), ("duty_cycle", {PERFECT: 0.5})):
        rows += [row(m, 2, 0.25, e, region) | {"metric": metric, "against": against} for m, e in values.items()]
    return sequence_scores(name, rows, ["0.5s"])


def test_scores_of_a_target_against_two_rulers_stay_apart() -> None:
    rows = [
        row(RLS, 2, 0.25, e, TUMOUR) | {"metric": "dice", "against": a} for e, a in ((0.9, "measured"), (0.5, "labels"))
    ]
    found = sequence_scores("one", rows, ["0.5s"])
    assert {line.against: table["dice"] for line, table in found.values.items()} == {"measured": 0.9, "labels": 0.5}
    assert found.targets == ((TUMOUR, "measured"), (TUMOUR, "labels"))
    assert found.regions == set()


def test_scores_of_weights_and_time_stand_in_every_region_but_beside_no_target() -> None:
    of_image = {"weights_nrmse": 0.4, "step_time_ms": 3.0, "ssim": 0.9}
    rows = [row(RLS, 2, 0.25, value) | {"metric": metric} for metric, value in of_image.items()]
    rows += [row(RLS, 2, 0.25, 1.0, "roi"), row(RLS, 2, 0.25, 1.5, "landmarks")]
    rows.append(row(RLS, 2, 0.25, 2.0, TUMOUR) | {"metric": "centroid_mm"})
    data = cohort(sequence_scores("a", rows, ["0.5s"]))
    (in_roi,) = method_rows(data, "roi")
    assert {metric: each.mean for metric, each in in_roi.spreads.items()} == {
        "weights_nrmse": 0.4,
        "step_time_ms": 3.0,
        "landmark_error_mean_mm": 1.5,
        "dvf_error_mean_mm": 1.0,
    }
    (tables,) = target_tables(data)
    assert [set(each.spreads) for each in tables.rows] == [{"centroid_mm"}]


def test_targets_that_all_have_are_compared_by_centroid_and_overlap() -> None:
    data = cohort(
        with_target("a", {PERSISTENCE: 3.0, RLS: 1.0, LINEAR: 2.0}, dice={RLS: 0.9, LINEAR: 0.8}),
        with_target("b", {PERSISTENCE: 4.0, RLS: 1.5, LINEAR: 1.0}, dice={RLS: 0.7, LINEAR: 0.8}),
    )
    (tables,) = target_tables(data)
    assert (tables.name, tables.ruler) == ("tumour", "the measured motion")
    assert [(r.method, r.points, r.best) for r in tables.rows] == [
        (PERFECT, {}, False),
        (PERSISTENCE, {"a": 3.0, "b": 4.0}, False),
        (RLS, {"a": 1.0, "b": 1.5}, True),
        (LINEAR, {"a": 2.0, "b": 1.0}, False),
    ]
    assert tables.rows[0].spreads["duty_cycle"].mean == 0.5
    assert [(p.first, p.second, p.comparison.mean_difference) for p in tables.by_centroid] == [
        (PERSISTENCE, RLS, 2.25),
        (PERSISTENCE, LINEAR, 2.0),
        (RLS, LINEAR, -0.25),
    ]
    (by_dice,) = tables.by_dice
    assert (by_dice.first, by_dice.second, by_dice.comparison.mean_difference) == (RLS, LINEAR, pytest.approx(0.0))
    assert missing_targets(data) == []
    page = render_cohort(data)
    assert "tumour against the measured motion" in page
    assert "is not compared" not in page
    assert "3.50 ± 0.71" in page


def test_a_beam_that_is_on_while_nobody_knows_where_the_target_is_stands_on_the_page() -> None:
    def lost(name: str, frames: float, beams: float) -> SequenceScores:
        rows = [row(RLS, 2, 0.25, 1.0), row(RLS, 2, 0.25, 1.0, TUMOUR) | {"metric": "centroid_mm"}]
        for metric, value in (("without_reference", frames), ("on_without_reference", beams)):
            rows.append(row(RLS, 2, 0.25, value, TUMOUR) | {"metric": metric})
        return sequence_scores(name, rows, ["0.5s"])

    always = with_target("c", {RLS: 1.0})
    (tables,) = target_tables(cohort(lost("a", 6, 2), lost("b", 8, 7), always))
    found = next(each for each in tables.rows if each.method == RLS)
    told = {name for name, *_ in tables.columns} - {"duty_cycle"}
    assert {name: (found.spreads[name].mean, found.spreads[name].number) for name in told} == {
        "centroid_mm": (1.0, 3),
        "without_reference": (7.0, 2),
        "on_without_reference": (4.5, 2),
    }
    page = render_cohort(cohort(lost("a", 6, 2), lost("b", 8, 7), always))
    assert "Beam on in these" in page
    assert "4.5 ± 3.5 <small>n 2</small>" in page
    alone = render_cohort(cohort(always))
    assert "Beam on in these" not in alone
    assert "Missed frames" not in alone  # no column without a value


def test_a_mean_over_fewer_sequences_than_the_row_says_over_how_many() -> None:
    # Where the beam was never on, nothing is outside while it is: a mean of one sequence stood in a row of three.
    errors = {"a": 1.0, "b": 2.0, "c": 3.0}
    own = [with_target(name, {RLS: e}, dice={RLS: 0.9} if name == "a" else {}) for name, e in errors.items()]
    cells = re.findall(r"<td.*?</td>", render_cohort(cohort(*own)))
    assert "<td>0.900 <small>n 1</small></td>" in cells
    assert "<td>2.00 ± 1.00</td>" in cells or '<td class="best">2.00 ± 1.00</td>' in cells
    assert sum("<small>n " in cell for cell in cells) == 1


def test_a_small_deviation_is_never_a_false_zero() -> None:
    page = render_cohort(cohort(sequence("a", {RLS: 1.0}), sequence("b", {RLS: 1.004})))
    assert "1.00 ± &lt;0.01" in page
    assert "1.00 ± 0.00" in render_cohort(cohort(sequence("a", {RLS: 1.0}), sequence("b", {RLS: 1.0})))


def test_sequences_that_are_gated_in_different_ways_are_named() -> None:
    # Duty cycles of margins of 3 and 6 mm had one mean without a word; what has no target counts not.
    ways = {"a": "3 mm", "b": "6 mm", "c": "3 mm"}
    own = [replace(with_target(name, {RLS: 1.0}), gate=way) for name, way in ways.items()]
    without = replace(sequence("d", {RLS: 1.0}), gate="9 mm")
    said = "equences are gated in different ways (a, c by 3 mm; b by 6 mm): no mean of their scores of gating"
    assert said in gated_apart(cohort(*own, without))
    assert f'<p class="banner" id="gated-apart">S{said}' in render_cohort(cohort(*own))
    assert 'id="gated-apart"' not in render_cohort(cohort(own[0], own[2]))
    assert gated_apart(cohort(own[0], own[2], without)) == ""


def test_a_latency_that_is_another_time_in_whole_frames_is_named() -> None:
    # 1.1 s are 6 frames of 0.2 s, and 4 frames of 0.25 s: beams that are 1.20 and 1.00 s late had one mean.
    def of_rate(name: str, period: float, latency_s: float | None) -> SequenceScores:
        rows = [row(RLS, round(1 / period), period, 1.0, "target:tumour")]
        return replace(sequence_scores(name, rows, ["1s"]), gate="3 mm", latency_s=latency_s)

    late = cohort(of_rate("fast", 0.2, 1.1), of_rate("slow", 0.25, 1.1))
    said = "forecasts 1 s ahead that are 1.00 s old in slow and 1.20 s old in fast: no mean of their scores of gating"
    assert said in gated_apart(late)
    assert said in render_cohort(late)
    # No longer than the horizon, the machine waits for it; 2.6 s are 2.60 and 2.50 s.
    for latency_s in (None, 0.0, 0.3, 1.0, 2.6):
        assert gated_apart(cohort(of_rate("fast", 0.2, latency_s), of_rate("slow", 0.25, latency_s))) == ""


def test_a_target_that_some_lack_is_not_compared_and_this_is_said() -> None:
    data = cohort(
        with_target("a", {RLS: 1.0, LINEAR: 2.0}),
        with_target("b", {RLS: 1.0, LINEAR: 2.0}, region="target:cord"),
        sequence("c", {RLS: 1.0}),
    )
    assert target_tables(data) == []
    assert [(m.name, m.missing) for m in missing_targets(data)] == [("tumour", ["b", "c"]), ("cord", ["a", "c"])]
    page = render_cohort(data)
    assert "tumour against the measured motion is not compared: there are no such scores of b, c." in page


def test_targets_are_no_region_of_the_motion_and_no_cohort_without_them_speaks_of_them() -> None:
    data = cohort(with_target("a", {RLS: 1.0, LINEAR: 2.0}))
    assert [r.method for r in method_rows(data, "image")] == [RLS, LINEAR]
    assert main_region([data.sequences[0].regions]) == "image"
    assert "Targets" not in render_cohort(cohort(sequence("a", {RLS: 1.0})))


def test_the_name_of_a_target_is_escaped() -> None:
    page = render_cohort(cohort(with_target("a", {RLS: 1.0}, region=f"target:{HOSTILE}")))
    assert "<script" not in page
