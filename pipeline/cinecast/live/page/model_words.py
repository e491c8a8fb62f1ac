"""The state of a session's motion model in a sentence."""

from __future__ import annotations

from cinecast.live.session import LiveSession
from cinecast.live.taken import Taken


class ModelWords:
    """Says what the model was learned from, and what becomes of it."""

    def __init__(self) -> None:
        self._renewals, self._meanwhile = 0, -1
        self._renewed_at = ""

    def after(self, taken: Taken, session: LiveSession, wanted: int) -> str:
        """Take in what became of an arrival.

        Parameters
        ----------
        taken
            What became of it.
        session
            The session that took it.
        wanted
            Number of frames to calibrate on.

        Returns
        -------
        str
            The sentence.
        """
        forecaster = session.forecaster
        if taken.state == "recalibrated":
            self._renewals, self._renewed_at = self._renewals + 1, taken.name
        if forecaster.calibrating:
            return f"being fitted to {wanted} frames; {session.passed_over} passed over so far"
        if forecaster.calibration is None:
            return f"{forecaster.collected} of {wanted} frames collected"
        if self._meanwhile < 0:  # later on, frames are passed over behind newer ones, too
            self._meanwhile = session.passed_over
        words = [f"fitted to {wanted} frames in {forecaster.calibration_s:.1f} s"]
        if self._meanwhile:
            words.append(f"{self._meanwhile} passed over meanwhile")
        if self._renewals:
            words.append(f"fitted anew {self._renewals} time(s), last at {self._renewed_at}")
        if forecaster.refitting:
            words.append("being fitted anew now")
        return "; ".join(words)
