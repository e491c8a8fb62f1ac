"""A calibrated session with a target, which takes frames of a phantom one by one."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from cinecast import LiveForecaster
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFrame
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.session import LiveSession
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

TRAIN, PERIOD, SPACING = 24, 0.25, (6.0, 6.0)
FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=SPACING, frame_count=30, frame_period_s=PERIOD)
).sequence.frames


def arrival(t: int, age_s: float = 0.0) -> StreamedFrame:
    """Return frame t of the phantom, which has come so many seconds ago."""
    return StreamedFrame(f"frame {t}", PERIOD * t, FRAMES[t], perf_counter() - age_s)


def calibrated(*, hurried: bool = True) -> LiveSession:
    """Return a session that is calibrated on the first frames, and follows a target with the beam on.

    It forecasts so far ahead that no forecast is late, on a machine with much else to do, unless a test lets it be.
    """
    forecaster = LiveForecaster(Settings(), method="rls", horizon="2s", calibration_frames=TRAIN)
    session = LiveSession(forecaster, lambda: SPACING, hurried=hurried)
    for t in range(TRAIN):
        take(session, t)
    rows, columns = np.indices((48, 40))
    mask = (rows - 30) ** 2 + (columns - 15) ** 2 <= 16
    forecaster.set_target(make_target("tumour", mask, 0), spacing_mm=SPACING, margin_mm=1e6)
    return session


def take(session: LiveSession, t: int, age_s: float = 0.0) -> LiveForecast | None:
    """Have a session take in frame t; return the newest forecast."""
    arrived = arrival(t, age_s)
    taken = session.take(arrived)
    session.follow_up(arrived, taken)
    return taken.forecast
