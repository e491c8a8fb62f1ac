"""Forecasts as messages of OpenIGTLink, for all who connect."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from time import time_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.live.forecaster import LiveForecaster
from cinecast.live.gate import beam_state
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.sources import FrameSource
from cinecast.live.target_contour import contours
from cinecast.streams.contents import pack_polydata, pack_position, pack_string, pack_transform
from cinecast.streams.image import pack_image
from cinecast.streams.openigtlink import pack_message
from cinecast.streams.serving import MessageServer


class ForecastSender:
    """Sends each forecast, and the gate again where a frame brings none.

    Parameters
    ----------
    server
        Who sends.
    source
        Where the frames come from: their place, and the clock of their times where they have one.
    forecaster
        What makes the forecasts.
    """

    def __init__(self, server: MessageServer, source: FrameSource, forecaster: LiveForecaster) -> None:
        self._server, self._source, self._forecaster = server, source, forecaster
        self._epoch_ns: int | None = None

    def send(self, forecast: LiveForecast, skipped: bool) -> None:
        """Send a forecast.

        Parameters
        ----------
        forecast
            The newest.
        skipped
            Whether it is only the one before, because a frame could not be used or none came: then its gate and its
            state alone are sent again, also to who comes later.
        """
        at_ns = self._ns(forecast.time_s, forecast)
        if skipped:
            self._server.send(_standing(forecast, at_ns), amend=True)
            return
        self._server.send(self._messages(forecast, at_ns), repeat=True)

    def _messages(self, forecast: LiveForecast, at_ns: int) -> Iterator[bytes]:
        """Yield what a beam waits for first, then what is looked at, then what explains it."""
        affine = _place(self._source)
        yield from _standing(forecast, at_ns)
        yield pack_message("IMAGE", "Forecast", at_ns, pack_image(forecast.frame, affine))
        yield from _targets(forecast, at_ns, affine)
        yield b"".join((*self._radius(forecast, at_ns), self._acquisition(forecast, at_ns)))

    def _ns(self, time_s: float, forecast: LiveForecast) -> int:
        """Return a time of the stream in ns since 1970; a recording is taken to go on now."""
        own = getattr(getattr(self._source, "clock", None), "epoch_ns", None)
        if own is not None:
            self._epoch_ns = own
        if self._epoch_ns is None:
            self._epoch_ns = time_ns() - round(forecast.issued_s * 1e9)
        return self._epoch_ns + round(time_s * 1e9)

    def _acquisition(self, forecast: LiveForecast, at_ns: int) -> bytes:
        issued_ns = self._ns(forecast.issued_s, forecast)
        facts = {"frame": forecast.name, "acquired_ns": issued_ns, "forecast_ns": at_ns}
        return pack_message("STRING", "Acquisition", issued_ns, pack_string(json.dumps(facts)))

    def _radius(self, forecast: LiveForecast, at_ns: int) -> Iterator[bytes]:
        """Yield how far off the forecast may be: of each weight, and of the centroid of each target, in mm."""
        radius = forecast.radius[forecast.run]
        facts: dict[str, Any] = {
            "level": self._forecaster.settings.score.level,
            "weights": [_number(each) for each in radius],
        }
        if forecast.targets:
            facts["targets_mm"] = {each.name: _number(each.radius_mm) for each in forecast.targets}
        yield pack_message("STRING", "Radius", at_ns, pack_string(json.dumps(facts)))


def _standing(forecast: LiveForecast, at_ns: int) -> Iterator[bytes]:
    """Yield the gate of each target, and whether the forecast is stale: without a target nothing else says so."""
    for place in forecast.targets:
        yield pack_message("STRING", f"Gate{place.number}", at_ns, pack_string(beam_state(place, forecast.stale)))
    facts = {"stale": forecast.stale, "reasons": forecast.reasons}
    yield pack_message("STRING", "State", at_ns, pack_string(json.dumps(facts)))


def _targets(forecast: LiveForecast, at_ns: int, affine: NDArray[np.float64]) -> Iterator[bytes]:
    for place in forecast.targets:
        if not place.mask.any():  # it has left the image: there is nowhere to show it, and the gate is off
            continue
        row, column = place.centroid.tolist()
        centre = np.eye(4)
        centre[:3, 3] = (affine @ np.array([column, row, 0, 1]))[:3]
        loops = contours(place.mask)
        corners = np.concatenate(loops)
        points = (affine @ np.column_stack([corners, np.zeros(len(corners)), np.ones(len(corners))]).T)[:3].T
        starts = np.cumsum([0, *map(len, loops)]).tolist()
        polygons = [range(start, end) for start, end in pairwise(starts)]
        yield pack_message("TRANSFORM", f"Target{place.number}", at_ns, pack_transform(centre))
        yield pack_message("POSITION", f"Target{place.number}", at_ns, pack_position(centre[:3, 3]))
        yield pack_message("POLYDATA", f"Contour{place.number}", at_ns, pack_polydata(points, polygons))


def _place(source: FrameSource) -> NDArray[np.float64]:
    """Return the place of the frames; where that is unknown, their spacing alone."""
    affine = source.affine()
    if affine is not None:
        return affine
    rows, columns = source.spacing_mm()
    return np.diag([columns, rows, 1.0, 1.0])


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
