"""The second opinion on a stream, each sentence provoked by what it is about."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFrame
from cinecast.live.landmark_error import LandmarkErrors
from cinecast.live.second_opinion import EVERY_S, LEAST_S, WINDOW_S, SecondOpinion, mean_motion_mm
from cinecast.live.session import LiveSession
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.report.breathing import Breaths
from cinecast.settings import FlowSettings, Settings

PERIOD_S = 0.25
GOOD = LandmarkErrors(forecast=1.0, measured=0.3, without_forecast=2.0)
LEARNED = Breaths(depth_mm=10.0, middle_mm=0.0, length_s=4.0)


def breathing(time_s: float, depth_mm: float = 10.0, length_s: float = 4.0, middle_mm: float = 0.0) -> float:
    return middle_mm + depth_mm / 2 * math.cos(2 * math.pi * time_s / length_s)


def said(
    errors: Callable[[float], LandmarkErrors] = lambda time_s: GOOD,
    signal: Callable[[float], float] = breathing,
    until_s: float = 240.0,
    learned: Breaths = LEARNED,
) -> list[tuple[float, str]]:
    """Return what is said of a stream, with the times."""
    opinion = SecondOpinion(learned)
    times = np.arange(0.0, until_s, PERIOD_S).tolist()
    return [(t, sentence) for t in times for sentence in opinion.observe(t, errors(t), signal(t))]


def test_the_breathing_is_the_mean_motion_down_the_image_in_mm() -> None:
    dvf = np.zeros((2, 3, 2), dtype=np.float32)
    dvf[..., 0], dvf[..., 1] = 9.0, [[1.0, 2.0, 3.0], [0.0, 0.0, -3.0]]
    assert mean_motion_mm(dvf, 2.5) == pytest.approx(0.5 * 2.5)


def test_nothing_is_said_of_a_stream_as_it_was_learned() -> None:
    assert said() == []
    assert said(signal=lambda time_s: breathing(time_s, middle_mm=8.0), learned=LEARNED._replace(middle_mm=8.0)) == []


def test_a_forecast_no_better_than_none_is_said_once_and_again_after_it_was_better() -> None:
    def errors(time_s: float) -> LandmarkErrors:
        return GOOD if 100 <= time_s < 180 else GOOD._replace(forecast=2.5)

    (first_s, first), (again_s, _) = said(errors, until_s=300.0)
    assert first_s == LEAST_S
    assert first == (
        "over the last 30 s the forecast is no better than none (the latest motion): its error at the landmarks is "
        "2.50 mm, that of none 2.00 mm"
    )
    # Of the last minute two thirds must be bad: 2.5 mm there and 1 mm before are 2 mm in the mean.
    assert 180 + 2 / 3 * WINDOW_S <= again_s <= 180 + 2 / 3 * WINDOW_S + EVERY_S


def test_a_floor_that_dominates_is_said() -> None:
    ((_, sentence),) = said(lambda time_s: GOOD._replace(measured=0.8))
    assert sentence.endswith(
        "most of the error at the landmarks is that of the measured motion, which no forecast can lower: it is off by "
        "0.80 mm, the forecast by 1.00 mm"
    )


def test_a_floor_is_that_of_the_frames_that_have_a_forecast() -> None:
    def errors(time_s: float) -> LandmarkErrors:
        later = round(time_s / PERIOD_S) % 3 == 0
        return GOOD._replace(forecast=math.nan, measured=4.0) if later else GOOD._replace(measured=0.5)

    assert said(errors) == []


@pytest.mark.parametrize(("known", "count"), [(2, 0), (3, 1)])  # of every five frames
def test_no_opinion_is_formed_of_less_than_half_of_the_frames(known: int, count: int) -> None:
    def is_known(time_s: float) -> bool:
        return round(time_s / PERIOD_S) % 5 < known

    unknown = LandmarkErrors(math.nan, math.nan, math.nan)
    of_errors = said(lambda time_s: GOOD._replace(forecast=2.5) if is_known(time_s) else unknown, until_s=90.0)
    of_breaths = said(
        signal=lambda time_s: breathing(time_s, depth_mm=20.0) if is_known(time_s) else math.nan, until_s=90.0
    )
    assert (len(of_errors), len(of_breaths)) == (count, count)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"depth_mm": 20.0}, "breaths are 20.0 mm deep over the last 60 s, and were 10.0 mm"),
        ({"depth_mm": 4.0}, "breaths are 4.0 mm deep"),
        ({"length_s": 2.0}, "breaths are 2.0 s long over the last"),
        ({"middle_mm": 8.0}, "its middle has moved by +8.0 mm down the image, where breaths were 10.0 mm deep"),
    ],
)
def test_another_breathing_is_said(change: dict[str, float], words: str) -> None:
    sentences = [sentence for _, sentence in said(signal=lambda time_s: breathing(time_s, **change))]
    assert len(sentences) == 1
    assert words.replace(" over the last 60 s", " over the last 30 s") in sentences[0]


def test_without_landmarks_only_breathing_is_judged() -> None:
    none = LandmarkErrors(math.nan, math.nan, math.nan)
    assert said(lambda time_s: none) == []


def test_frames_that_were_not_measured_are_left_out() -> None:
    assert said(signal=lambda time_s: math.nan if round(time_s / PERIOD_S) % 5 == 0 else breathing(time_s)) == []
    assert said(signal=lambda time_s: math.nan) == []


def test_a_clock_set_back_begins_anew() -> None:
    opinion = SecondOpinion(LEARNED)
    bad = GOOD._replace(forecast=3.0)
    for start_s in (100.0, 0.0):
        times = np.arange(start_s, start_s + LEAST_S, PERIOD_S).tolist()
        assert [sentence for t in times for sentence in opinion.observe(t, bad, breathing(t))] == []
    (sentence,) = opinion.observe(LEAST_S, bad, breathing(LEAST_S))
    assert "no better than none" in sentence


def test_a_clock_set_back_by_a_little_begins_anew_too() -> None:
    """By less than has been seen: breaths would be those of two clocks in one order."""
    opinion = SecondOpinion(LEARNED)
    bad = GOOD._replace(forecast=3.0)
    for start_s in (0.0, LEAST_S - 5):
        times = np.arange(start_s, start_s + LEAST_S, PERIOD_S).tolist()
        assert [sentence for t in times for sentence in opinion.observe(t, bad, breathing(t))] == []


def test_an_opinion_is_formed_every_five_seconds_on_the_last_minute() -> None:
    """Of 1 mm before 96 s and 3 mm from then on, the mean over a minute is the 2 mm of no forecast after 30 s."""

    def errors(time_s: float) -> LandmarkErrors:
        return GOOD._replace(forecast=1.0 if time_s < 96 else 3.0)

    ((first_s, sentence),) = said(errors, until_s=240.0)
    # That is at 126 s; opinions are formed at 30 s, 35 s and so on.
    assert first_s == 130.0
    assert "over the last 60 s" in sentence


def test_what_is_kept_is_the_last_minute() -> None:
    opinion = SecondOpinion(LEARNED)
    for time_s in np.arange(0.0, 600.0, PERIOD_S).tolist():
        opinion.observe(time_s, GOOD, breathing(time_s))
    assert len(opinion._seen) == WINDOW_S / PERIOD_S + 1


def test_breaths_of_the_calibration_are_timed_by_the_clock_of_its_frames() -> None:
    frames = make_phantom(
        PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=120, frame_period_s=PERIOD_S)
    ).sequence.frames
    lengths = []
    for came in (np.arange(120), np.flatnonzero(np.arange(120) % 4)):
        forecaster = LiveForecaster(
            Settings(flow=FlowSettings(reference=1)), method="persistence", horizon="2", calibration_frames=len(came)
        )
        for t in came.tolist():
            forecaster.push(frames[t], PERIOD_S * t)
        assert forecaster.calibration is not None
        lengths.append(SecondOpinion.after(forecaster.calibration, 6.0)._learned.length_s)
    assert lengths[1] == pytest.approx(lengths[0], abs=PERIOD_S)


def test_a_session_says_that_breaths_have_become_deeper(caplog: pytest.LogCaptureFixture) -> None:
    quiet, deep = (
        make_phantom(
            PhantomSettings(rows=96, columns=80, frame_count=count, frame_period_s=PERIOD_S, amplitude_mm=amplitude)
        ).sequence.frames
        for count, amplitude in ((60, 4.0), (200, 10.0))
    )
    forecaster = LiveForecaster(
        Settings(flow=FlowSettings(reference=0)), method="persistence", horizon="2", calibration_frames=40
    )
    session = LiveSession(forecaster, lambda: (1.5, 1.5), lambda reference: None)
    with caplog.at_level(logging.WARNING, "cinecast.live"):
        for t, frame in enumerate(np.concatenate([quiet, deep])):
            arrived = StreamedFrame(f"frame {t}", PERIOD_S * t, frame, 0.0)
            session.follow_up(arrived, session.take(arrived))
        session.finish()
    messages = [record.getMessage() for record in caplog.records if "second opinion" in record.getMessage()]
    assert any("mm deep over the last" in message for message in messages)
    # The model learned shallow breaths, so that the motion itself stays nearer than what the model makes of it.
    assert any("the forecast is no better than none" in message for message in messages)


@pytest.mark.parametrize("recalibrate", [False, True])
def test_breathing_is_compared_with_that_of_the_newest_calibration(
    recalibrate: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The couch moves by 3 pixels of 6 mm: said of the old calibration, and no change to the new one."""
    size = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=320, frame_period_s=PERIOD_S)
    frames = make_phantom(size).sequence.frames
    frames = np.concatenate([frames[:40], np.roll(frames[40:], 3, axis=1)])
    forecaster = LiveForecaster(
        Settings(flow=FlowSettings(reference=0)),
        method="persistence",
        horizon="2",
        calibration_frames=32,
        recalibrate=recalibrate,
    )
    session = LiveSession(forecaster, lambda: (6.0, 6.0), lambda reference: None)
    states = []
    with caplog.at_level(logging.WARNING, "cinecast.live"):
        for t, frame in enumerate(frames):
            arrived = StreamedFrame(f"frame {t}", PERIOD_S * t, frame, 0.0)
            taken = session.take(arrived)
            session.follow_up(arrived, taken)
            states.append(taken.state)
            if forecaster.refitting and forecaster._supervision is not None and forecaster._supervision.refit:
                forecaster._supervision.refit.wait()
        session.finish()
    assert ("recalibrated" in states) == recalibrate
    moved = [record for record in caplog.records if "its middle has moved by" in record.getMessage()]
    assert bool(moved) != recalibrate
