"""The tables of targets on a terminal: one a target and ruler, narrow, with dashes where there is no number."""

from __future__ import annotations

import itertools
import re

import pytest
from rich.console import Console

from cinecast.cli.tables import scores_table
from cinecast.cli.target_tables import target_tables_of
from cinecast.settings import ScoreSettings

Row = dict[str, str]


def row(method: str, metric: str, value: float, half: str = "", *, frames: int = 2, **own: str) -> Row:
    base = {"sequence": "lung", "method": method, "protocol": "causal", "horizon_frames": str(frames)}
    base |= {"horizon_s": repr(frames * 0.2), "region": "target:tumour", "against": "measured", "metric": metric}
    return base | {"value": repr(value), "half_range_95": half, "runs": "1"} | own


def of_method(method: str, centroid: float, duty: float, right: float, **own: object) -> list[Row]:
    values = {"centroid_mm": centroid, "dice": 0.9126, "hd95_mm": 12.345, "missed": 0.4}
    values |= {"duty_cycle": duty, "gate_correct": right}
    return [row(method, metric, value, **own) for metric, value in values.items()]  # type: ignore[arg-type]


PERFECT = [row("perfect", "duty_cycle", 0.5), row("perfect", "gate_correct", 1.0)]
ROWS = [
    *of_method("oracle", 0.1, 0.5, 0.99),
    *PERFECT,
    *of_method("persistence", 3.0, 0.25, 0.8),
    *of_method("linear", 0.678, 0.375, 0.9215),
    *of_method("population_transformer", 10.678, 0.375, 0.9215, half="1.2345"),
    *of_method("linear", 0.9, 0.4, 0.9, frames=3),
]


def shown(rows: list[Row], width: int = 80, **settings: object) -> list[str]:
    console = Console(width=width, force_terminal=True, color_system="standard")
    texts = []
    for table in target_tables_of(rows, ScoreSettings(**settings)):  # type: ignore[arg-type]
        with console.capture() as captured:
            console.print(table)
        texts.append(captured.get())
    return texts


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_no_target_has_no_table() -> None:
    assert shown([row("linear", "ssim", 0.9, region="image")]) == []


def test_a_line_for_each_method_and_horizon_and_no_word_is_cut_at_80_columns() -> None:
    (text,) = shown(ROWS)
    assert "…" not in text
    lines = plain(text).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].strip() == "Target tumour against the measured motion"
    table = list(itertools.takewhile(lambda line: "Duty" not in line, lines))
    cells = [line.split() for line in table if any(m in line for m in ("perfect", "oracle", "pers", "linear", "pop"))]
    assert cells == [
        ["0.40", "s", "perfect", "–", "–", "–", "–", "50.0", "100.0"],  # noqa: RUF001
        ["oracle", "0.10", "0.913", "12.35", "0.4", "50.0", "99.0"],
        ["persistence", "3.00", "0.913", "12.35", "0.4", "25.0", "80.0"],
        ["linear", "0.68", "0.913", "12.35", "0.4", "37.5", "92.2"],
        ["population_transformer", "10.68", "±1.23", "0.913", "12.35", "0.4", "37.5", "92.2"],
        ["0.60", "s", "linear", "0.90", "0.913", "12.35", "0.4", "40.0", "90.0"],
    ]


def test_the_smallest_centroid_error_of_a_forecaster_is_bold() -> None:
    (text,) = shown(ROWS)
    bold = [plain(line).split() for line in text.splitlines() if re.search(r"\x1b\[1m\s*\d", line)]
    assert [line[:4] for line in bold] == [["linear", "0.68", "0.913", "12.35"], ["0.60", "s", "linear", "0.90"]]


def test_each_ruler_and_each_target_has_its_own_table() -> None:
    other = [
        row("linear", "centroid_mm", 5.0, against="labels"),
        row("linear", "centroid_mm", 7.0, region="target:cord"),
    ]
    texts = [plain(text) for text in shown([*ROWS, *other])]
    assert [text.splitlines()[0].strip() for text in texts] == [
        "Target tumour against the measured motion",
        "Target tumour against labels",
        "Target cord against the measured motion",
    ]
    assert "5.00" in texts[1]
    assert "5.00" not in texts[0] + texts[2]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "within 3 mm of the plan and a latency as long as the horizon"),
        ({"margin_mm": 5.0, "latency_s": 0.4}, "within 5 mm of the plan and a latency of 0.4 s. Right"),
        # 2.5 frames of 0.2 s.
        ({"latency_s": 0.5}, "a latency of 0.5 s, which counts as 3 frames (0.6 s). Right"),
        ({"gate_by_radius": "narrow"}, "within 3 mm less its radius of the plan"),
        ({"gate_by_radius": "widen"}, "within 3 mm and its radius of the plan"),
    ],
)
def test_how_the_beam_was_gated_is_said(settings: dict[str, object], words: str) -> None:
    (text,) = shown(ROWS, **settings)
    assert words in " ".join(plain(text).split())


def test_targets_have_no_lines_in_the_table_of_methods() -> None:
    rows = [row("linear", "dvf_error_mean_mm", 0.75, region="image"), *ROWS]
    console = Console(width=200)
    with console.capture() as captured:
        console.print(scores_table(rows))
    text = captured.get()
    assert "linear" in text
    assert "perfect" not in text
    assert "10.678" not in text


def test_brackets_of_a_name_are_no_markup() -> None:
    for name in ("GTV [left]", "a[/]b"):
        (text,) = shown([row("linear", "dice", 0.9, region=f"target:{name}")])
        assert f"Target {name} against the measured motion" in plain(text)


def test_a_table_of_the_published_protocol_says_that_it_is_non_causal() -> None:
    rows = of_method("linear", 1.0, 0.5, 0.9, protocol="published")
    assert "Target tumour against the measured motion, NON-CAUSAL" in plain(shown(rows)[0])
    assert "NON-CAUSAL" not in plain(shown(ROWS)[0])


def test_a_small_half_range_is_no_false_zero_and_many_missed_frames_are_counted_in_full() -> None:
    rows = [
        row("snap1", "centroid_mm", 1.25, "0.003"),
        row("uoro", "centroid_mm", 1.25, "0.0"),  # runs whose masks are the same
        row("snap1", "missed", 1234.0),
        row("uoro", "missed", 12.34),
    ]
    (text,) = shown(rows)
    lines = [line.split() for line in plain(text).splitlines() if "snap1" in line or "uoro" in line]
    assert [line[-7:-5] + line[-3:-2] for line in lines] == [["1.25", "±<0.01", "1234"], ["1.25", "±0.00", "12.3"]]
