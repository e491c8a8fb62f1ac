"""The table of scores on a terminal: errors at landmarks first, a dash where there is no number."""

from __future__ import annotations

from rich.console import Console

from cinecast.cli.tables import SERIES_COLUMNS, scores_table


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
    console = Console(width=200, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        console.print(scores_table(rows, **options))  # type: ignore[arg-type]
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


def lines(text: str, method: str) -> list[str]:
    return [line for line in text.splitlines() if method in line]


def test_errors_at_landmarks_stand_first_and_choose_the_bold_row() -> None:
    text = shown([*AT_LANDMARKS, *AGAINST_MOTION])
    heads = next(line for line in text.splitlines() if "method" in line)
    assert 0 < heads.index("landmark error, mm") < heads.rindex("error, mm") - 20
    (linear,), (rls,) = lines(text, "linear"), lines(text, "rls")
    assert "\x1b[1m" in linear
    assert "\x1b[1m" not in rls
    assert linear.index("1.500") < linear.index("1.250")
    assert "No landmarks" not in text


def test_the_measured_motion_has_a_row_and_dashes() -> None:
    (measured,) = lines(shown([*AT_LANDMARKS, *AGAINST_MOTION]), "measured")
    assert "0.375" in measured
    assert "\N{EN DASH}" in measured
    assert "\x1b[1m" not in measured


def test_without_landmarks_there_is_a_dash_and_a_sentence_and_never_a_zero() -> None:
    text = shown(AGAINST_MOTION)
    assert "landmark error, mm" in text
    assert "No landmarks were followed in the test span" in text
    (rls,) = lines(text, "rls")
    assert rls.index("\N{EN DASH}") < rls.index("0.750")
    assert "\x1b[1m" in rls
    assert "0.000" not in text


def test_series_know_of_no_landmarks() -> None:
    text = shown([score("rls", "series", "rmse", 0.5)], columns=SERIES_COLUMNS)
    assert "andmark" not in text
    assert "0.500" in text
