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
        How many periods lie before each frame, shape (T,); `NONE` for a frame between two instants, which is not shown.
    scale
        Steps along time in s, rows in mm and columns in mm.
    """

    instant_of: NDArray[np.int64]
    scale: tuple[float, float, float]

    @classmethod
    def of(cls, sequence: Sequence) -> TimeAxis:
        """Return the axes of a sequence, on which a pause is as long as it was."""
        rows, columns = sequence.spacing_mm
        return cls(sequence.periods_before_frames, (sequence.frame_period_s, rows, columns))

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

        there = sorted((int(self.instant_of[t]), int(t)) for t in frames if self.instant_of[t] != NONE)
        one, shape = delayed(lambda t: read(t)[np.newaxis], pure=False), like.shape[-2:]
        first = there[0][0] if there else 0
        parts, after = [], first
        for instant, t in there:
            if instant > after:  # one piece, however long a pause is
                parts.append(_empty(instant - after, shape, like.dtype))
            parts.append(da.from_delayed(one(t), shape=(1, *shape), dtype=like.dtype))
            after = instant + 1
        return da.concatenate(parts or [_empty(1, shape, like.dtype)]), first

    def regular(self, frames: NDArray[np.int64]) -> bool:
        """Return whether frames lie at instants that follow one another."""
        instants = self.instant_of[frames]
        return bool((instants != NONE).all() and (np.diff(instants) == 1).all())


def _empty(count: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    import dask.array as da

    return da.zeros((count, *shape), dtype=dtype, chunks=(count, *shape))
