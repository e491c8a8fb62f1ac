"""Where frames lie on the axes of a viewer: the instants of their clock, rows and columns; in s and mm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE
from cinecast.sequence import Sequence
from cinecast.warp.predicted import PredictedFrames

AXES, UNITS = ("time", "row", "column"), ("s", "mm", "mm")


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """The axes of a sequence; a viewer's are regular, so an instant that no frame came for has an empty picture.

    Parameters
    ----------
    instant_of
        Instant of each frame, shape (T,); `NONE` for a frame between two of them, which is not shown.
    scale
        Steps along time in s, rows in mm and columns in mm.
    """

    instant_of: NDArray[np.int64]
    scale: tuple[float, float, float]

    @classmethod
    def of(cls, sequence: Sequence) -> TimeAxis:
        """Return the axes of a sequence."""
        rows, columns = sequence.spacing_mm
        return cls(sequence.instants.instant_of, (sequence.frame_period_s, rows, columns))

    def said(self, first: int = 0) -> dict[str, Any]:
        """Return what a layer says of its axes; its first picture is at the instant ``first``."""
        return {
            "scale": self.scale,
            "translate": (first * self.scale[0], 0.0, 0.0),
            "axis_labels": AXES,
            "units": UNITS,
        }

    def stack(
        self, read: Callable[[int], NDArray[Any]], frames: NDArray[np.int64], like: NDArray[Any] | PredictedFrames
    ) -> tuple[Any, int]:
        """Return pictures at their instants, none of them read before it is shown.

        Parameters
        ----------
        read
            Returns the picture of a frame, shape (H, W), by the index of the frame in the sequence.
        frames
            Indices of the frames that have one.
        like
            Any picture or pictures, for the shape of one, and for the type.

        Returns
        -------
        pictures
            Dask array of shape (instants, H, W), 0 at instants without a picture.
        first
            The first instant.
        """
        import dask.array as da
        from dask.delayed import delayed

        there = {int(self.instant_of[t]): int(t) for t in frames if self.instant_of[t] != NONE}
        first, last = (min(there), max(there)) if there else (0, 0)
        one, shape = delayed(read, pure=False), like.shape[-2:]
        empty = da.zeros(shape, dtype=like.dtype, chunks=shape)
        pictures = [
            da.from_delayed(one(there[instant]), shape=shape, dtype=like.dtype) if instant in there else empty
            for instant in range(first, last + 1)
        ]
        return da.stack(pictures), first

    def regular(self, frames: NDArray[np.int64]) -> bool:
        """Return whether frames lie at instants that follow one another."""
        instants = self.instant_of[frames]
        return bool((instants != NONE).all() and (np.diff(instants) == 1).all())
