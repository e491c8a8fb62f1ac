"""What became of the newest frame is known only when a newer one comes, or the calibration beside the stream ends."""

from __future__ import annotations

from typing import NamedTuple

from cinecast.frames.streamed import StreamedFrame
from cinecast.live.taken import Taken


class Newest(NamedTuple):
    """The newest frame before the first forecast, and what became of it so far."""

    arrived: StreamedFrame
    taken: Taken


class AwaitedRows:
    """Holds what became of the newest frame during the calibration, and what came after it that is no frame."""

    def __init__(self) -> None:
        self._held: list[Taken] = []

    def add(self, taken: Taken) -> list[Taken]:
        """Take in what became of an arrival during the calibration; return those of which all is known now."""
        if taken.state == "skipped":
            self._held.append(taken)
            return []
        known, self._held = self._held, [taken]
        return known

    def released(self, taken: Taken) -> tuple[list[Taken], list[Taken]]:
        """Let go of all, as the calibration is over.

        Parameters
        ----------
        taken
            What became of an arrival since. It takes the place of the newest frame's where it is of that frame.

        Returns
        -------
        earlier, later
            What came before that arrival, and after it.
        """
        held = self.rest()
        if held and held[0].number == taken.number and taken.state == "calibrated":
            return [], held[1:]
        return held, []

    def rest(self) -> list[Taken]:
        """Return all that is held, and hold it no more."""
        held, self._held = self._held, []
        return held
