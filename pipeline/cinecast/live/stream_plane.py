"""Which plane the frames of a stream are of, and what comes of frames of another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.contradictions import IN_A_ROW, Contradictions

# Spacings and places come in single precision; a patient that has moved is moved by more than this, in mm.
_SAME_PLACE_MM = 0.01
# Planes that are told apart; more of them come only from a plane that keeps moving.
_MOST_OTHERS = 8

Verdict = Literal["own", "in turn", "anew", "elsewhere"]


class Plane(NamedTuple):
    """A plane: the shape (H, W) of its frames, and its map from (column, row, plane, 1) to patient RAS+ mm, or None."""

    shape: tuple[int, ...]
    affine: NDArray[np.float64] | None

    def corner_mm(self, other: Plane) -> float:
        """Return how far a corner lies from that of another plane of the same size, in mm; 0 where a place is unknown.

        Parameters
        ----------
        other
            The other one.

        Returns
        -------
        float
            Of the corner that lies farthest.
        """
        if self.affine is None or other.affine is None or np.array_equal(self.affine, other.affine):
            return 0.0
        rows, columns = self.shape
        corners = np.array([[0, 0, 0, 1], [columns, 0, 0, 1], [0, rows, 0, 1]], dtype=np.float64).T
        return float(np.linalg.norm(((self.affine - other.affine) @ corners)[:3], axis=0).max())

    def is_same(self, other: Plane) -> bool:
        """Return whether another plane is this one, as far as its place is known."""
        return self.shape == other.shape and self.corner_mm(other) <= _SAME_PLACE_MM


def lies_about_zero(affine: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    """Return whether an affine is what bridges send that know nothing of the patient: axes as they are, centre at 0.

    No scanner has columns that run to the patient's right and rows that run to the front.

    Parameters
    ----------
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, shape (4, 4).
    shape
        Of the frames, (H, W).

    Returns
    -------
    bool
        False for a plane along other axes, or about another place.
    """
    along = bool((np.diag(affine)[:2] > 0).all() and not np.any(affine[:3, :2] * (1 - np.eye(3)[:, :2])))
    centre = affine[:3] @ np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2, 0, 1])
    return along and bool(np.abs(centre).max() < _SAME_PLACE_MM)


class StreamPlane:
    """Decides on the plane of a stream: the first one, or another that follows while frames are still collected.

    A scanner that images two planes in turn sends both: frames of the other one are left alone as long as those of the
    first keep coming.

    Parameters
    ----------
    train_end
        Number of frames to calibrate on: once so many have come, the plane stays.

    Attributes
    ----------
    own
        The plane; None before the first frame.
    change
        What the frames became when it last became another one, in words.
    """

    def __init__(self, train_end: int) -> None:
        self._train_end = train_end
        self.own: Plane | None = None
        self.change = ""
        self._count = 0
        self._others: list[Plane] = []
        self._in_turn: set[int] = set()
        self._since_own = 0
        self._contradictions = Contradictions()

    def observe(self, plane: Plane, usable: Callable[[], bool] = lambda: True) -> Verdict:
        """Take in the plane of the next frame.

        Parameters
        ----------
        plane
            The plane.
        usable
            Says whether the frame shows anything: one that does not makes no plane the stream's.

        Returns
        -------
        Verdict
            ``own`` for the plane of the stream; ``anew`` where this has become it; ``in turn`` for one that is imaged
            besides; ``elsewhere`` for any other.
        """
        if self.own is None:
            self.own = plane
        if self.own.is_same(plane):
            self._in_turn |= set(range(len(self._others)))
            self._count, self._since_own = self._count + 1, 0
            self._contradictions.observe(None)
            return "own"
        self._since_own += 1
        known = self._known(plane)
        if self._contradictions.observe(known if usable() else None) and self._count < self._train_end:
            self._begin(self.own, plane)
            return "anew"
        planes = max(1, len(self._others))
        return "in turn" if known in self._in_turn and self._since_own <= IN_A_ROW * planes else "elsewhere"

    def _known(self, plane: Plane) -> int | None:
        """Return the number of another plane, which is new where it has not come before; None for one of too many."""
        for number, other in enumerate(self._others):
            if other.is_same(plane):
                return number
        if len(self._others) == _MOST_OTHERS:
            return None
        self._others.append(plane)
        return len(self._others) - 1

    def _begin(self, former: Plane, plane: Plane) -> None:
        rows, columns = plane.shape
        large = f"frames have become {rows} x {columns} pixels large"
        self.change = "frames have come to lie elsewhere" if plane.shape == former.shape else large
        self.own, self._count, self._since_own = plane, 1, 0
        self._others, self._in_turn, self._contradictions = [], set(), Contradictions()

    def fault(self, plane: Plane) -> str:
        """Say what is wrong with a frame of another plane, as a part of a sentence about it."""
        assert self.own is not None  # there was a first frame
        if plane.shape != self.own.shape:
            (rows, columns), (own_rows, own_columns) = plane.shape, self.own.shape
            what = f"it has {rows} x {columns} pixels instead of {own_rows} x {own_columns}"
        else:
            moved_mm = self.own.corner_mm(plane)
            what = f"it lies elsewhere: a corner of it is {moved_mm:.3g} mm from that of the frames before"
        return f"{what}; start a new session for a new plane"
