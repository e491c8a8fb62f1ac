"""The motion of the newest instants of a stream, kept for a motion model that may have to be fitted anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import Arrival


class RecentMotion:
    """DVFs at the instants of the regular clock since a moment, of at most so many instants.

    Parameters
    ----------
    most
        How many instants are kept; the oldest go first.

    Attributes
    ----------
    begins_anew
        Whether instants are missing before the first that is kept, so that no history reaches across.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._fields: list[NDArray[np.float32]] = []
        self._held: list[bool] = []
        self._filled: list[bool] = []
        self._newest: NDArray[np.float32] | None = None
        self._newest_held = False
        self.begins_anew = False

    @property
    def fields(self) -> list[NDArray[np.float32]]:
        """The DVFs, each of shape (H, W, 2), pixels, oldest first."""
        return list(self._fields)

    @property
    def held(self) -> list[bool]:
        """Of each DVF, whether it is that of the frame before, or was filled in beside such a one."""
        return list(self._held)

    @property
    def filled(self) -> list[bool]:
        """Of each DVF, whether no frame came at its instant: it was filled in between those around."""
        return list(self._filled)

    @property
    def unmeasured(self) -> list[bool]:
        """Of each DVF, whether it was not measured but held or filled in."""
        return [held or filled for held, filled in zip(self._held, self._filled, strict=True)]

    @property
    def measured(self) -> int:
        """Number of DVFs that were measured."""
        return self.unmeasured.count(False)

    def copy(self) -> RecentMotion:
        """Return one that goes on by itself."""
        other = RecentMotion(self._most)
        other._fields, other._held, other._filled = self.fields, self.held, self.filled
        other._newest, other._newest_held, other.begins_anew = self._newest, self._newest_held, self.begins_anew
        return other

    def clear(self) -> None:
        """Begin anew with the next frame."""
        self._fields, self._held, self._filled = [], [], []
        self.begins_anew = False

    def add(self, arrival: Arrival, dvf: NDArray[np.float32], *, held: bool = False) -> None:
        """Take in the next frame; instants before it without a frame of their own are interpolated.

        Parameters
        ----------
        arrival
            What the frame means for the regular clock; one that starts it anew clears what is kept.
        dvf
            Its DVF, shape (H, W, 2), pixels.
        held
            Whether that is the DVF of the frame before, as its own could not be measured.
        """
        if arrival.jump:
            self.clear()
            self.begins_anew = True
        for share in arrival.shares:
            filled, before = share != 1.0, dvf if self._newest is None else self._newest
            self._fields.append((before + share * (dvf - before)).astype(np.float32) if filled else dvf)
            self._filled.append(filled)
            self._held.append(held or (filled and self._newest_held))
        self._newest, self._newest_held = dvf, held
        self.begins_anew |= len(self._fields) > self._most
        for kept in (self._fields, self._held, self._filled):
            del kept[: -self._most]
