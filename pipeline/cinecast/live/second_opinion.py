"""A second opinion on a stream: forecasts that are worth little now, and breathing that is not that of calibration."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.live.calibration import Calibration
from cinecast.live.landmark_error import LandmarkErrors
from cinecast.report.breathing import Breaths, breaths
from cinecast.report.second_opinion import CHANGED_LEVEL, FLOOR_SHARE, is_other

# Opinions are on the last minute, about fifteen breaths; on no fewer than half of that.
WINDOW_S = 60.0
LEAST_S = 30.0
# How often one is formed.
EVERY_S = 5.0


class _Seen(NamedTuple):
    """What became known with one frame: its time in s, errors in mm and breathing signal in mm; NaN where unknown."""

    time_s: float
    errors: LandmarkErrors
    signal_mm: float


def mean_motion_mm(dvf: NDArray[Any], row_mm: float) -> float:
    """Return the mean motion down the image of a DVF (H, W, 2) in pixels, in mm, which shows the breathing.

    Parameters
    ----------
    dvf
        Measured DVF of one frame, shape (H, W, 2), pixels, last axis (x, y).
    row_mm
        Distance of rows in mm.

    Returns
    -------
    float
        Positive down the image.
    """
    return float(dvf[..., 1].mean()) * row_mm


class SecondOpinion:
    """Watches a stream from its calibration on and says what stands out, once as it begins.

    Parameters
    ----------
    learned
        The breaths of the calibration.
    longest_gap_s
        Across a gap of more than so many seconds nothing is known of a breath.
    """

    def __init__(self, learned: Breaths, longest_gap_s: float = LONGEST_GAP_S) -> None:
        self._learned, self._longest_gap_s = learned, longest_gap_s
        self._seen: deque[_Seen] = deque()
        self._next_s = -math.inf
        self._standing: frozenset[str] = frozenset()

    @classmethod
    def after(cls, calibration: Calibration, row_mm: float) -> SecondOpinion:
        """Return one that compares with the breaths of a calibration.

        Parameters
        ----------
        calibration
            What was learned from the first frames.
        row_mm
            Distance of rows in mm.

        Returns
        -------
        SecondOpinion
            It has seen no frame yet.
        """
        measured = [t for t in range(len(calibration.dvf)) if t not in calibration.unmeasured]
        signal = np.array([mean_motion_mm(calibration.dvf[t], row_mm) for t in measured])
        learned = breaths(signal, calibration.times_s[measured], calibration.longest_gap_s)
        return cls(learned, calibration.longest_gap_s)

    def observe(self, time_s: float, errors: LandmarkErrors, signal_mm: float) -> list[str]:
        """Take in what became known with the next frame; return what begins to stand out, a sentence each.

        Parameters
        ----------
        time_s
            Its time in s; one before the newest is of a clock that was set back, and all begins anew.
        errors
            Errors at the landmarks that became known with it, in mm.
        signal_mm
            Its mean motion down the image in mm; NaN for a frame whose motion was not measured.

        Returns
        -------
        list[str]
            Mostly empty. What stands out already is not said again until it has gone.
        """
        if self._seen and time_s < self._seen[-1].time_s:
            self._seen.clear()
            self._next_s = -math.inf
        self._seen.append(_Seen(time_s, errors, signal_mm))
        while self._seen[0].time_s < time_s - WINDOW_S:
            self._seen.popleft()
        if time_s < self._next_s or time_s - self._seen[0].time_s < LEAST_S:
            return []
        self._next_s = time_s + EVERY_S
        found = dict(self._opinions())
        new = [sentence for name, sentence in found.items() if name not in self._standing]
        self._standing = frozenset(found)
        return new

    def _opinions(self) -> Iterator[tuple[str, str]]:
        yield from self._of_errors()
        yield from self._of_breathing()

    def _of_errors(self) -> Iterator[tuple[str, str]]:
        errors = np.array([each.errors for each in self._seen])
        known = errors[np.isfinite(errors).all(axis=1)]
        if len(known) < len(errors) / 2:
            return
        forecast, measured, without = known.mean(axis=0)
        if forecast >= without:
            yield (
                "no better than none",
                f"over the last {self._seconds} s the forecast is no better than none (the latest motion): its error "
                f"at the landmarks is {forecast:.2f} mm, that of none {without:.2f} mm",
            )
        elif measured >= FLOOR_SHARE * forecast:
            yield (
                "floor",
                f"over the last {self._seconds} s most of the error at the landmarks is that of the measured motion, "
                f"which no forecast can lower: it is off by {measured:.2f} mm, the forecast by {forecast:.2f} mm",
            )

    def _of_breathing(self) -> Iterator[tuple[str, str]]:
        times, signal = np.array([(each.time_s, each.signal_mm) for each in self._seen]).T
        known, learned = np.isfinite(signal), self._learned
        if known.sum() < len(signal) / 2:
            return
        most = 0.0 if np.isnan(learned.depth_mm) else learned.depth_mm
        now = breaths(signal[known], times[known], self._longest_gap_s, most)
        if is_other(now.depth_mm, learned.depth_mm):
            yield "depth", self._other("deep", learned.depth_mm, now.depth_mm, "mm")
        if is_other(now.length_s, learned.length_s):
            yield "length", self._other("long", learned.length_s, now.length_s, "s")
        moved = now.middle_mm - learned.middle_mm
        if abs(moved) > CHANGED_LEVEL * learned.depth_mm:
            yield (
                "level",
                f"the breathing is not that of the calibration: its middle has moved by {moved:+.1f} mm down the "
                f"image, where breaths were {learned.depth_mm:.1f} mm deep",
            )

    def _other(self, what: str, learned: float, now: float, unit: str) -> str:
        return (
            f"the breathing is not that of the calibration: breaths are {now:.1f} {unit} {what} over the last "
            f"{self._seconds} s, and were {learned:.1f} {unit}"
        )

    @property
    def _seconds(self) -> str:
        return f"{self._seen[-1].time_s - self._seen[0].time_s:.0f}"
