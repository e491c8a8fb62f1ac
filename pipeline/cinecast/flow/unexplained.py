"""Frames that the flow has not explained: pulled back by their DVF, too much of them is still unlike the reference.

A pyramid reaches only so far; tissue that moves further is lost, and the DVF looks as smooth as any. What is left after
registration shows it, independently of the DVF's own size. Brightness is no difference: images are compared by their
local correlation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.filters import smooth
from cinecast.flow.registration import pulled_inside

Double = NDArray[np.float64]

# Width in pixels of the window in which images are correlated: that of a vessel or a stretch of the diaphragm.
WINDOW_PX = 6.0
# Where images correlate by less than this within the window, the tissue there is another.
SMALLEST_CORRELATION = 0.5
# Where the reference varies locally by less than this share of its whole deviation, nothing could be followed.
_TEXTURE = 0.1


class UnexplainedShare:
    """Measures which share of the textured tissue of a frame its DVF does not bring back onto the reference.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    """

    def __init__(self, reference: NDArray[Any]) -> None:
        target = _halved(np.asarray(reference, dtype=np.float64))
        self._detail, self._energy = _detail(target)
        self._textured = self._energy > (_TEXTURE * target.std()) ** 2

    def __call__(self, frame: NDArray[Any], dvf: NDArray[Any]) -> float:
        """Return the share, 0 to 1; 0 where the reference has no texture. Gain and offset of the frame change nothing.

        Parameters
        ----------
        frame
            Grey values, shape (H, W).
        dvf
            Its DVF, shape (H, W, 2), pixels, last axis (x = column, y = row).
        """
        if not self._textured.any():
            return 0.0
        moved, energy = _detail(_halved(pulled_inside(frame, dvf)))
        product = smooth(self._detail * moved, WINDOW_PX / 2)
        lost = product < SMALLEST_CORRELATION * np.sqrt(self._energy * energy)
        return float(lost[self._textured].mean())


def unexplained_shares(
    reference: NDArray[Any],
    frames: NDArray[Any],
    dvfs: NDArray[Any],
    *,
    apply: Callable[..., Iterable[float]] = map,
) -> Double:
    """Return the share of the textured tissue of each frame that its DVF does not bring back onto the reference.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    frames
        Grey values, shape (T, H, W).
    dvfs
        Their DVFs, shape (T, H, W, 2), pixels, last axis (x = column, y = row); may be memory-mapped.
    apply
        Calls a function on each of many arguments, in order: `map`, or that of a thread pool.

    Returns
    -------
    Double
        Shape (T,), from `UnexplainedShare`.
    """
    share = UnexplainedShare(reference)
    return np.array(list(apply(lambda t: share(frames[t], dvfs[t]), range(len(frames)))))


def _halved(image: Double) -> Double:
    """Return means of 2 x 2 pixels: a quarter of the work, and of the noise."""
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return np.asarray(image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3)))


def _detail(image: Double) -> tuple[Double, Double]:
    """Return an image less its local mean, and the local mean of the square of that."""
    detail = image - smooth(image, WINDOW_PX / 2)
    return detail, smooth(detail * detail, WINDOW_PX / 2)
