"""What is said of a frame once its forecast is out: errors at landmarks, and motion that the flow does not explain."""

from __future__ import annotations

import logging
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.pyramid import unexplained_advice
from cinecast.flow.unexplained import UnexplainedShare, unexplained_shares
from cinecast.flow.unexplained_limit import unexplained_limit
from cinecast.frames.frame_faults import frames_text
from cinecast.landmarks import Landmarks, LandmarkSummary, summarise_landmarks
from cinecast.live.calibration import Calibration
from cinecast.live.first_frames import FrameLabel
from cinecast.live.followed_landmarks import landmarks_to_follow
from cinecast.live.landmark_error import LandmarkError, LandmarkErrors
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.second_opinion import SecondOpinion, mean_motion_mm
from cinecast.settings import Settings

_LOG = logging.getLogger(__name__)


class Inspected(NamedTuple):
    """What was found of one frame.

    Parameters
    ----------
    landmark_error_mm
        Mean error at the landmarks of the forecast whose time came with the frame; NaN where there is none.
    measured_landmark_error_mm
        The same of the measured motion of the frame.
    places
        Where the landmarks were found, shape (N, 2), pixels, (x = column, y = row); NaN where one was not.
    unexplained_share
        Share of the textured tissue that the measured motion does not bring back onto the reference frame; NaN for a
        faulty frame.
    unexplained
        Whether that is far more than in the frames of the calibration.
    """

    landmark_error_mm: float
    measured_landmark_error_mm: float
    places: NDArray[np.float64]
    unexplained_share: float
    unexplained: bool

    @property
    def found(self) -> int:
        """Number of landmarks that were found."""
        return int(np.isfinite(self.places[:, 0]).sum())


class Inspection:
    """Inspects a stream from the end of its calibration on; all that it compares with comes from a calibration.

    Parameters
    ----------
    calibration
        What was learned from the first frames.
    first
        The forecast issued at the last of them.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    settings
        Of all stages: how motion is measured, and how landmarks are found.
    own
        A user's own landmarks, by the numbers of frames in the stream; None: they are found.
    learned
        What the breathing is compared with, where the motion model was fitted anew before the first forecast.

    Attributes
    ----------
    landmarks
        The landmarks, with their tracks in the calibration frames.
    summary
        How often each was found in these, and how far it moves.
    errors
        The running errors at them.
    unexplained
        Numbers of all frames whose motion is not explained, those of the calibration too.
    """

    def __init__(
        self,
        calibration: Calibration,
        first: LiveForecast,
        spacing_mm: tuple[float, float],
        settings: Settings,
        own: Landmarks | None = None,
        learned: Calibration | None = None,
    ) -> None:
        self._followed = landmarks_to_follow(calibration, spacing_mm, settings.landmarks, own)
        self.landmarks = self._followed.landmarks
        self.summary: LandmarkSummary = summarise_landmarks(self.landmarks, spacing_mm, len(calibration.frames))
        self.errors = LandmarkError(self.landmarks.positions, spacing_mm, calibration.period_s)
        self._row_mm = spacing_mm[0]
        self.learn_anew(calibration if learned is None else learned)
        self._remember(first)
        self._share = UnexplainedShare(calibration.reference)
        shares = unexplained_shares(calibration.reference, calibration.frames, calibration.dvf)
        self._limit = unexplained_limit(shares, calibration.faults)
        over = np.flatnonzero(shares > self._limit).tolist()
        self.unexplained = [calibration.labels[t].number for t in over if t not in calibration.faults]
        self._say_calibration(len(shares), unexplained_advice(calibration.reference.shape, settings.flow))

    def _remember(self, forecast: LiveForecast) -> None:
        if not forecast.without_history:  # the newest motion stands in its place, and is no forecast
            self.errors.add(forecast)

    def learn_anew(self, calibration: Calibration) -> None:
        """Compare the breathing with that of recent frames, which the motion model was fitted anew to.

        Parameters
        ----------
        calibration
            What was learned from these; reference frame and landmarks are as before.
        """
        self._opinion = SecondOpinion.after(calibration, self._row_mm)

    def inspect(
        self, number: int, frame: NDArray[Any], before: NDArray[Any] | None, forecast: LiveForecast
    ) -> Inspected:
        """Inspect the next frame that was forecast from.

        Parameters
        ----------
        number
            How many frames of the stream came before it.
        frame
            Grey values, shape (H, W).
        before
            The frame that came before it, of any shape; None where there was none.
        forecast
            The forecast issued at it, with what was measured on it.

        Returns
        -------
        Inspected
            Of this frame; a later one changes nothing of it. Of a faulty one nothing is said.
        """
        found = None if forecast.held else self._followed.displacements(frame, number, before)
        errors = self.errors.observe(forecast.issued_s, found, forecast.measured)
        self._give_opinion(number, forecast, errors)
        self._remember(forecast)
        if found is None:
            return Inspected(*errors[:2], np.full_like(self.landmarks.positions, np.nan), math.nan, False)
        share = self._share(frame, forecast.measured)
        if unexplained := share > self._limit:
            self.unexplained.append(number)
            _LOG.warning(
                "%s (%.4f s): the flow does not explain %.1f %% of its tissue, where up to %.1f %% is usual: "
                "trust no motion that is measured on it or forecast from it",
                FrameLabel(number, forecast.name).text,
                forecast.issued_s,
                100 * share,
                100 * self._limit,
            )
        return Inspected(*errors[:2], self.landmarks.positions + found, share, unexplained)

    def _give_opinion(self, number: int, forecast: LiveForecast, errors: LandmarkErrors) -> None:
        signal = math.nan if forecast.held else mean_motion_mm(forecast.measured, self._row_mm)
        for sentence in self._opinion.observe(forecast.issued_s, errors, signal):
            label = FrameLabel(number, forecast.name).text
            _LOG.warning("%s (%.4f s): second opinion: %s", label, forecast.issued_s, sentence)

    def _say_calibration(self, count: int, advice: str) -> None:
        if not self.landmarks.names:
            _LOG.warning("%s", self.summary.sentence)
        if self.unexplained:
            _LOG.warning(
                "calibration: the flow does not explain %d of %d frames (%s): brought back onto the reference frame, "
                "they are far less like it than the others; %s",
                len(self.unexplained),
                count,
                frames_text(self.unexplained, most=8),
                advice,
            )
