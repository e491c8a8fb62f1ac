"""What comes back for one frame pushed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.place_bands import PixelRadius
from cinecast.live.target_place import ForecastTarget
from cinecast_models import Conditions
from cinecast_models.ensemble import ensemble_mean


class StepTimes(NamedTuple):
    """Milliseconds that each step took for one frame."""

    flow: float
    projection: float
    forecast: float
    reconstruction: float
    warp: float

    @property
    def total(self) -> float:
        """All steps together, in ms."""
        return sum(self)


@dataclass(frozen=True, eq=False)
class LiveForecast:
    """The newest forecast there is after one frame was pushed.

    Parameters
    ----------
    name
        Name of the frame that it was issued at, for people.
    issued_s
        Time of that frame in s, on the clock of the frames.
    time_s
        The time in s that is forecast.
    weights
        Forecast weights of every random run, shape (R, K); NaN for a run that diverged.
    radius
        How far each weight may be off, with the probability of ``score.level``, shape (R, K), learned from the errors
        that have become known; NaN before there are any.
    run
        The run that `dvf` and `frame` are of: the first that has not diverged.
    dvf
        Forecast deformation, shape (H, W, 2), pixels, last axis (x, y).
    frame
        Forecast frame, shape (H, W), type of the reference frame.
    measured
        DVF of the frame that it was issued at, shape (H, W, 2), single precision: what earlier forecasts of
        its time are scored against. Of a faulty frame that of the frame before.
    steps
        The time that each step took.
    stale
        Whether it is less than a regular forecast from the frame just pushed.
    reasons
        One sentence for everything that was unusual about the frame just pushed; why the forecast is stale, if it is.
    held
        Whether the frame was faulty, so that `measured` is held and nothing is scored against it.
    drift
        How far the mean DVF has moved since the calibration, shape (H, W, 2), pixels, a part of `dvf`; None for a
        method that does not follow it. It cannot be written to: forecasts share it until another is known.
    without_history
        Whether too few frames have come since a long gap to forecast from: what is shown is the newest motion.
    targets
        The targets of the stream where `dvf` carries them; those that were set before the frame was pushed.
    pixels
        What gives `pixel_radius_mm`; None where there is none.
    target_radii_mm
        How far off the centroid of each target may be, in mm, by its name; NaN before any error is known.
    conditions
        How hard `run` is to forecast now and where in a breath it was issued, as
        `cinecast_models.forecast_conditions` has it; None without a history.
    """

    name: str
    issued_s: float
    time_s: float
    weights: NDArray[np.float64]
    radius: NDArray[np.float64]
    run: int
    dvf: NDArray[np.float64]
    frame: NDArray[Any]
    measured: NDArray[np.float32]
    steps: StepTimes
    stale: bool = False
    reasons: tuple[str, ...] = ()
    held: bool = False
    drift: NDArray[np.float32] | None = None
    without_history: bool = False
    targets: tuple[ForecastTarget, ...] = ()
    pixels: PixelRadius | None = None
    target_radii_mm: Mapping[str, float] = field(default_factory=dict)
    conditions: Conditions | None = None

    def copied(self) -> LiveForecast:
        """Return the same forecast with arrays of its own, but for `drift`, which cannot be written to."""
        return replace(
            self,
            weights=self.weights.copy(),
            radius=self.radius.copy(),
            dvf=self.dvf.copy(),
            frame=self.frame.copy(),
            measured=self.measured.copy(),
            targets=tuple(each.copied() for each in self.targets),
            conditions=None if self.conditions is None else Conditions(*(each.copy() for each in self.conditions)),
        )

    @property
    def pixel_radius_mm(self) -> NDArray[np.float32] | None:
        """How far off `dvf` may be at each pixel, with the probability of ``score.level``, shape (H, W), mm.

        NaN before any error is known; None where the spacing of the pixels was not given, and without a history. It is
        computed when it is asked for, or by `LiveForecaster.settle`, and is that of a run, bit for bit.
        """
        return None if self.pixels is None else self.pixels.mm

    @property
    def half_range(self) -> NDArray[np.float64]:
        """Half width of the 95 % band of the mean over random runs, shape (K,); NaN with fewer than 2 runs."""
        return np.asarray(ensemble_mean(self.weights[:, np.newaxis])[1][0])
