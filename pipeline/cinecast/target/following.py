"""A target followed through a sequence, along the measured motion and along a forecast one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.motion.drift import ForecastMotion
from cinecast.target.mask_series import MaskSeries
from cinecast.target.propagation import MaskPropagator, Propagated


class FollowedTarget(NamedTuple):
    """A target in F frames.

    Parameters
    ----------
    masks
        F masks.
    folded
        Number of pixels of the target at which the motion folds, in each frame, shape (F,).
    known
        Whether there is a motion to follow, shape (F,): where a run has diverged there is none, and the mask is empty.
    """

    masks: MaskSeries
    folded: NDArray[np.int64]
    known: NDArray[np.bool_]


def propagator_of(target: Target, reference: int, dvf: NDArray[Any]) -> MaskPropagator:
    """Return what carries a target along DVFs.

    Parameters
    ----------
    target
        Its mask and the frame that it is of.
    reference
        Index of the reference frame.
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels; that of the target's own frame is looked at, where it is another than
        the reference.

    Returns
    -------
    MaskPropagator
        With the two motions composed where they are two.

    Raises
    ------
    SettingsError
        If the target lies where the reference frame shows nothing.
    """
    return MaskPropagator(target.mask, None if target.frame == reference else np.asarray(dvf[target.frame]))


def follow_measured(propagator: MaskPropagator, dvf: NDArray[Any]) -> FollowedTarget:
    """Follow a target along the measured motion, each frame on its own.

    Parameters
    ----------
    propagator
        From `propagator_of`.
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels; may be memory-mapped.

    Returns
    -------
    FollowedTarget
        In all T frames.
    """
    carried = (propagator.propagate(field[propagator.box]) for field in dvf)
    return _followed(carried, len(dvf), propagator.shape)


def follow_forecast(
    propagator: MaskPropagator, motion: ForecastMotion, forecast: NDArray[np.float64], frames: Sequence[int]
) -> FollowedTarget:
    """Follow a target along a forecast motion, which is rebuilt around the target alone.

    Parameters
    ----------
    propagator
        From `propagator_of`.
    motion
        Turns forecast weights into DVFs.
    forecast
        Forecast weights of one run, shape (T, K), pixels; NaN where there are none.
    frames
        The frames to follow it in.

    Returns
    -------
    FollowedTarget
        In these frames.
    """
    around = motion.within(propagator.box)

    def carried(t: int) -> Propagated | None:
        return propagator.propagate(around.dvf(t, forecast[t])) if np.isfinite(forecast[t]).all() else None

    return _followed((carried(t) for t in frames), len(frames), propagator.shape)


def _followed(found: Iterable[Propagated | None], count: int, shape: tuple[int, int]) -> FollowedTarget:
    bits = np.zeros((count, -(-shape[0] * shape[1] // 8)), dtype=np.uint8)
    folds, known = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    for i, each in enumerate(found):
        if each is not None:
            bits[i], folds[i], known[i] = np.packbits(each.mask), each.folded, True
    return FollowedTarget(MaskSeries(bits, shape), folds, known)
