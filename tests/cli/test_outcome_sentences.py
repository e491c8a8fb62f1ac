"""What a run comes to, in one sentence for each horizon."""

from __future__ import annotations

import pytest

from cinecast.cli.outcome_sentences import outcome_sentences

HORIZON = {"horizon_frames": "3", "horizon_s": "0.5025"}
AT_LANDMARKS = {"region": "landmarks", "metric": "landmark_error_mean_mm"}
MEASURED = {"metric": "dvf_error_mean_mm"}


def rows(region: dict[str, str], protocol: str = "causal", **errors: str) -> list[dict[str, str]]:
    return [HORIZON | region | {"method": m, "protocol": protocol, "value": e} for m, e in errors.items()]


def test_the_first_method_stands_beside_no_forecast_and_the_floor() -> None:
    table = rows(AT_LANDMARKS, measured="0.3", oracle="0.417", persistence="2.345", mixture="1.2345", linear="1.5")
    wanted = "0.50 s ahead, at the landmarks: mixture 1.2 mm, no forecast 2.3 mm; floor 0.42 mm."
    assert outcome_sentences(table) == [wanted]


def test_the_95th_percentile_stands_beside_the_mean() -> None:
    p95 = AT_LANDMARKS | {"metric": "landmark_error_p95_mm"}
    table = rows(AT_LANDMARKS, oracle="0.417", persistence="2.345", mixture="1.2345")
    table += rows(p95, oracle="0.9", persistence="", mixture="3.02")
    assert outcome_sentences(table) == [
        "0.50 s ahead, at the landmarks: mixture 1.2 mm (95th percentile 3.0 mm), no forecast 2.3 mm; floor 0.42 mm."
    ]


@pytest.mark.parametrize(("linear", "named"), [("1.1", ", linear 1.1 mm"), ("1.2", "")])
def test_a_method_that_is_nearer_is_named_where_it_makes_a_difference(linear: str, named: str) -> None:
    table = rows(AT_LANDMARKS, persistence="2.3", mixture="1.2345", linear=linear, rls="1.4")
    assert outcome_sentences(table) == [f"0.50 s ahead, at the landmarks: mixture 1.2 mm{named}, no forecast 2.3 mm."]


def test_without_landmarks_the_ruler_is_said() -> None:
    roi, image = MEASURED | {"region": "roi"}, MEASURED | {"region": "image"}
    table = rows(AT_LANDMARKS, oracle="") + rows(image, rls="0.5") + rows(roi, oracle="0.2", rls="0.9")
    assert outcome_sentences(table) == [
        "0.50 s ahead, in the ROI against the measured motion: rls 0.90 mm; floor 0.20 mm."
    ]
    assert outcome_sentences(rows(image, rls="0.5")) == [
        "0.50 s ahead, over the whole image against the measured motion: rls 0.50 mm."
    ]


def test_the_published_protocol_and_a_method_without_a_score_are_said() -> None:
    table = rows(AT_LANDMARKS, "published", snap1="", rls="1.0")
    assert outcome_sentences(table) == [
        "0.50 s ahead, at the landmarks: snap1 without a score, rls (non-causal) 1.0 mm."
    ]


def test_each_horizon_has_its_own_and_one_without_a_forecaster_has_none() -> None:
    later = {"horizon_frames": "12", "horizon_s": "2.01"}
    table = [*(row | later for row in rows(AT_LANDMARKS, linear="3")), *rows(AT_LANDMARKS, linear="1")]
    assert [sentence.split(" ahead")[0] for sentence in outcome_sentences(table)] == ["0.50 s", "2.01 s"]
    assert outcome_sentences(rows(AT_LANDMARKS, persistence="1", oracle="0.5")) == []
