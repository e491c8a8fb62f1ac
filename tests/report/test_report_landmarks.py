"""Errors at landmarks stand first in a report; where there are none, it says so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cinecast.report import compare_runs, render_report
from cinecast.report.headline import at_landmarks, headlines
from cinecast.report.score_table import COLUMNS, best_values, score_rows, shown_columns
from helpers.report_data import Simulated, simulated_report

WITH = Simulated(landmarks=4)


def words(files: dict[str, bytes]) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", files["index.html"].decode()).split())


def numbers(files: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(re.fullmatch(rb"cinecast\.start\((.*)\);\n", files["assets/numbers.js"])[1]))  # type: ignore[index]


def score(method: str, region: str, metric: str, value: float, horizon: int = 1) -> dict[str, str]:
    protocol = {"oracle": "oracle", "measured": "measured"}.get(method, "causal")
    where = {"horizon_frames": str(horizon), "horizon_s": "0.5", "region": region, "metric": metric}
    against = "landmarks" if region == "landmarks" else "measured"
    return where | {
        "method": method,
        "protocol": protocol,
        "against": against,
        "value": repr(value),
        "half_range_95": "",
        "runs": "1",
    }


MIXED = [
    score("measured", "landmarks", "landmark_error_mean_mm", 0.4),
    score("oracle", "landmarks", "landmark_error_mean_mm", 0.6),
    score("oracle", "image", "dvf_error_mean_mm", 0.1),
    score("persistence", "landmarks", "landmark_error_mean_mm", 3.0),
    score("persistence", "image", "dvf_error_mean_mm", 2.0),
    score("rls", "landmarks", "landmark_error_mean_mm", 1.5),
    score("rls", "image", "dvf_error_mean_mm", 0.9),
    score("linear", "landmarks", "landmark_error_mean_mm", 1.25),
    score("linear", "landmarks", "landmark_error_p95_mm", 2.75),
    score("linear", "image", "dvf_error_mean_mm", 1.0),
]


def test_the_best_is_the_best_at_the_landmarks() -> None:
    (line,) = headlines(score_rows(MIXED))
    assert (line.method, line.error_mm, line.motion_mm, line.at_landmarks) == ("linear", 1.25, 1.0, True)
    assert (line.persistence_mm, line.oracle_mm, line.measured_mm, line.p95_mm) == (3.0, 0.6, 0.4, 2.75)
    (bare,) = headlines(score_rows([row for row in MIXED if row["region"] != "landmarks"]))
    assert (bare.method, bare.error_mm, bare.at_landmarks) == ("rls", 0.9, False)
    assert np.isnan([bare.measured_mm, bare.p95_mm]).all()


def test_without_a_forecaster_the_references_stand_with_their_errors_at_the_landmarks() -> None:
    rows = score_rows([row for row in MIXED if row["method"] not in ("rls", "linear")])
    assert at_landmarks(rows)
    (line,) = headlines(rows)
    assert (line.method, line.at_landmarks) == (None, True)
    assert (line.persistence_mm, line.oracle_mm, line.measured_mm) == (3.0, 0.6, 0.4)


def test_outcomes_are_in_the_order_of_their_horizons() -> None:
    rows = [score("rls", "image", "dvf_error_mean_mm", frames / 10, frames) for frames in range(12, 0, -1)]
    found = [(line.horizon_frames, line.error_mm) for line in headlines(score_rows(rows))]
    assert found == [(frames, frames / 10) for frames in range(1, 13)]


def test_errors_at_landmarks_stand_in_the_rows_of_every_region() -> None:
    rows = score_rows([*MIXED, score("rls", "body", "dvf_error_mean_mm", 0.8)])
    assert {row.region for row in rows if row.method == "rls"} == {"image", "body"}
    assert all(row.value("landmark_error_mean_mm") == 1.5 for row in rows if row.method == "rls")
    measured = [row for row in rows if row.method == "measured"]
    assert [row.region for row in measured] == ["image", "body"]
    assert all(list(row.cells) == ["landmark_error_mean_mm"] and row.is_reference for row in measured)
    assert best_values(rows)[1, "image", "landmark_error_mean_mm"] == 1.25


def test_columns_begin_with_the_landmarks_and_tell_the_axes_that_are_known() -> None:
    assert [column.group for column in COLUMNS[:2]] == ["Landmark error"] * 2
    rows = score_rows([*MIXED, score("rls", "landmarks", "landmark_error_si_mm", 0.5)])
    told = [column.metric for column in shown_columns(rows)]
    assert told[:3] == ["landmark_error_mean_mm", "landmark_error_p95_mm", "landmark_error_si_mm"]
    assert not {"landmark_error_ap_mm", "landmark_error_rows_mm"} & set(told)


def test_the_outcome_says_them_first(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng, WITH))
    text = words(files)
    assert "Mean error at the landmarks (4, followed in 89 % of the test frames)" in text  # 8 of 9
    assert "No landmarks were followed" not in text
    rows = re.findall(r"<tr data-region.*?</tr>", files["index.html"].decode(), re.DOTALL)
    measured = [row for row in rows if "Measured motion" in row]
    assert len(measured) == 2 * 2  # regions, horizons
    assert all('<td data-value="0.5"' in row and "reference" in row for row in measured)
    assert all('<td data-value="nan"' in row for row in measured)  # it has no other score


def outcome(rng: np.random.Generator, persistence_mm: float) -> str:
    data = simulated_report(rng, Simulated(landmarks=4, roi=None, horizons=(1,)))
    scores = [row | {"sequence": "simulated"} for row in MIXED if row["method"] != "rls"]
    for row in scores:
        if (row["method"], row["region"]) == ("persistence", "landmarks"):
            row["value"] = repr(persistence_mm)
    return words(render_report(replace(data, scores=scores)))


def test_the_outcome_tells_both_rulers_apart(rng: np.random.Generator) -> None:
    best = "Linear regression is best, with an error at the landmarks of 1.25 mm (1.00 mm)"
    spread = "with a 95th percentile of 2.75 mm"
    rest = "oracle 0.60 mm; the measured motion itself 0.40 mm."
    assert f"{best}, {spread}; persistence 3.00 mm; {rest}" in outcome(rng, 3.0)
    lost = (
        "No method beats persistence. "
        "The nearest, Linear regression, has an error at the landmarks of 1.25 mm (1.00 mm)"
    )
    assert f"{lost}, {spread}; persistence 1.20 mm; {rest}" in outcome(rng, 1.2)


def test_charts_have_them_too(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng, replace(WITH, diverged=5)))
    run = numbers(files)
    points = run["horizon_errors"]
    assert points[0]["region"] == "landmarks"
    assert {(p["method"], p["frames"]) for p in points if p["region"] == "landmarks"} == {
        (method, frames) for method in ("oracle", "persistence", "linear", "snap1", "measured") for frames in (1, 3)
    }
    errors = {entry["method"]: entry["errors_mm"]["landmarks"] for entry in run["entries"]}
    assert errors["linear"] == [None, *[1.0] * 8]
    assert errors["snap1"] == [None, *[2.5] * 8]  # the first of three runs diverged
    assert '<option value="landmarks">Landmarks</option>' in files["index.html"].decode()


def test_a_last_frame_without_landmarks_loses_no_other(rng: np.random.Generator) -> None:
    data = simulated_report(rng, WITH)
    for entry in data.entries:
        assert entry.landmark_errors is not None
        entry.landmark_errors[:, -1] = np.nan
    errors = {entry["method"]: entry["errors_mm"]["landmarks"] for entry in numbers(render_report(data))["entries"]}
    assert errors["linear"] == [None, *[1.0] * 7, None]


def test_without_landmarks_there_is_a_dash_and_a_sentence(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng))
    assert "No landmarks were followed in the test span. So nothing here says how large the error of" in words(files)
    rows = re.findall(r"<tr data-region.*?</tr>", files["index.html"].decode(), re.DOTALL)
    assert all('<td data-value="nan" class="">\N{EN DASH}</td>' in row for row in rows)
    assert "Measured motion" not in files["index.html"].decode()
    assert 'value="landmarks"' not in files["index.html"].decode()


def test_compared_runs_name_their_measured_motion(rng: np.random.Generator) -> None:
    run = simulated_report(rng, WITH)
    text = words(render_report(compare_runs(["a", "b"], [run, run])))
    assert "a \N{MIDDLE DOT} Measured motion" in text
    assert "b \N{MIDDLE DOT} Measured motion" in text


@pytest.mark.parametrize("count", [0, 4])
def test_landmarks_change_no_byte_of_forecasts(rng: np.random.Generator, count: int) -> None:
    one = render_report(simulated_report(np.random.default_rng(1), Simulated(landmarks=count)))
    other = render_report(simulated_report(np.random.default_rng(1)))
    assert one["assets/entry_002.js"] == other["assets/entry_002.js"]
