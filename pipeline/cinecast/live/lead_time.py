"""What is left of the horizon once a forecast is out: frames are on their way for a time, and forecasts take some."""

from __future__ import annotations

import logging
from collections import deque
from statistics import median

from cinecast.live.latency import Latencies

_LOG = logging.getLogger(__name__)

# The median of so many forecasts counts: a single frame may be late.
_FORECASTS = 16
# It is said again only after something was left: this share of the horizon.
_LEFT_SHARE = 0.2


class LeadTime:
    """Says when what is forecast has passed before the forecast is out, and keeps how long frames were on their way.

    A frame has the time of its acquisition. A forecast half a second ahead of it is of the past where the frame arrives
    after 0.6 s, though the forecast itself takes but milliseconds.

    Attributes
    ----------
    ways
        How long frames were on their way, in ms; none of those whose clocks cannot both be right.
    """

    def __init__(self) -> None:
        self.ways = Latencies()
        self._newest: deque[tuple[float, float]] = deque(maxlen=_FORECASTS)
        self._said = False

    def observe(self, name: str, horizon_s: float, way_s: float | None, latency_s: float) -> None:
        """Take in a forecast.

        Parameters
        ----------
        name
            What its frame is called in reports.
        horizon_s
            From the time of the frame to the instant that is forecast, in s.
        way_s
            From the time of the frame to its arrival, in s; None where that is unknown.
        latency_s
            From its arrival to the forecast, in s.
        """
        if way_s is not None:
            self.ways.add(1e3 * way_s)
        self._newest.append((way_s or 0.0, latency_s))
        if len(self._newest) < _FORECASTS:
            return
        total_s = median(way + latency for way, latency in self._newest)
        if not self._said and total_s >= horizon_s:
            self._said = True
            _LOG.warning("%s: %s", name, self._sentence(total_s, horizon_s))
        elif total_s <= (1 - _LEFT_SHARE) * horizon_s:
            self._said = False

    def _sentence(self, total_s: float, horizon_s: float) -> str:
        way_s, latency_s = (median(each) for each in zip(*self._newest, strict=True))
        said = (
            f"a forecast is out {total_s:.2f} s after the time of its frame (on its way {way_s:.2f} s, then "
            f"{latency_s:.2f} s), and is of an instant {horizon_s:.2f} s after it, which has passed: lengthen --horizon"
        )
        if way_s <= latency_s:
            return f"{said}, or take a faster --method"
        return (
            f"{said}; or the clock of the sender differs from that of this machine: set both, or take --clock arrival"
        )
