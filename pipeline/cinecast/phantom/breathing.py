"""The driving signals: breathing cycles, each with its own length and depth, their lag, drift, and heart beats."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.settings import BEAT_VARIATION, DRAW_LIMIT, PhantomSettings

SIGNALS = ("superior_inferior", "anterior_posterior", "posterior_lag", "cardiac")
"""Order of the columns of the driving signals; the modes of `cinecast.phantom.motion_field` have the same order."""

# Inhalation takes about two fifths of a cycle.
EARLY_PEAK = 0.35
HEART_PERIOD_S = 0.9
HEART_PERIOD_VARIATION = 0.05


class CycleTrain(NamedTuple):
    """Consecutive cycles.

    Parameters
    ----------
    boundaries_s
        Start of each cycle and end of the last, shape (N + 1,), in s.
    depths
        Excursion of each cycle relative to the mean, shape (N,).
    """

    boundaries_s: NDArray[np.float64]
    depths: NDArray[np.float64]

    def __call__(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the excursion at each time, 0 at rest (end of exhalation), about 1 at full inhalation.

        Notes
        -----
        ``sin^4`` of the phase rests long at exhalation [1]_. Value and slope are 0 at both ends of a cycle, so
        neighbouring cycles of unlike length and depth join smoothly.

        References
        ----------
        .. [1] Lujan et al., A method for incorporating organ motion due to breathing into 3D dose calculations,
           Medical Physics 26 (1999).
        """
        cycle = np.clip(np.searchsorted(self.boundaries_s, times_s, side="right") - 1, 0, len(self.depths) - 1)
        length = np.diff(self.boundaries_s)[cycle]
        phase = (times_s - self.boundaries_s[cycle]) / length
        early = phase + EARLY_PEAK / np.pi * np.sin(np.pi * phase) ** 2
        return np.asarray(self.depths[cycle] * np.sin(np.pi * early) ** 4)


def draw_cycles(
    rng: np.random.Generator,
    *,
    end_s: float,
    period_s: float,
    period_variation: float,
    depth_variation: float,
) -> CycleTrain:
    """Draw cycles from before time 0 (which a cycle boundary falls on) to after `end_s`.

    Parameters
    ----------
    rng
        Generator of lengths and depths.
    end_s
        The last cycle ends after this time in s.
    period_s
        Mean length of a cycle in s.
    period_variation
        Standard deviation of the lengths over their mean.
    depth_variation
        Standard deviation of the depths, whose mean is 1.

    Returns
    -------
    CycleTrain
        To be called with times in s.
    """
    shortest = period_s * (1 - DRAW_LIMIT * period_variation)
    count = math.ceil(end_s / shortest) + 2
    lengths = period_s * _around_one(rng, count, period_variation)
    boundaries = np.concatenate([[0.0], np.cumsum(lengths)]) - lengths[0]
    return CycleTrain(boundaries, _around_one(rng, count, depth_variation))


def _around_one(rng: np.random.Generator, count: int, deviation: float) -> NDArray[np.float64]:
    return 1 + deviation * np.clip(rng.standard_normal(count), -DRAW_LIMIT, DRAW_LIMIT)


def driving_signals(settings: PhantomSettings, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the driving signals relative to frame 0, columns as in `SIGNALS`.

    Parameters
    ----------
    settings
        Periods, excursions, lag and drift.
    rng
        Generator of the cycles.

    Returns
    -------
    NDArray[np.float64]
        Shape (T, 4), mm; row 0 is 0.
    """
    times = settings.frame_period_s * np.arange(settings.frame_count, dtype=np.float64)
    breaths = draw_cycles(
        rng,
        end_s=float(times[-1]),
        period_s=settings.breathing_period_s,
        period_variation=settings.period_variation,
        depth_variation=settings.amplitude_variation,
    )
    beats = draw_cycles(
        rng,
        end_s=float(times[-1]),
        period_s=HEART_PERIOD_S,
        period_variation=HEART_PERIOD_VARIATION,
        depth_variation=BEAT_VARIATION,
    )
    prompt, lagging = breaths(times), breaths(times - settings.hysteresis * settings.breathing_period_s)
    signals = np.column_stack(
        [
            settings.amplitude_mm * prompt + settings.drift_mm_per_min / 60 * times,
            settings.anterior_posterior_mm * lagging,
            settings.amplitude_mm * (lagging - prompt),
            settings.cardiac_mm * beats(times),
        ]
    )
    return np.asarray(signals - signals[0])
