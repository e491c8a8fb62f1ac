"""Which modes are shown at once, and what the page says of the oracle's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cinecast.report import compare_runs, render_report
from cinecast.report.few_modes import few_modes, forecast_modes, oracle_words
from helpers.report_data import Simulated, simulated_report, with_modes


@pytest.mark.parametrize(
    ("shares", "few"),
    [
        ((0.9, 0.05, 0.01, 0.01), 2),
        ((0.5, 0.3, 0.1, 0.05, 0.03, 0.02), 4),
        ((0.5, 0.3), 2),
        ((0.95, 0.02, 0.02), 1),  # of what they explain together, 0.99
        ((0.6, 0.36, 0.02), 3),  # a single one is not folded
        ((1.0,), 1),
        ((0.0, 0.0, 0.0), 3),
    ],
)
def test_the_fewest_that_hold_nearly_all(shares: tuple[float, ...], few: int) -> None:
    assert few_modes(np.array(shares)) == few


def test_modes_that_a_method_leaves_out_are_not_counted(rng: np.random.Generator) -> None:
    data = with_modes(simulated_report(rng), 5)
    assert {entry.method: forecast_modes(entry) for entry in data.entries} == {
        "oracle": 2,
        "persistence": 2,
        "linear": 2,
        "snap1": 2,
    }


def test_the_oracle_says_of_how_many_modes_it_is(rng: np.random.Generator) -> None:
    same = oracle_words(simulated_report(rng))
    assert "all 2 modes" in same
    assert "only" not in same
    fewer = oracle_words(with_modes(simulated_report(rng), 5))
    assert "all 5 modes" in fewer
    assert "Linear regression and Recurrent net forecast the first 2 modes only, and cannot reach this error." in fewer


def test_a_method_that_follows_the_drift_may_be_better_than_the_oracle(rng: np.random.Generator) -> None:
    words = oracle_words(simulated_report(rng, Simulated(drifting=("linear",))))
    assert "Linear regression also corrects the mean motion as it drifts." in words


def test_an_oracle_that_follows_the_drift_is_the_floor_of_all(rng: np.random.Generator) -> None:
    words = oracle_words(simulated_report(rng, Simulated(drifting=("oracle", "persistence", "linear"))))
    assert words.endswith("The mean motion is corrected as it drifts, for the oracle and for all methods.")
    assert "larger" not in words


def test_the_words_stand_where_the_oracle_is_shown(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert render_report(data)["index.html"].decode().count(oracle_words(data)) == 2  # outcome, and errors
    assert oracle_words(simulated_report(rng, Simulated(methods=("linear",)))) == ""
    both = compare_runs(["a", "b"], [data, replace(data, settings_text="[flow]\nlevels = 2\n")])
    assert oracle_words(both) == ""
