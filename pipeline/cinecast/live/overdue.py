"""Notices that frames have stopped coming: a forecast must not stand for what nobody sees any more."""

from __future__ import annotations

import math
from time import perf_counter

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.frames.streamed import Streamed, StreamedFrame
from cinecast.live.live_forecast import LiveForecast

# One lost frame is usual: the next one, which is due after two periods, is waited for.
_PERIODS = 2.0


class Overdue:
    """Says once of each pause that the next frame is overdue.

    Attributes
    ----------
    pauses
        How many pauses there were.
    """

    def __init__(self) -> None:
        self._newest_s = math.nan
        self._said = False
        self.pauses = 0

    def came(self, arrived: Streamed) -> None:
        """Take in that something has arrived."""
        self._newest_s = arrived.seen_s if isinstance(arrived, StreamedFrame) else perf_counter()
        self._said = False

    def reason(self, forecast: LiveForecast, period_s: float) -> str | None:
        """Say that the next frame is overdue.

        Parameters
        ----------
        forecast
            The newest forecast.
        period_s
            Time between frames in s.

        Returns
        -------
        str or None
            For how long nothing has come, in words; None where that is not long, or was said already.
        """
        waited_s = perf_counter() - self._newest_s
        if self._said or not waited_s > longest_wait_s(forecast.time_s - forecast.issued_s, period_s):
            return None
        self._said = True
        self.pauses += 1
        return f"no frame has come for {waited_s:.2f} s"


def longest_wait_s(horizon_s: float, period_s: float) -> float:
    """Return for how long a forecast may stand though no frame comes, in s.

    Parameters
    ----------
    horizon_s
        How far ahead it was made, in s: from then on it is of the past. Beyond a second nobody knows whether frames
        still come.
    period_s
        Time between frames in s.

    Returns
    -------
    float
        Two periods or more.
    """
    return max(_PERIODS * period_s, min(horizon_s, LONGEST_GAP_S))
