"""A mask of one frame carried along the motion into the others, with its edge between pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.target.folding import folded
from cinecast.target.signed_distance import signed_distance

# So many pixels around the target are looked at as well: the way to a fixed point may lead through them.
_MARGIN_PX = 16
# What lies this far beyond the moved pixels of a mask cannot be in it.
_BEYOND_PX = 2

Box = tuple[slice, slice]


class Propagated(NamedTuple):
    """A target in one frame.

    Parameters
    ----------
    mask
        Shape (H, W), True inside; nothing is where the target has left the image.
    folded
        Number of pixels of the target at which the motion folds.
    """

    mask: NDArray[np.bool_]
    folded: int


class MaskPropagator:
    """Carries one mask along DVFs: at frame t it is ``{q : q = p + u_t(p), p in the mask of the reference frame}``.

    The motion is inverted by fixed point and the signed distance map of the mask sampled there; the target is where
    that is above 0. A mask of another frame than the reference is not resampled: the two motions are composed.

    Parameters
    ----------
    mask
        Shape (H, W), True inside.
    own_dvf
        DVF of the frame that the mask is of, shape (H, W, 2), pixels; None where that is the reference frame itself.

    Attributes
    ----------
    shape
        Rows and columns of the image.
    box
        The part of the reference frame whose DVFs are looked at, which holds the target with a margin.
    in_reference
        The target in the reference frame, shape (H, W).

    Raises
    ------
    SettingsError
        If no pixel of the reference frame moves into the mask.
    """

    def __init__(self, mask: NDArray[np.bool_], own_dvf: NDArray[Any] | None = None) -> None:
        self.shape = mask.shape[0], mask.shape[1]
        self._distance = signed_distance(mask)
        reference = mask if own_dvf is None else self._pulled(own_dvf)
        if not reference.any():
            raise SettingsError(
                "a target must lie where the reference frame shows tissue, got one that no pixel of that frame moves "
                "into; set flow.reference to the target's frame"
            )
        self.box = _grown(_bounds(reference), _MARGIN_PX, mask.shape)
        self.in_reference = reference
        self._reference = reference[self.box]
        self._own = np.empty((2, 0, 0)) if own_dvf is None else _components(own_dvf[self.box])

    def propagate(self, dvf: NDArray[Any]) -> Propagated:
        """Return the target in a frame.

        Parameters
        ----------
        dvf
            DVF of the frame in `box`, shape (h, w, 2), pixels, last axis (x, y), finite.
        """
        motion = _components(dvf)
        return Propagated(self._moved(motion), int((folded(motion) & self._reference).sum()))

    def moved(self, dvf: NDArray[Any]) -> NDArray[np.bool_]:
        """Return the mask alone of `propagate`, shape (H, W)."""
        return self._moved(_components(dvf))

    def _moved(self, motion: NDArray[np.float64]) -> NDArray[np.bool_]:
        from cinecast.target.kernels import pull  # compiled

        corner = self.box[0].start, self.box[1].start
        where = self._where(motion)
        mask = np.zeros(self.shape, dtype=bool)
        levels = np.empty((where[0].stop - where[0].start, where[1].stop - where[1].start))
        pull(self._distance, motion, self._own, corner, (where[0].start, where[1].start), levels)
        mask[where] = levels > 0
        return mask

    def _where(self, motion: NDArray[np.float64]) -> Box:
        """Return the box of pixels that the target may have moved to; an empty one where it has left the image."""
        rows, columns = np.nonzero(self._reference)
        moved_rows = rows + motion[1][self._reference] + self.box[0].start
        moved_columns = columns + motion[0][self._reference] + self.box[1].start
        bounds = (
            slice(int(np.floor(moved.min())), int(np.ceil(moved.max())) + 1) for moved in (moved_rows, moved_columns)
        )
        return _grown((next(bounds), next(bounds)), _BEYOND_PX, self.shape)

    def _pulled(self, own_dvf: NDArray[Any]) -> NDArray[np.bool_]:
        """Return the mask in the reference frame: no motion has to be inverted for it."""
        from scipy.ndimage import map_coordinates  # type: ignore[import-untyped]

        rows, columns = np.indices(self.shape)
        places = np.stack([rows + own_dvf[..., 1] + 1, columns + own_dvf[..., 0] + 1])
        return np.asarray(map_coordinates(self._distance, places, order=1, mode="nearest") > 0)


def _components(dvf: NDArray[Any]) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.moveaxis(dvf, -1, 0), dtype=np.float64)


def _bounds(mask: NDArray[np.bool_]) -> Box:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _grown(box: Box, by: int, shape: tuple[int, ...]) -> Box:
    """Return a box with a margin, cut off at the image's edge."""
    rows, columns = (
        slice(min(max(side.start - by, 0), size), max(min(side.stop + by, size), min(max(side.start - by, 0), size)))
        for side, size in zip(box, shape, strict=True)
    )
    return rows, columns
