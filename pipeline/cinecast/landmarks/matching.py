"""Template matching: where a patch of a frame lies in another, by normalised cross-correlation, in parts of pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.preparing import Prepared, Reach


class Peak(NamedTuple):
    """Where a patch matches best.

    Parameters
    ----------
    x, y
        Pixels along columns and rows from where it was looked for; NaN where the best match lies on the border of the
        search or of the frame, so that a better one may lie beyond.
    quality
        Normalised cross-correlation there, -1 to 1.
    rival
        The best one elsewhere; -1 where there is nothing else.
    """

    x: float
    y: float
    quality: float
    rival: float


def find_peak(patch: NDArray[np.float32], frame: Prepared, place: tuple[int, int], reach: Reach) -> Peak | None:
    """Look for a patch around its place.

    Parameters
    ----------
    patch
        Grey values, shape `Reach.size`.
    frame
        Where it is looked for.
    place
        Pixel (row, column) of the patch's centre where it has not moved.
    reach
        How far it is looked for.

    Returns
    -------
    Peak | None
        None where no patch of this size lies within reach.
    """
    import cv2

    # Some 40,000 patches are looked for in a sequence: what is not OpenCV's is kept short.
    (rows, columns), (height, width) = reach.patch, frame.grey.shape
    down, aside = rows + reach.search[0], columns + reach.search[1]
    top, bottom = max(0, place[0] - down), min(height, place[0] + down + 1)
    left, right = max(0, place[1] - aside), min(width, place[1] + aside + 1)
    if bottom - top < patch.shape[0] or right - left < patch.shape[1]:
        return None
    score: NDArray[Any] = cv2.matchTemplate(frame.grey[top:bottom, left:right], patch, cv2.TM_CCOEFF_NORMED)
    if frame.has_flat:
        score[frame.flat[top + rows : bottom - rows, left + columns : right - columns]] = -1
    last_row, last_column = score.shape[0] - 1, score.shape[1] - 1
    row, column = divmod(int(score.argmax()), last_column + 1)
    quality, x, y = float(score[row, column]), np.nan, np.nan
    if 0 < row < last_row and 0 < column < last_column:
        beyond_x, beyond_y = _vertex(score[row - 1 : row + 2, column - 1 : column + 2])
        x = left + columns + column - place[1] + beyond_x
        y = top + rows + row - place[0] + beyond_y
    down, aside = reach.same
    score[max(0, row - down) : row + down + 1, max(0, column - aside) : column + aside + 1] = -1
    return Peak(x, y, quality, float(score.max()))


def _vertex(nine: NDArray[Any]) -> tuple[float, float]:
    """Return where the paraboloid through 3 x 3 values has its vertex, (x, y) from the middle one, the greatest.

    Its axes may be oblique, as those of an oblique edge are; along rows and columns alone the vertex is elsewhere.
    """
    (a, b, c), (d, e, f), (g, h, i) = nine.tolist()
    slope_x, slope_y = (f - d) / 2, (h - b) / 2
    xx, yy, xy = d - 2 * e + f, b - 2 * e + h, (a + i - c - g) / 4
    determinant = xx * yy - xy * xy
    if xx >= 0 or determinant <= 0:  # a ridge or a plateau
        return 0.0, 0.0
    x, y = (xy * slope_y - yy * slope_x) / determinant, (xy * slope_x - xx * slope_y) / determinant
    return min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)
