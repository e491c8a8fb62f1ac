"""The table of scores on a terminal: errors at landmarks first, a dash where there is no number."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest
from rich.console import Console

from cinecast.cli import console
from cinecast.cli.tables import SERIES_COLUMNS, scores_table, sorted_lines


def score(method: str, region: str, metric: str, value: float) -> dict[str, str]:
    return {
        "sequence": "lung",
        "method": method,
        "protocol": "causal",
        "horizon_frames": "2",
        "horizon_s": "0.5",
        "region": region,
        "against": "landmarks" if region == "landmarks" else "measured",
        "metric": metric,
        "value": repr(value),
        "half_range_95": "",
        "runs": "1",
    }


def shown(rows: list[dict[str, str]], **options: object) -> str:
    screen = Console(width=200, force_terminal=True, color_system="standard")
    with screen.capture() as captured:
        screen.print(scores_table(rows, **options))  # type: ignore[arg-type]
    return captured.get()


AGAINST_MOTION = [
    score("oracle", "image", "dvf_error_mean_mm", 0.1),
    score("persistence", "image", "dvf_error_mean_mm", 2.0),
    score("linear", "image", "dvf_error_mean_mm", 1.25),
    score("rls", "image", "dvf_error_mean_mm", 0.75),
]
AT_LANDMARKS = [
    score("measured", "landmarks", "landmark_error_mean_mm", 0.375),
    score("oracle", "landmarks", "landmark_error_mean_mm", 0.5),
    score("persistence", "landmarks", "landmark_error_mean_mm", 3.0),
    score("linear", "landmarks", "landmark_error_mean_mm", 1.5),
    score("rls", "landmarks", "landmark_error_mean_mm", 1.625),
]


def plain(text: str) -> str:
    """Return the words of a text without styles and line breaks."""
    return " ".join(re.sub(r"\x1b\[[\d;]*m", "", text).split())


def lines(text: str, method: str) -> list[str]:
    """Return the lines of a method, without what is said below the table."""
    return [line for line in text.split("Mean distance")[0].splitlines() if method in line]


def test_errors_at_landmarks_stand_first_and_choose_the_bold_row() -> None:
    text = shown([*AT_LANDMARKS, *AGAINST_MOTION])
    _, first, second, *_ = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
    assert first.split() == ["horizon", "landmarks", "image"]
    assert second.split() == ["(frames)", "method", "mm", "mm"]
    (linear,), (rls,) = lines(text, "linear"), lines(text, "rls")
    assert "\x1b[1m" in linear
    assert "\x1b[1m" not in rls
    assert linear.index("1.50") < linear.index("1.25")
    assert "No landmarks" not in text


def test_lines_are_in_the_order_of_their_horizons_as_numbers() -> None:
    longer = [row | {"horizon_frames": "10", "horizon_s": "2.5"} for row in AGAINST_MOTION]
    last_first = [*longer[::-1], *AGAINST_MOTION]
    methods = ["oracle", "persistence", "linear", "rls"]
    assert sorted_lines(last_first) == [*(("2", name) for name in methods), *(("10", name) for name in methods[::-1])]
    assert sorted_lines(last_first, ("rls",))[0] == ("2", "rls")


def test_the_measured_motion_has_a_row_and_dashes() -> None:
    (measured,) = lines(shown([*AT_LANDMARKS, *AGAINST_MOTION]), "measured")
    assert "0.38" in measured
    assert "\N{EN DASH}" in measured
    assert "\x1b[1m" not in measured


def test_without_landmarks_there_is_a_dash_and_a_sentence_and_never_a_zero() -> None:
    text = shown(AGAINST_MOTION)
    assert "landmarks" in text
    assert "No landmarks were followed in the test span" in plain(text)
    (rls,) = lines(text, "rls")
    assert rls.index("\N{EN DASH}") < rls.index("0.75")
    assert "\x1b[1m" in rls
    assert "0.00" not in text


def test_series_know_of_no_landmarks() -> None:
    text = shown([score("rls", "series", "rmse", 0.5)], columns=SERIES_COLUMNS)
    assert "andmark" not in text
    assert "0.500" in text


MORE = [
    *AT_LANDMARKS,
    *AGAINST_MOTION,
    *(score("rls", "roi", "dvf_error_mean_mm", 0.5), score("rls", "image", "ssim", 0.9)),
    *(score("rls", "image", "nrmse", 0.1), score("rls", "image", "step_time_ms", 0.1)),
]


def test_five_columns_are_shown_and_the_others_are_a_matter_of_wide() -> None:
    narrow, wide = shown(MORE), shown(MORE, wide=True)
    assert "ROI" in narrow
    assert "SSIM" not in narrow
    assert "All columns: --wide." in plain(narrow)
    assert all(heading in wide for heading in ("ROI", "SSIM", "nRMSE", "step"))
    assert "--wide" not in wide


def test_without_roi_the_next_column_takes_its_place() -> None:
    text = shown([row for row in MORE if row["region"] != "roi"])
    assert "ROI\n" not in text.split("Mean distance", maxsplit=1)[0]
    assert "SSIM" in text


def test_where_all_is_shown_nothing_more_is_promised() -> None:
    assert "--wide" not in shown([*AT_LANDMARKS, *AGAINST_MOTION])


def test_a_half_range_is_said_and_never_a_false_zero() -> None:
    small = score("snap1", "image", "dvf_error_mean_mm", 1.0) | {"half_range_95": "0.0004"}
    larger = score("snap1", "roi", "dvf_error_mean_mm", 1.0) | {"half_range_95": "0.016"}
    rounded = score("uoro", "roi", "dvf_error_mean_mm", 1.0) | {"half_range_95": "0.007"}
    text = shown([small, larger, rounded])
    assert "1.00 ±<0.01" in text
    assert "1.00 ±0.02" in text
    assert "1.00 ±0.01" in text
    assert "±: 95 % half range over random runs." in plain(text)
    assert "±" not in shown(AGAINST_MOTION)


@pytest.mark.parametrize("columns", [40, 80])
def test_no_word_is_cut_on_a_narrow_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "output", Console(width=columns))
    names = {"persistence": "population_transformer", "rls": "a_method_of_somebody_else"}
    rows = [row | {"method": names.get(row["method"], row["method"])} for row in MORE]
    printed = io.StringIO()
    with redirect_stdout(printed):
        console.print_table(scores_table(rows, wide=True))
    assert "…" not in printed.getvalue()
    assert all(name in printed.getvalue().split() for name in names.values())


def test_the_caption_names_the_roi_only_where_there_is_one() -> None:
    roi = score("linear", "roi", "dvf_error_mean_mm", 1.0)
    assert "from the measured motion in the image." in plain(shown([*AGAINST_MOTION, *AT_LANDMARKS]))
    assert "from the measured motion in image and ROI." in plain(shown([*AGAINST_MOTION, roi, *AT_LANDMARKS]))
