"""The signed distance map of a mask: what is sampled between pixels where a mask itself cannot be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pixels of outside around the image, so that a mask that touches the edge ends there.
BORDER_PX = 1


def signed_distance(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far each pixel lies inside a mask.

    The edge of the mask is taken half way between pixel centres inside and outside, so that without motion the mask
    comes back as it was given. It is taken by its pixels: the centroid of a disc that moves by part of a pixel is off
    by up to 0.28 pixel, 0.13 on average. Smoothing the map twice would halve that, and change small targets.

    Parameters
    ----------
    mask
        Shape (H, W), True inside; at least one pixel is.

    Returns
    -------
    NDArray[np.float64]
        Shape (H + 2, W + 2), pixels, above 0 at every pixel inside and below 0 at every other: row and column 0 lie
        just outside the image.
    """
    from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]

    padded = np.pad(mask, BORDER_PX)
    inside, outside = (np.asarray(distance_transform_edt(each)) for each in (padded, ~padded))
    return np.asarray(np.where(padded, inside - 0.5, 0.5 - outside))
