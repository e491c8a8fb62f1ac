"""Settings that a stream cannot use are said before its first frame comes."""

from __future__ import annotations

import pytest

from cinecast import LiveForecaster
from cinecast.settings import MotionSettings, Settings


def test_a_train_end_of_its_own_is_not_ignored_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    def said_of(method: str, frames: int) -> list[str]:
        caplog.clear()
        settings = Settings(motion=MotionSettings(offline_train_end=40))
        LiveForecaster(settings, method=method, horizon="0.5s", calibration_frames=frames)
        return caplog.messages

    (sentence,) = said_of("linear", 30)
    assert "motion.offline_train_end = 40 is not used live: linear is fitted on the 30 frames to calibrate" in sentence
    assert said_of("linear", 40) == said_of("rls", 30) == []
