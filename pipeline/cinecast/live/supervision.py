"""Says when the motion of a stream stops being explained, and replaces the model that no longer explains it."""

from __future__ import annotations

import logging

from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.motion_change import Explained, threshold_px, unexplained_px
from cinecast.live.refit import Make, RecentMotion, Refit

_LOG = logging.getLogger(__name__)


class Supervision:
    """Watches a forecaster from its calibration on.

    Parameters
    ----------
    forecaster
        The forecaster.
    make
        Makes another one from a calibration.
    recalibrate
        Whether it is replaced when the motion stops being explained; else that is only said.

    Attributes
    ----------
    forecaster
        The one to push frames to.
    refit
        The fit that goes on, or None.
    """

    def __init__(self, forecaster: CalibratedForecaster, make: Make, recalibrate: bool) -> None:
        self.forecaster, self._make, self._recalibrate = forecaster, make, recalibrate
        frames, self._modes = len(forecaster.calibration.dvf), len(forecaster.calibration.model.modes)
        self._explained = Explained(threshold_px(forecaster.calibration))
        self._needed = max(frames // 2, self._modes + 2, forecaster.shortest_train_span)
        self._recent = RecentMotion(frames)
        self._missed = RecentMotion(frames)
        self.refit: Refit | None = None

    def before_push(self) -> None:
        """Put the successor in place, if it is ready: between two frames, and in less time than one of them takes."""
        if self.refit is None or not self.refit.done:
            return
        refit, self.refit = self.refit, None
        successor = refit.successor(self.forecaster, self._missed.fields)
        if successor is None:
            _LOG.warning("the motion model could not be fitted anew, the old one stays: %s", refit.fault)
        else:
            _LOG.warning("the motion model and %s were fitted anew from recent frames", self.forecaster.method)
            self.forecaster = successor
            self._explained = Explained(refit.threshold)
        self._recent.clear()

    def after_push(self, latest: LiveForecast, name: str) -> str | None:
        """Look at the newest frame; return in a sentence why its forecast cannot be trusted, None if it can.

        Parameters
        ----------
        latest
            The forecast from it.
        name
            What the frame is called in reports.
        """
        explained, model = self._explained, self.forecaster.calibration.model
        change = explained.arrive(unexplained_px(model, latest.measured, self.forecaster.projected))
        if change == "lost":
            _LOG.warning(
                "%s (%.4f s): the motion model has stopped explaining the frames: it leaves more than %.3g pixels of "
                "their motion",
                name,
                latest.issued_s,
                explained.threshold,
            )
        elif change == "found":
            _LOG.warning("%s (%.4f s): the motion model explains the frames again", name, latest.issued_s)
        if self._recalibrate:
            self._collect(latest)
        return "the motion is not explained by the motion model" if explained.lost else None

    def _collect(self, latest: LiveForecast) -> None:
        arrival = self.forecaster.arrival
        self._missed.add(arrival, latest.measured)
        self._recent.add(arrival, latest.measured)
        if not (self._explained.lost or self._explained.above):
            self._recent.clear()
        if self._explained.lost and self.refit is None and len(self._recent) >= self._needed:
            self._missed.clear()
            self.refit = Refit(self.forecaster, self._recent.fields, self._make, self._modes)
