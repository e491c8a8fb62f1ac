"""Pictures, scripts and tables of a report, each on its own."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.pictures import Window, difference_limit, error_limit_mm, good_frames, grey_window
from cinecast.report.breathing import breathing_phase, breathing_signal, busiest_column
from cinecast.report.packing import (
    dvf_step_mm,
    grey_scale,
    pack_floats,
    pack_integers,
    pack_shortened,
    pack_steps,
    quantise_dvf,
    quantise_grey,
)
from cinecast.report.page_data import player_positions
from cinecast.report.score_table import ScoreCell, best_values, format_cell, score_rows
from cinecast.report.scripts import call_script, rounded
from cinecast.report.text_of_bytes import text_of
from cinecast.sequence import Roi
from helpers import packed_form
from helpers.report_data import Simulated, field_of, simulated_report


@pytest.mark.parametrize("kind", ["uint16", "int16"])
def test_packed_pictures_are_the_same_whatever_their_values(rng: np.random.Generator, kind: str) -> None:
    limits = np.iinfo(kind)
    values = rng.integers(limits.min, limits.max + 1, (3, 2, 21, 13)).astype(kind)
    packed = pack_integers(values)
    assert packed["kind"] == kind
    np.testing.assert_array_equal(packed_form.integers(packed), values)


def test_packed_floats_are_the_same(rng: np.random.Generator) -> None:
    values = rng.standard_normal((3, 5)).astype(np.float32)
    values[0, 0], values[1, 1] = np.nan, np.inf
    packed = pack_floats(values)
    np.testing.assert_array_equal(packed_form.floats(packed), values)


def test_weights_that_overflow_become_infinite() -> None:
    packed = pack_floats(np.array([1e300, -1e300]))
    assert packed_form.floats(packed).tolist() == [math.inf, -math.inf]


def test_small_differences_share_a_byte_and_large_ones_follow(rng: np.random.Generator) -> None:
    values = rng.integers(-2, 3, (3, 2, 21, 13)).cumsum(axis=-1).cumsum(axis=-2).astype(np.int16)
    values[1, 0, 4, 5] = -32768
    packed = pack_integers(values)
    assert "data" not in packed
    np.testing.assert_array_equal(packed_form.integers(packed), values)
    smooth = pack_integers(np.zeros((1, 3, 3), np.uint16))  # an odd number, none of them large
    np.testing.assert_array_equal(packed_form.integers(smooth), 0)


@pytest.mark.parametrize("length", range(9))
def test_text_holds_any_number_of_bytes(rng: np.random.Generator, length: int) -> None:
    content = rng.bytes(length)
    assert packed_form.bytes_of(text_of(content)) == content
    assert packed_form.bytes_of(text_of(b"\xff" * length)) == b"\xff" * length


def test_shortened_floats_keep_16_binary_digits(rng: np.random.Generator) -> None:
    values = rng.standard_normal((50, 40)) * 10.0 ** rng.integers(-9, 9, (50, 40))
    values[0, :4] = np.nan, np.inf, -1e300, 3.4028235e38
    found = packed_form.floats(pack_shortened(values))
    assert np.isnan(found[0, 0])
    assert found[0, 1:4].tolist() == [math.inf, -math.inf, math.inf]
    np.testing.assert_allclose(found[1:], values[1:], rtol=2.0**-16)
    whole = np.arange(0, 65536.0).reshape(2, -1)
    np.testing.assert_array_equal(packed_form.floats(pack_shortened(whole)), whole)


def test_steps_are_those_of_each_picture(rng: np.random.Generator) -> None:
    values = rng.standard_normal((3, 2, 9, 7)) * np.array([1e-3, 1, 1e3]).reshape(3, 1, 1, 1)
    values[1] = 0
    packed = pack_steps(values)
    found = packed_form.integers(packed["values"]) * np.reshape(packed["steps"], (3, 1, 1, 1))
    for k in (0, 2):
        assert np.abs(found[k] - values[k]).max() <= np.abs(values[k]).max() / 65534 * (1 + 1e-9)
    assert not found[1].any()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int64"])
def test_whole_grey_values_are_stored_exactly(rng: np.random.Generator, dtype: str) -> None:
    frames = rng.integers(5, 200, (2, 9, 9)).astype(dtype)
    grey = grey_scale([frames])
    assert (grey.step, grey.levels) == (1, frames.max() + 1)
    np.testing.assert_array_equal(grey.low + quantise_grey(frames, grey), frames)


def test_other_grey_values_are_stored_to_half_a_step(rng: np.random.Generator) -> None:
    frames = rng.uniform(-3, 8, (2, 9, 9))
    grey = grey_scale([frames])
    assert grey.levels == 4096
    assert np.abs(grey.low + grey.step * quantise_grey(frames, grey) - frames).max() <= grey.step / 2 * (1 + 1e-9)


def test_a_black_pixel_has_a_level_in_bright_frames(rng: np.random.Generator) -> None:
    assert grey_scale([rng.uniform(100, 200, (2, 9, 9))]).low == 0


def test_stored_motion_is_off_by_half_a_step(rng: np.random.Generator) -> None:
    dvf, spacing = rng.normal(0, 5, (4, 9, 7, 2)), (2.0, 1.5)
    step = dvf_step_mm(dvf, spacing)
    assert step == 0.02
    stored = np.moveaxis(quantise_dvf(dvf, range(len(dvf)), spacing, step), 1, -1) * step
    assert np.abs(stored - dvf * (1.5, 2.0)).max() <= 0.01 * (1 + 1e-9)


def test_wild_motion_widens_the_step_instead_of_wrapping(rng: np.random.Generator) -> None:
    dvf = rng.normal(0, 5, (4, 9, 7, 2))
    dvf[0, 0, 0, 1] = -2000
    step = dvf_step_mm(dvf, (2.0, 1.5))
    assert quantise_dvf(dvf, [0], (2.0, 1.5), step)[0, 1, 0, 0] == -32767
    assert step == pytest.approx(4000 / 32767)


def test_the_window_leaves_out_outliers_unless_nothing_remains() -> None:
    frames = np.arange(1000.0).reshape(1, 20, 50)
    frames[0, 0, 0] = -1e6
    assert grey_window(frames) == pytest.approx((4.995, 994.005))
    background = np.zeros((1, 50, 50))
    background[0, 0, 0] = 7
    assert grey_window(background) == (0, 7)


def test_scales_of_a_long_recording_are_those_of_frames_all_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.arange(1000.0)[:, np.newaxis, np.newaxis] * np.ones((6, 5))
    whole, limit = grey_window(frames), difference_limit(frames, frames[0], Window(0, 1250))
    monkeypatch.setattr("cinecast.pictures._MOST_PIXELS", 3000)
    assert grey_window(frames) == pytest.approx(whole, abs=10)
    assert difference_limit(frames, frames[0], Window(0, 1250)) == limit == 80
    assert grey_window(frames[:100]) == (0, 99)


def test_scales_are_made_for_good_frames(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = simulated_report(rng).sequence
    frames = sequence.frames
    np.testing.assert_array_equal(good_frames(sequence), frames)
    np.testing.assert_array_equal(good_frames(sequence, range(4, 9)), frames[4:9])
    faulty = replace(sequence, faults={0: "frozen", 5: "nearly black", 8: "mirrored"})
    np.testing.assert_array_equal(good_frames(faulty, range(4, 10)), frames[[4, 6, 7, 9]])
    np.testing.assert_array_equal(good_frames(faulty), frames[[t for t in range(len(frames)) if t not in (0, 5, 8)]])
    np.testing.assert_array_equal(good_frames(faulty, range(5, 6)), frames[5:6])  # there is no other
    monkeypatch.setattr("cinecast.pictures._MOST_PIXELS", 3 * frames[0].size)
    np.testing.assert_array_equal(good_frames(faulty, range(4, 10)), frames[[4, 7]])


@pytest.mark.parametrize(("largest", "limit"), [(0, 5), (12, 5), (13, 10), (51, 20), (255, 100), (900, 100)])
def test_the_colour_scale_of_differences_ends_at_whole_steps(largest: int, limit: int) -> None:
    assert difference_limit(np.full((2, 3, 3), 900 - largest), np.full((3, 3), 900.0), Window(0, 255)) == limit


@pytest.mark.parametrize(
    ("errors", "limit"), [([], 100), ([0.2, math.nan], 0.5), ([3.1], 5), ([5.0, 1.0], 5), ([1e9], 100)]
)
def test_the_colour_scale_of_errors_ends_at_readable_numbers(errors: list[float], limit: float) -> None:
    assert error_limit_mm(errors) == limit


def test_phases_run_from_maximum_to_maximum() -> None:
    phases = breathing_phase(np.cos(2 * np.pi * (np.arange(40) - 5) / 12))
    assert np.isnan(phases[:5]).all()
    np.testing.assert_allclose(phases[5:29], np.tile(np.arange(12) / 12, 2))
    assert phases[29] == 1
    assert np.isnan(phases[30:]).all()


def test_a_ripple_is_no_breath() -> None:
    time = np.arange(120)
    signal = np.cos(2 * np.pi * time / 30) + 0.05 * np.cos(2 * np.pi * time / 5)
    phases = breathing_phase(signal)
    assert (phases == 0).sum() == 2  # at 30 and 60; the last maximum only ends a breath


@pytest.mark.parametrize("signal", [np.zeros(20), np.arange(20.0)])
def test_without_a_breath_there_is_no_phase(signal: NDArray[np.float64]) -> None:
    assert np.isnan(breathing_phase(signal)).all()


def test_the_breathing_signal_is_the_motion_down_the_image_in_mm(rng: np.random.Generator) -> None:
    model = simulated_report(rng).models[0]
    model.mean[..., 0] = 9  # to the right
    roi = Roi((4, 20), (2, 10))
    signal = breathing_signal(model, roi, (2.0, 1.5))
    expected = 2.0 * field_of(model, model.weights[7])[4:20, 2:10, 1].mean()
    assert signal[7] == pytest.approx(expected)


def test_the_line_starts_where_most_moves_along_it(rng: np.random.Generator) -> None:
    model = simulated_report(rng).models[0]
    model.modes[0, 6:9, 5, 1] = 3
    assert busiest_column(model, None) == 5
    assert busiest_column(model, Roi((4, 20), (2, 10))) == 5
    assert busiest_column(model, Roi((4, 20), (7, 10))) in (7, 8)


@given(st.integers(1, 40), st.integers(1, 50))
def test_the_player_takes_even_steps_within_its_limit(test_count: int, max_frames: int) -> None:
    what = Simulated(frame_count=50, test_count=test_count, max_frames=max_frames, methods=("linear",))
    positions = player_positions(simulated_report(np.random.default_rng(0), what))
    assert 1 <= len(positions) <= max_frames
    assert positions[0] == 0
    assert positions[-1] < test_count
    assert {b - a for a, b in pairwise(positions)} <= {positions.step}
    assert positions.step == 1 or len(positions) * positions.step >= test_count


def test_scripts_hold_no_html() -> None:
    script = call_script("f", "</script>&\u2028", [1.5, None])
    assert script == b'f("\\u003c/script\\u003e\\u0026\\u2028",[1.5,null]);\n'


def test_scripts_refuse_what_json_lacks() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        call_script("f", float("nan"))


def test_rounded_numbers_keep_their_digits_and_lose_nan() -> None:
    values = np.array([[123456.789, np.nan], [-0.000123456789, np.inf]])
    assert rounded(values) == [[123460.0, None], [-0.00012346, None]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (ScoreCell(0.856, 0.021), "0.86 ± 0.02"),
        (ScoreCell(0.856), "0.86"),
        (ScoreCell(0.856, 0.0), "0.86 ± 0.00"),
        (ScoreCell(0.856, 0.004), "0.86 ± <0.01"),
        (ScoreCell(0.856, 0.007), "0.86 ± 0.01"),
        (ScoreCell(), "\N{EN DASH}"),
    ],
)
def test_cells_read_as_people_write_them(cell: ScoreCell, text: str) -> None:
    assert format_cell(cell, 2) == text


def test_rows_gather_scores_and_lend_those_of_the_weights_to_every_region() -> None:
    common = {"method": "rls", "protocol": "causal", "horizon_frames": "2", "horizon_s": "0.5", "runs": "3"}
    scores = [
        common | {"region": "image", "metric": "ssim", "value": "0.9", "half_range_95": "0.01"},
        common | {"region": "roi", "metric": "ssim", "value": "0.8", "half_range_95": ""},
        common | {"region": "image", "metric": "weights_nrmse", "value": "0.4", "half_range_95": "", "runs": "5"},
    ]
    image, roi = score_rows(scores)
    assert (image.region, image.cells["ssim"], image.value("weights_nrmse")) == ("image", ScoreCell(0.9, 0.01), 0.4)
    assert (roi.region, roi.value("ssim"), roi.value("weights_nrmse"), roi.runs) == ("roi", 0.8, 0.4, 5)
    assert np.isnan(roi.value("nrmse"))


def test_best_is_high_for_likeness_and_low_for_errors() -> None:
    def score(method: str, metric: str, value: str) -> dict[str, str]:
        row = {"method": method, "protocol": "causal", "horizon_frames": "1", "horizon_s": "0.5", "region": "image"}
        return row | {"metric": metric, "value": value, "half_range_95": "", "runs": "1"}

    pairs = [("a", "0.7", "2.0"), ("b", "0.9", "3.0"), ("oracle", "1.0", "0.1"), ("persistence", "0.95", "0.2")]
    scores = [s for m, ssim, error in pairs for s in (score(m, "ssim", ssim), score(m, "dvf_error_mean_mm", error))]
    best = best_values(score_rows(scores))
    assert best[1, "image", "ssim"] == 0.9
    assert best[1, "image", "dvf_error_mean_mm"] == 2.0
