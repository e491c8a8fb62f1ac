"""A target of a live stream: its mask carried along every forecast, and along the measured motion."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.live.calibration import Calibration
from cinecast.live.gate import beam_is_on
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.spacing import check_spacing
from cinecast.live.target_place import ForecastTarget, TargetPlace
from cinecast.settings import GateByRadius

if TYPE_CHECKING:
    from cinecast.frames.masks import Target
    from cinecast.target import MaskPropagator

_LOG = logging.getLogger(__name__)


class LiveTarget:
    """Carries a target of one of the calibration frames along DVFs.

    The reference frame of a stream stays when its motion model is fitted anew, so that a target does too.

    Parameters
    ----------
    target
        Its mask, and the frame that it is of by its number in the stream.
    calibration
        What was learned from the first frames, not from later ones.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    margin_mm
        How far its centroid may be from the plan's while the beam is on, in mm.
    by_radius
        How the radius of its centroid changes that: ``gate_by_radius`` of `cinecast.settings.ScoreSettings`.
    number
        Its number among the targets of the stream, from 1.

    Attributes
    ----------
    target
        The target as it was given: the plan.
    position
        Which of the calibration frames it is of.
    planned
        Centroid of the plan, (row, column), pixels.
    spacing_mm, margin_mm, number
        As given.
    centroids
        Gives how far its centroid is off.

    Raises
    ------
    SettingsError
        If spacing or margin are no lengths, or the target is of no calibration frame, of a faulty one, of another size,
        or of a place that the reference frame does not show.
    """

    def __init__(
        self,
        target: Target,
        calibration: Calibration,
        *,
        spacing_mm: tuple[float, float],
        margin_mm: float,
        by_radius: GateByRadius = "ignore",
        number: int = 1,
    ) -> None:
        from cinecast.score.point_bands import TargetCentroids

        _check_lengths(spacing_mm, margin_mm)
        self.position = _position(target, calibration)
        self.target, self.spacing_mm, self.margin_mm, self.number = target, spacing_mm, margin_mm, number
        self.planned = centroid_of(target.mask)
        self._propagator = _propagator(target, calibration, self.position)
        self.centroids = TargetCentroids((self._propagator,), spacing_mm)
        self._by_radius: GateByRadius = by_radius
        self._has_left = self._has_folded = self._is_cut = False
        self.place(calibration.dvf[self.position])  # so that nothing is left to be compiled when a frame comes

    def radius_mm(self, learned: NDArray[np.floating]) -> float:
        """Return the radius of its centroid, that of a run: see `cinecast.score.point_bands.centroid_radii`.

        Parameters
        ----------
        learned
            Of the one target, or of shape () where no error is known.
        """
        from cinecast.score.point_bands import centroid_radii

        return float(np.max(centroid_radii(learned, self.spacing_mm)))

    def place(self, dvf: NDArray[Any]) -> TargetPlace:
        """Return where a motion carries the target.

        Parameters
        ----------
        dvf
            DVF of the frame, shape (H, W, 2), pixels, last axis (x, y).
        """
        mask, folded = self._propagator.propagate(dvf[self._propagator.box])
        centroid = centroid_of(mask)
        return TargetPlace(self.target.name, mask, centroid, (centroid - self.planned) * self.spacing_mm, folded)

    def forecast(self, forecast: LiveForecast) -> ForecastTarget:
        """Return where a forecast carries the target; that an edge cuts it, or it is folded, is said once."""
        place = self.place(forecast.dvf)
        self._say(place, forecast)
        radius_mm = forecast.target_radii_mm.get(place.name, math.nan)
        beam_on = beam_is_on(place.offset_mm, self.margin_mm, radius_mm, self._by_radius)
        return ForecastTarget(**vars(place), beam_on=beam_on, radius_mm=radius_mm, number=self.number)

    def _say(self, place: TargetPlace, forecast: LiveForecast) -> None:
        from cinecast.frames.mask_edges import sides_reached

        if not self._has_left and not place.mask.any():
            self._has_left = True
            _LOG.warning(
                "target %s: the forecast of %.4f s leaves none of it in the image: the beam is off whenever that is so",
                place.name,
                forecast.time_s,
            )
        if not self._is_cut and sides_reached(place.mask):
            self._is_cut = True
            _LOG.warning(
                "target %s: the forecast of %.4f s carries it to the edge of the image: its centroid is that of the "
                "part that is seen, so where it reaches the edge the beam may be on though it is farther away",
                place.name,
                forecast.time_s,
            )
        if not self._has_folded and place.folded:
            self._has_folded = True
            _LOG.warning(
                "target %s: the forecast motion of %.4f s folds at %d of its pixels: where it folds, its outline is "
                "not to be trusted",
                place.name,
                forecast.time_s,
                place.folded,
            )


def centroid_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean place of the pixels of a mask (H, W), (row, column), pixels; NaN for an empty one."""
    rows, columns = np.nonzero(mask)
    return np.array([rows.mean(), columns.mean()]) if len(rows) else np.full(2, np.nan)


def _propagator(target: Target, calibration: Calibration, position: int) -> MaskPropagator:
    from cinecast.target import propagator_of  # with readers of masks, which streams without a target do without

    return propagator_of(replace(target, frame=position), calibration.reference_index, calibration.dvf)


def _position(target: Target, calibration: Calibration) -> int:
    numbers = [label.number for label in calibration.labels]
    if target.frame not in numbers:
        raise SettingsError(
            f"a target must be of a frame that was calibrated on, {numbers[0]} to {numbers[-1]}, got {target.name!r} "
            f"of frame {target.frame}; draw it on one of these (--target-frame)"
        )
    position = numbers.index(target.frame)
    if position in calibration.faults:
        raise SettingsError(
            f"a target must be of a frame that shows it, got {target.name!r} of frame {target.frame}, which is "
            f"{calibration.faults[position]}; draw it on another frame (--target-frame)"
        )
    if target.mask.shape != calibration.reference.shape:
        raise SettingsError(
            f"a mask must have the size of the frames, {calibration.reference.shape}, got {target.mask.shape} for "
            f"{target.name!r}; draw it on these frames"
        )
    return position


def _check_lengths(spacing_mm: tuple[float, float], margin_mm: float) -> None:
    check_spacing(spacing_mm)
    if not (np.isfinite(margin_mm) and margin_mm > 0):
        raise SettingsError(f"the margin of the gate (--margin) must be above 0 mm, got {margin_mm:g}; give a length")
