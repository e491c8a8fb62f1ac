"""A moment as bytes that the page draws: pictures in the grey window and the colour scales of the report."""

from __future__ import annotations

import json
import math
from collections import deque
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.inspection import Inspected
from cinecast.live.page.moment import Moment
from cinecast.live.page.target_facts import target_facts
from cinecast.live.page.trace import Trace
from cinecast.pictures import Window, difference_limit, grey_window, to_levels

# Frames before calibration that window and scale are taken from: about a breath.
_LOOKED_AT = 16
_FIRST_LIMIT_PERCENT = 20
_LARGEST = 32767


class Scales(NamedTuple):
    """The grey window, and the end of the colour scale of differences in percent of it."""

    window: Window
    limit_percent: int


class Drawing:
    """Makes the bytes of moments; any thread may ask.

    Window and scale are those of the first frame, until calibration sets them for good.
    """

    def __init__(self) -> None:
        self._seen: deque[NDArray[Any]] = deque(maxlen=_LOOKED_AT)
        self._lock = Lock()
        self._scales: Scales | None = None
        self._shape: tuple[int, ...] = ()
        self._settled = False

    def see(self, frame: NDArray[Any]) -> None:
        """Look at a frame that came before calibration."""
        self._seen.append(frame)

    def draw(self, moment: Moment | None, ended: bool) -> bytes:
        """Return a moment for the page.

        Parameters
        ----------
        moment
            The moment; None before there is one.
        ended
            Whether the stream has ended, so that no other moment follows.

        Returns
        -------
        The length of a text in 4 bytes, least significant first; that text, JSON, which says what follows: pictures,
        row by row. ``real``, ``forecast`` and ``ahead`` are levels of the grey window, one byte for each pixel;
        ``difference``, of forecast and real frame, is two bytes for each pixel, 32767 for the width of the window.
        """
        pictures: dict[str, NDArray[Any]] = {}
        facts: dict[str, Any] = {"number": -1, "ended": ended}
        if moment is not None:
            facts |= _facts(moment)
            if moment.real is not None:
                scales = self._scales_for(moment, moment.real)
                facts |= {"window": list(scales.window), "limit_percent": scales.limit_percent}
                pictures = _pictures(moment, moment.real, scales.window)
        text = json.dumps(facts | {"pictures": list(pictures)}, allow_nan=False).encode()
        return b"".join((len(text).to_bytes(4, "little"), text, *(picture.tobytes() for picture in pictures.values())))

    def _scales_for(self, moment: Moment, real: NDArray[Any]) -> Scales:
        with self._lock:
            if self._scales is None or self._shape != real.shape:
                self._scales, self._shape = Scales(grey_window(real), _FIRST_LIMIT_PERCENT), real.shape
                self._settled = False
            if moment.reference is not None and not self._settled:
                seen = np.stack([frame for frame in self._seen if frame.shape == real.shape])
                window = grey_window(seen)
                self._scales = Scales(window, difference_limit(seen, moment.reference, window))
                self._settled = True
                self._seen.clear()
            return self._scales


def _pictures(moment: Moment, real: NDArray[Any], window: Window) -> dict[str, NDArray[Any]]:
    pictures: dict[str, NDArray[Any]] = {"real": to_levels(real, window)}
    if moment.of_real is not None:
        forecast = moment.of_real.frame
        difference = (forecast.astype(np.float64) - real) / (window.high - window.low)
        pictures["forecast"] = to_levels(forecast, window)
        pictures["difference"] = np.rint(_LARGEST * np.clip(difference, -1, 1)).astype("<i2")
    if moment.taken.forecast is not None:
        pictures["ahead"] = to_levels(moment.taken.forecast.frame, window)
    return pictures


def _facts(moment: Moment) -> dict[str, Any]:
    taken, of_real, ahead = moment.taken, moment.of_real, moment.taken.forecast
    return {
        "title": moment.title,
        "number": moment.number,
        "name": taken.name,
        "state": taken.state,
        "reason": taken.reason,
        "latency_ms": _finite(taken.latency_ms),
        "error_mm": _finite(taken.error_mm),
        **_inspected_facts(taken.inspected),
        "shape": None if moment.real is None else list(moment.real.shape),
        "spacing_mm": list(moment.spacing_mm),
        "real_s": _finite(moment.real_s),
        "forecast_s": None if of_real is None else [of_real.issued_s, of_real.time_s],
        "ahead_s": None if ahead is None else [ahead.issued_s, ahead.time_s],
        "stale": ahead is not None and ahead.stale,
        "reasons": [] if ahead is None else list(ahead.reasons),
        "collected": moment.collected,
        "notes": moment.notes,
        "figures": dict(moment.figures),
        "targets": target_facts(moment),
        "traces": [_trace_facts(trace) for trace in moment.traces],
        "budget": moment.budget and moment.budget._asdict(),
        "model": moment.model,
    }


def _trace_facts(trace: Trace) -> dict[str, Any]:
    """Return a trace as numbers that are short, to a millisecond and a hundredth of a mm."""
    margin_mm = _finite(trace.margin_mm)
    points = {"real": trace.real, "forecast": trace.forecast}
    rounded = {name: [[_rounded(each) for each in point] for point in line] for name, line in points.items()}
    return {"name": trace.name, "axis": trace.axis, "margin_mm": margin_mm, "level": trace.level, **rounded}


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None


def _inspected_facts(found: Inspected | None) -> dict[str, Any]:
    if found is None:
        return {"landmark_error_mm": None, "measured_landmark_error_mm": None, "marks": []}
    return {
        "landmark_error_mm": _finite(found.landmark_error_mm),
        "measured_landmark_error_mm": _finite(found.measured_landmark_error_mm),
        "marks": found.places[np.isfinite(found.places[:, 0])].round(2).tolist(),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
