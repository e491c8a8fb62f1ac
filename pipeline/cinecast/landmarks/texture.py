"""Places of a frame that can be told from all of their neighbours: those with edges in two directions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.preparing import prepare, reach_of
from cinecast.rounding import whole_pixels
from cinecast.settings import LandmarksSettings

_MOST_CANDIDATES = 320
# Parts of the width of a patch: over which gradients are averaged, and how far candidates are apart.
_WINDOW, _APART = 0.2, 0.3
# Part of the strongest texture; below it there is noise.
_LEAST_TEXTURE = 2e-3
# Part of the texture across; a patch with less along it slides along its edge.
_LEAST_ALONG = 0.1


def find_candidates(
    reference: NDArray[Any], spacing_mm: tuple[float, float], settings: LandmarksSettings
) -> NDArray[np.int64]:
    """Return places with much texture: the smaller eigenvalue of the structure tensor is large there.

    Parameters
    ----------
    reference
        Grey values of the reference frame, shape (H, W).
    spacing_mm
        Distance of pixel centres along (rows, columns).
    settings
        Of which the size of a patch counts: patches lie inside the frame.

    Returns
    -------
    NDArray[np.int64]
        Shape (N, 2), pixels, (x = column, y = row), strongest texture first; N is 0 where the frame shows nothing.
    """
    strength = _texture(reference, spacing_mm, settings)
    apart = [max(1, whole_pixels(_APART * settings.patch_mm, spacing)) for spacing in spacing_mm]
    least = _LEAST_TEXTURE * strength.max()
    places: list[tuple[int, int]] = []
    while len(places) < _MOST_CANDIDATES:
        y, x = divmod(int(strength.argmax()), strength.shape[1])
        if strength[y, x] <= least:
            break
        places.append((x, y))
        strength[max(0, y - apart[0]) : y + apart[0] + 1, max(0, x - apart[1]) : x + apart[1] + 1] = 0
    return np.array(places, dtype=np.int64).reshape(-1, 2)


def _texture(
    reference: NDArray[Any], spacing_mm: tuple[float, float], settings: LandmarksSettings
) -> NDArray[np.float64]:
    """Return the smaller eigenvalue at every pixel, (H, W); 0 on straight edges and where a patch would not fit."""
    import cv2

    reach = reach_of(settings, spacing_mm)
    prepared = prepare(reference, reach)
    strength = np.zeros(reference.shape)
    if prepared is None:
        return strength
    smooth = cv2.GaussianBlur(prepared.grey.astype(np.float64), (0, 0), 1.0)
    dx = cv2.Sobel(smooth, cv2.CV_64F, 1, 0) / spacing_mm[1]
    dy = cv2.Sobel(smooth, cv2.CV_64F, 0, 1) / spacing_mm[0]
    sigmas = [_WINDOW * settings.patch_mm / spacing for spacing in spacing_mm]
    products: list[NDArray[Any]] = [dx * dx, dx * dy, dy * dy]
    xx, xy, yy = (cv2.GaussianBlur(each, (0, 0), sigmas[1], sigmaY=sigmas[0]) for each in products)
    middle, half = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    usable = ~prepared.flat & (middle - half >= _LEAST_ALONG * (middle + half))
    rows, columns = reach.patch
    inside = (slice(rows, reference.shape[0] - rows), slice(columns, reference.shape[1] - columns))
    strength[inside] = np.where(usable, middle - half, 0)[inside]
    return strength
