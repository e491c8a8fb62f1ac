"""Pictures, scripts and tables of a report, each on its own."""

from __future__ import annotations

import base64
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.report.page_data import player_positions
from cinecast.report.pictures import Window, difference_limit, encode_stack, grey_window, to_levels
from cinecast.report.score_table import Cell, best_values, format_cell, score_rows
from cinecast.report.scripts import call_script, rounded
from report_data import Simulated, simulated_report


def decoded(pictures: list[str]) -> NDArray[np.uint8]:
    steps = [cv2.imdecode(np.frombuffer(base64.b64decode(p), np.uint8), cv2.IMREAD_UNCHANGED)[..., 0] for p in pictures]
    return np.cumsum(np.stack(steps), axis=0, dtype=np.uint8)


def test_pictures_decode_to_the_same_levels(rng: np.random.Generator) -> None:
    levels = rng.integers(0, 256, (5, 21, 13), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(encode_stack(levels)), levels)


def test_levels_span_the_window() -> None:
    frames = np.array([[-300, 100, 150, 200, 4000]], dtype=np.int16)
    np.testing.assert_array_equal(to_levels(frames, Window(100.0, 200.0)), [[0, 0, 128, 255, 255]])


@given(st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_levels_do_not_depend_on_the_unit_of_intensity(scale: float, offset: float) -> None:
    frames = np.random.default_rng(0).uniform(0, 1, (3, 9, 9))
    other = scale * frames + offset
    levels, others = (to_levels(f, grey_window(f)).astype(int) for f in (frames, other))
    assert np.abs(levels - others).max() <= 1  # rounding of the scaled values


def test_the_window_leaves_out_outliers_unless_nothing_remains() -> None:
    frames = np.arange(1000.0).reshape(1, 20, 50)
    frames[0, 0, 0] = -1e6
    assert grey_window(frames) == pytest.approx((4.995, 994.005))
    background = np.zeros((1, 50, 50))
    background[0, 0, 0] = 7
    assert grey_window(background) == (0, 7)


@pytest.mark.parametrize(("largest", "limit"), [(0, 5), (12, 5), (13, 10), (51, 20), (255, 100)])
def test_the_colour_scale_ends_at_whole_steps(largest: int, limit: int) -> None:
    assert difference_limit([np.full((2, 3, 3), -largest, dtype=np.int16), np.zeros((0, 3, 3), np.int16)]) == limit


def test_the_colour_scale_of_nothing() -> None:
    assert difference_limit([]) == 5


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
        (Cell(0.856, 0.021), "0.86 ± 0.02"),
        (Cell(0.856), "0.86"),
        (Cell(0.856, 0.0), "0.86 ± 0.00"),
        (Cell(0.856, 0.004), "0.86 ± <0.01"),
        (Cell(), "\N{EN DASH}"),
    ],
)
def test_cells_read_as_people_write_them(cell: Cell, text: str) -> None:
    assert format_cell(cell, 2) == text


def test_rows_gather_scores_and_lend_those_of_the_weights_to_every_region() -> None:
    common = {"method": "rls", "protocol": "causal", "horizon_frames": "2", "horizon_s": "0.5", "runs": "3"}
    scores = [
        common | {"region": "image", "metric": "ssim", "value": "0.9", "half_range_95": "0.01"},
        common | {"region": "roi", "metric": "ssim", "value": "0.8", "half_range_95": ""},
        common | {"region": "image", "metric": "weights_nrmse", "value": "0.4", "half_range_95": ""},
    ]
    image, roi = score_rows(scores)
    assert (image.region, image.cells["ssim"], image.value("weights_nrmse")) == ("image", Cell(0.9, 0.01), 0.4)
    assert (roi.region, roi.value("ssim"), roi.value("weights_nrmse"), roi.runs) == ("roi", 0.8, 0.4, 3)
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
