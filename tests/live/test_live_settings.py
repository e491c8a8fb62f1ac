"""Settings that a stream cannot use are said before its first frame comes."""

from __future__ import annotations

import pytest

from cinecast import LiveForecaster
from cinecast.settings import MotionSettings, ScoreSettings, Settings


def said(latency_s: float | None, horizon: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    LiveForecaster(
        Settings(score=ScoreSettings(latency_s=latency_s)), method="linear", horizon=horizon, calibration_frames=30
    )
    return caplog.messages


def test_a_latency_beyond_the_horizon_is_not_ignored_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    (sentence,) = said(0.6, "0.5s", caplog)
    assert "score.latency_s = 0.6 s is not used live: a gate is of the instant that is forecast, 0.5s after" in sentence
    (sentence,) = said(0.6, "2", caplog)
    assert "is forecast, 2 frame(s) after the frame; ask for a horizon as long as the latency" in sentence


@pytest.mark.parametrize("latency_s", [None, 0.0, 0.3, 0.5])
def test_a_beam_that_waits_for_the_instant_needs_no_word(
    latency_s: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert said(latency_s, "0.5s", caplog) == []


def test_a_train_end_of_its_own_is_not_ignored_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    def said_of(method: str, frames: int) -> list[str]:
        caplog.clear()
        settings = Settings(motion=MotionSettings(offline_train_end=40))
        LiveForecaster(settings, method=method, horizon="0.5s", calibration_frames=frames)
        return caplog.messages

    (sentence,) = said_of("linear", 30)
    assert "motion.offline_train_end = 40 is not used live: linear is fitted on the 30 frames to calibrate" in sentence
    assert said_of("linear", 40) == said_of("rls", 30) == []
