"""Gating on hand-made centroids: when the beam is on, whether rightly, and what has no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.frames.masks import Target
from cinecast.score.gating import (
    GATING_METRICS,
    GatingPlan,
    beam_on,
    gating_plan,
    late_frames,
    latency_frames,
    latency_words,
    score_gating,
)
from cinecast.score.gating_scores import (
    GatedReference,
    centroids_of,
    gate_by_forecasts,
    gated_reference,
    summarise_gating,
)
from cinecast.score.target_scores import TargetReference
from cinecast.settings import ScoreSettings
from cinecast.target import MaskSeries, pack

Array = NDArray[np.float64]
SHAPE = (20, 30)
SPACING = (2.5, 1.0)
MARGIN = 3.0
BOTH = (True, True)


def block(row: int, column: int) -> NDArray[np.bool_]:
    """Return a target of 3 x 4 pixels whose centroid lies at (row, column + 0.5)."""
    mask = np.zeros(SHAPE, dtype=bool)
    mask[row - 1 : row + 2, column - 1 : column + 3] = True
    return mask


PLAN = gating_plan(block(8, 10), spacing_mm=SPACING, margin_mm=MARGIN)


def moved(*steps: tuple[float, float]) -> Array:
    """Return centroids so many rows and columns away from the plan."""
    return PLAN.centroid_mm + np.array(steps) * SPACING


def scored(on: list[bool], centroids: Array, outside: Array | None = None) -> dict[str, float]:
    area = np.zeros(len(on)) if outside is None else outside
    return score_gating(PLAN, np.array(on, dtype=bool), centroids, area)


def test_the_plan_is_the_targets_own_mask() -> None:
    np.testing.assert_allclose(PLAN.centroid_mm, [8 * 2.5, 10.5 * 1.0])


def test_the_window_is_the_plan_dilated_in_mm_along_both_axes() -> None:
    inside = np.argwhere(block(8, 10)) * SPACING
    brute = np.zeros(SHAPE, dtype=bool)
    for pixel in np.ndindex(*SHAPE):
        brute[pixel] = np.linalg.norm(inside - np.array(pixel) * SPACING, axis=1).min() <= MARGIN
    np.testing.assert_array_equal(PLAN.window, brute)
    # A margin of 3 mm is one row of 2.5 mm, and three columns of 1 mm.
    assert np.flatnonzero(PLAN.window.any(axis=1)).tolist() == [6, 7, 8, 9, 10]
    assert np.flatnonzero(PLAN.window.any(axis=0)).tolist() == list(range(6, 16))


@pytest.mark.parametrize("spacing", [1.2, 0.6, 2.4, 0.1])
def test_a_spacing_in_single_precision_takes_nothing_off_the_margin(spacing: float) -> None:
    # NIfTI keeps 1.2 mm as 1.2000000477, so that five pixels are a little more than 6 mm.
    single = float(np.float32(spacing))
    assert single > spacing
    plans = [gating_plan(block(8, 10), spacing_mm=(each, each), margin_mm=5 * spacing) for each in (spacing, single)]
    np.testing.assert_array_equal(plans[0].window, plans[1].window)
    assert plans[1].window[3].any()
    assert beam_on(plans[1], plans[1].centroid_mm + np.array([5 * single, 0]))
    assert not beam_on(plans[1], plans[1].centroid_mm + np.array([5.0001 * single, 0]))


def test_the_share_of_a_target_outside_the_window() -> None:
    assert PLAN.area_outside(block(8, 13)) == 0
    assert PLAN.area_outside(block(8, 14)) == 3 / 12  # its last column of three pixels
    assert PLAN.area_outside(block(15, 10)) == 1
    assert np.isnan(PLAN.area_outside(np.zeros(SHAPE, dtype=bool)))


def test_the_beam_is_on_within_the_margin_and_at_it() -> None:
    one_row, two_rows, three_columns, four_columns = (1, 0), (2, 0), (0, 3), (0, 4)
    on = beam_on(PLAN, moved((0, 0), one_row, two_rows, three_columns, four_columns))
    assert on.tolist() == [True, True, False, True, False]


def test_the_beam_is_off_where_the_target_was_missed() -> None:
    assert beam_on(PLAN, np.array([[np.nan, np.nan]])).tolist() == [False]
    for by_radius in ("narrow", "widen"):
        assert not beam_on(PLAN, np.full((1, 2), np.nan), np.array([9e9]), by_radius).any()  # type: ignore[arg-type]


def test_every_number_of_known_decisions() -> None:
    centroids = moved((0, 0), (0, 1), (0, 5), (2, 0), (0, 2), (0, 3))  # 0, 1, 5, 5, 2 and 3 mm off: in in out out in in
    found = scored([True, True, True, False, False, False], centroids, np.array([0, 0, 0.6, 1, 0, 0]))
    assert found == {
        "duty_cycle": 3 / 6,
        "gate_correct": 3 / 6,
        "outside_while_on": 1 / 3,
        "inside_while_off": 2 / 3,
        "area_outside_while_on": pytest.approx(0.2),
        "gating_error_mm": pytest.approx((0 + 1 + 5) / 3),
    }
    assert tuple(found) == GATING_METRICS


def test_what_never_happens_has_no_number_and_no_zero() -> None:
    never_on = scored([False, False], moved((0, 0), (0, 9)))
    assert (never_on["duty_cycle"], never_on["gate_correct"], never_on["inside_while_off"]) == (0, 0.5, 0.5)
    assert all(np.isnan(never_on[n]) for n in ("outside_while_on", "area_outside_while_on", "gating_error_mm"))
    never_off = scored([True, True], moved((0, 0), (0, 9)))
    assert np.isnan(never_off["inside_while_off"])
    assert never_off["outside_while_on"] == 0.5
    assert all(np.isnan(value) for value in scored([True], np.full((1, 2), np.nan)).values())


def test_a_frame_without_reference_does_not_count() -> None:
    centroids = moved((0, 0), (0, 9), (0, 0))
    centroids[1] = np.nan
    assert scored([True, True, False], centroids)["duty_cycle"] == 0.5


@pytest.mark.parametrize("by_radius", ["ignore", "narrow", "widen"])
def test_a_radius_of_nothing_changes_nothing(by_radius: str) -> None:
    centroids = PLAN.centroid_mm + np.random.default_rng(0).normal(0, 3, (200, 2))
    plain = beam_on(PLAN, centroids)
    assert 20 < plain.sum() < 180
    np.testing.assert_array_equal(beam_on(PLAN, centroids, np.zeros(200), by_radius), plain)  # type: ignore[arg-type]


def test_a_radius_narrows_or_widens_the_margin() -> None:
    centroids, radius = moved((0, 0), (0, 1), (0, 2), (0, 4), (0, 5)), np.full(5, 1.5)
    assert beam_on(PLAN, centroids, radius, "ignore").tolist() == [True, True, True, False, False]
    assert beam_on(PLAN, centroids, radius, "narrow").tolist() == [True, True, False, False, False]
    assert beam_on(PLAN, centroids, radius, "widen").tolist() == [True, True, True, True, False]


@pytest.mark.parametrize("huge", [1e30, np.inf])
def test_a_huge_radius_closes_the_gate_or_opens_it_for_good(huge: float) -> None:
    centroids, radius = moved((0, 0), (0, 50)), np.full(2, huge)
    assert not beam_on(PLAN, centroids, radius, "narrow").any()
    assert beam_on(PLAN, centroids, radius, "widen").all()


def test_where_nobody_knows_the_radius_a_narrowed_gate_is_closed_and_a_widened_one_as_it_is() -> None:
    centroids, unknown = moved((0, 0), (0, 4)), np.full(2, np.nan)
    assert not beam_on(PLAN, centroids, unknown, "narrow").any()
    assert beam_on(PLAN, centroids, unknown, "widen").tolist() == [True, False]


def test_latency_in_frames() -> None:
    assert latency_frames(None, 0.2) == 0
    assert [latency_frames(s, 0.2) for s in (0, 0.09, 0.1, 0.4, 0.5)] == [0, 0, 1, 2, 3]


@pytest.mark.parametrize(
    ("latency_s", "period_s", "words"),
    [
        (0.0, 0.2, "0 s"),
        (0.4, 0.2, "0.4 s"),
        (0.5, 0.1675, "0.5 s"),  # three frames take 0.5025 s
        (0.05, 0.2, "0.05 s, which counts as 0 frames (0 s)"),
        (0.1, 0.2, "0.1 s, which counts as 1 frame (0.2 s)"),
        (0.5, 0.2, "0.5 s, which counts as 3 frames (0.6 s)"),
    ],
)
def test_a_latency_that_is_no_whole_number_of_frames_is_said_as_it_counts(
    latency_s: float, period_s: float, words: str
) -> None:
    assert latency_words(latency_s, period_s) == words


def test_a_beam_later_than_the_horizon_acts_on_an_older_forecast_and_a_faster_one_waits() -> None:
    assert [late_frames(latency, 2) for latency in (0, 1, 2, 3, 6)] == [0, 0, 0, 1, 4]
    assert late_frames(6, 0) == 0  # the oracle forecasts nothing


TARGET = Target("tumour", block(8, 10), 0)
FIRST, COUNT = 5, 20
TEST = np.arange(FIRST, COUNT)
COLUMNS = np.array([10, 10, 10, 10, 10, *np.resize([10, 11, 12, 13, 14, 15, 14, 13, 12, 11], COUNT - FIRST)])


def followed(columns: NDArray[np.int64] = COLUMNS) -> MaskSeries:
    """Return masks of a target that moves along the columns, 1 mm at most from frame to frame."""
    return pack([block(8, int(column)) for column in columns], SHAPE)


def gated(begin: int = FIRST, masks: MaskSeries | None = None) -> GatedReference:
    reference = TargetReference(TARGET, "labels", masks or followed(), tuple(range(FIRST, COUNT)))
    return gated_reference(reference, range(begin, COUNT), SPACING, MARGIN)


def forecast(masks: MaskSeries) -> Array:
    """Return the centroids of the test frames as those of one run."""
    return centroids_of(MaskSeries(masks.bits[np.newaxis, FIRST:], masks.shape), SPACING)


def numbers(reference: GatedReference, on: NDArray[np.bool_]) -> dict[str, float]:
    rows = summarise_gating(reference, on, np.ones(len(on), dtype=bool))
    assert {(row.region, row.against) for row in rows} == {("target:tumour", "labels")}
    return {row.metric: row.value for row in rows}


def test_perfect_knowledge_is_right_always() -> None:
    found = numbers(gated(), gated().perfect)
    assert found["gate_correct"] == 1
    assert found["outside_while_on"] == found["inside_while_off"] == 0
    off = COLUMNS[FIRST:] - 10
    assert found["duty_cycle"] == (off <= 3).mean()
    assert found["gating_error_mm"] == pytest.approx(off[off <= 3].mean())


def test_the_latest_frame_is_right_always_of_a_target_that_is_still() -> None:
    still = followed(np.full(COUNT, 12))
    on = gate_by_forecasts(gated(masks=still), forecast(still), FIRST, ScoreSettings(), acted_on=TEST)
    assert numbers(gated(masks=still), on) == {
        "duty_cycle": 1,
        "gate_correct": 1,
        "outside_while_on": 0,
        "area_outside_while_on": 0,
        "gating_error_mm": pytest.approx(2),
    }


def test_no_forecast_is_wrong_where_the_target_crosses_the_margin() -> None:
    seen_before = followed(np.concatenate([COLUMNS[:2], COLUMNS[:-2]]))
    on = gate_by_forecasts(gated(), forecast(seen_before), FIRST, ScoreSettings(), acted_on=TEST)
    distance = COLUMNS - 10
    expected = distance[FIRST - 2 : -2] <= 3
    np.testing.assert_array_equal(on[0], expected)
    assert numbers(gated(), on)["gate_correct"] == (expected == (distance[FIRST:] <= 3)).mean() < 1


def test_a_late_beam_acts_on_the_forecast_of_an_earlier_frame() -> None:
    late = 2
    on = gate_by_forecasts(gated(FIRST + late), forecast(followed()), FIRST, ScoreSettings(), acted_on=TEST - late)
    distance = (COLUMNS - 10)[FIRST:]
    assert not on[0, :late].any()
    np.testing.assert_array_equal(on[0, late:], distance[:-late] <= 3)
    found = numbers(gated(FIRST + late), on)
    assert found["gate_correct"] == ((distance[:-late] <= 3) == (distance[late:] <= 3)).mean() < 1
    assert found["duty_cycle"] == (distance[:-late] <= 3).mean()  # frames before the latency do not count


def test_the_radius_travels_with_its_forecast() -> None:
    late = 1
    radius = np.zeros((1, COUNT - FIRST))
    radius[0, 3] = 99.0
    narrow = ScoreSettings(gate_by_radius="narrow")
    near = forecast(followed(np.full(COUNT, 10)))
    on = gate_by_forecasts(gated(), near, FIRST, narrow, acted_on=TEST - late, radius_mm=radius)
    assert np.flatnonzero(~on[0]).tolist() == [0, 3 + late]


def test_a_missed_target_closes_the_gate() -> None:
    bits = followed().bits.copy()
    bits[FIRST + 1] = 0
    lost = MaskSeries(bits, SHAPE)
    on = gate_by_forecasts(gated(), forecast(lost), FIRST, ScoreSettings(), acted_on=TEST)
    assert on[0, :3].tolist() == [True, False, True]
    reference = gated(masks=lost)  # a reference that is empty: the frame is left out
    assert reference.counted.tolist() == [True, False] + [True] * 13
    assert numbers(reference, reference.perfect)["gate_correct"] == 1


def test_a_beam_that_is_on_while_the_reference_shows_no_target_is_counted_apart() -> None:
    bits = followed(np.full(COUNT, 10)).bits.copy()
    gone = [FIRST, FIRST + 4, FIRST + 5]
    bits[gone] = 0
    reference = gated(FIRST + 1, MaskSeries(bits, SHAPE))  # of a frame that does not count nobody asks
    on = np.ones((3, COUNT - FIRST), dtype=bool)
    on[1, 4] = False
    found = {row.metric: row for row in summarise_gating(reference, on, np.array([True, True, False]))}
    assert (found["on_without_reference"].value, found["on_without_reference"].runs) == (1.5, 2)
    assert found["duty_cycle"].value == found["gate_correct"].value == 1
    assert numbers(reference, reference.perfect)["on_without_reference"] == 0
    assert "on_without_reference" not in numbers(gated(), on[:1])


def test_runs_that_diverged_do_not_count_and_runs_that_were_never_on_are_told() -> None:
    never, always = np.zeros((1, 15), dtype=bool), np.ones((1, 15), dtype=bool)
    known = np.array([True, True, False])
    rows = {row.metric: row for row in summarise_gating(gated(), np.concatenate([never, always, always]), known)}
    assert (rows["duty_cycle"].value, rows["duty_cycle"].runs) == (0.5, 2)
    assert rows["gating_error_mm"].runs == 1
    assert summarise_gating(gated(), always, np.zeros(1, dtype=bool)) == []


def test_where_no_frame_counts_there_are_no_rows() -> None:
    reference = TargetReference(TARGET, "labels", followed(), ())
    empty = gated_reference(reference, (), SPACING, MARGIN)
    assert summarise_gating(empty, empty.perfect, np.ones(1, dtype=bool)) == []


def test_a_larger_margin_never_shortens_the_time_with_the_beam_on() -> None:
    centroids = PLAN.centroid_mm + np.random.default_rng(1).normal(0, 3, (500, 2))
    duty = [beam_on(replace_margin(PLAN, margin), centroids).mean() for margin in (0.5, 1, 2, 4, 8)]
    assert duty == sorted(duty)
    assert duty[0] < duty[-1]


def replace_margin(plan: GatingPlan, margin: float) -> GatingPlan:
    return replace(plan, margin_mm=margin)


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"margin_mm": 0.0}, r"score.margin_mm \(--margin\) must be a number of mm above 0 to 100, got 0.0"),
        ({"latency_s": -0.1}, r"score.latency_s \(--latency\) must be a number of seconds from 0 to 60, got -0.1"),
        ({"gate_by_radius": "wide"}, "score.gate_by_radius must be .*ignore.*narrow.*widen.*got 'wide'"),
    ],
)
def test_settings_that_are_refused(own: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        ScoreSettings(**own)  # type: ignore[arg-type]
