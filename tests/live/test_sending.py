"""A session without a target says to who receives its forecasts when they are stale: real sockets, and pyigtl."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pyigtl

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFrame
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.sending import ForecastSender
from cinecast.live.sources import RecordedSource
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.settings import FramesSettings, Settings
from cinecast.streams.serving import MessageServer
from helpers.live_sessions import wait_until

TRAIN = 24


def test_a_stale_forecast_is_said_to_be_stale_without_a_target_too(tmp_path: Path) -> None:
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=30, frame_period_s=0.25)
    write_phantom(tmp_path / "breathing.nii.gz", make_phantom(settings))
    source = RecordedSource(tmp_path / "breathing.nii.gz", FramesSettings(), real_time=False, stop=Event())
    forecaster = LiveForecaster(Settings(), method="rls", horizon="1s", calibration_frames=TRAIN)
    forecast: LiveForecast | None = None
    with MessageServer(0) as server:
        theirs = pyigtl.OpenIGTLinkClient(port=server.port)
        wait_until(lambda: server.receivers == 1)
        sender = ForecastSender(server, source, forecaster)

        def state(sent: LiveForecast | None, skipped: bool) -> dict[str, object]:
            assert sent is not None
            sender.send(sent, skipped)
            return dict(json.loads(theirs.wait_for_message("State", timeout=300).string))

        for each in source.arrivals():
            if forecast is None and isinstance(each, StreamedFrame):
                forecast = forecaster.push(each.frame, each.time_s, each.name)
        assert state(forecast, skipped=False) == {"stale": False, "reasons": []}
        assert state(forecaster.mark_stale("no frame has come"), skipped=True) == {
            "stale": True,
            "reasons": ["no frame has come"],
        }
        theirs.stop()
