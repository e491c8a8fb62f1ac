"""Where scores are taken: rectangles of the image, and the pixels of the body and of texture.

Masks are made from the train span alone: nothing of the frames that are scored chooses the pixels they are scored at.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Roi, Sequence

# What picks the pixels of a region out of an (H, W) array.
Region = tuple[slice, slice] | NDArray[np.bool_]

BODY, TEXTURED = "body", "textured"
MASKS = (BODY, TEXTURED)
# Parts of the body smaller than this share of its largest part are noise, or a hand beside it.
_SMALLEST_PART = 0.05
# Smoothing in pixels of the mean frame before the threshold, and of the products of gradients.
_SMOOTHING, _WINDOW = 1.0, 2.0
# A pixel has texture where its smaller eigenvalue reaches this share of the body's 95th percentile.
_TEXTURE = 0.1


def regions_of(sequence: Sequence) -> dict[str, tuple[slice, slice]]:
    """Return the whole image and, where the sequence has one, the ROI, as slices of an (H, W) array."""
    rows, columns = sequence.frames.shape[1:]
    whole = {"image": Roi((0, rows), (0, columns)).slices()}
    return whole | ({"roi": sequence.roi.slices()} if sequence.roi else {})


def masks_of(sequence: Sequence, reference: int, left_out: Collection[int] = ()) -> dict[str, NDArray[np.bool_]]:
    """Return the masks of a sequence, made from its train span alone.

    Parameters
    ----------
    sequence
        The frames and where the train span ends.
    reference
        Index of the reference frame, which lies in the train span.
    left_out
        Faulty frames, which may show anything: the body is that of the others.

    Returns
    -------
    dict
        Masks (H, W) by the names in `MASKS`.
    """
    body = body_mask(sequence.frames[: sequence.split.train_end], left_out)
    return {BODY: body, TEXTURED: textured_mask(sequence.frames[reference], body)}


def region_names(sequence: Sequence) -> tuple[str, ...]:
    """Return the names of all regions in which a sequence's motion is scored, in their order."""
    return (*regions_of(sequence), *MASKS)


def body_mask(frames: NDArray[Any], left_out: Collection[int] = ()) -> NDArray[np.bool_]:
    """Return the pixels that are not air.

    Otsu's method for three classes (Otsu, IEEE Trans. Syst. Man Cybern. 9, 1979, section V) splits the square root of
    the smoothed mean frame: air, dark tissue, and bright fat, which alone would draw a single threshold up. What lies
    above the lower threshold is kept where it hangs together, and its holes, such as dark lung, are filled.

    Parameters
    ----------
    frames
        Frames of the train span, shape (T, H, W), any unit.
    left_out
        Indices of faulty frames, of this and of later spans; not all of this one.

    Returns
    -------
    NDArray[np.bool_]
        Shape (H, W). A gain or offset of all frames does not change it. Without any contrast it is False everywhere.
    """
    from scipy.ndimage import (  # type: ignore[import-untyped]
        binary_fill_holes,
        binary_opening,
        gaussian_filter,
        label,
    )

    kept = np.array([t not in left_out for t in range(len(frames))])
    counted: Any = True if kept.all() else kept[:, np.newaxis, np.newaxis]  # they may lie on disk: no copy of them
    mean = gaussian_filter(np.mean(frames, axis=0, dtype=np.float64, where=counted), _SMOOTHING)
    lowest, highest = mean.min(), mean.max()
    if not highest > lowest:
        return np.zeros(mean.shape, dtype=bool)
    level = np.sqrt((mean - lowest) / (highest - lowest))
    labelled: Any = label(binary_opening(level > _lower_threshold(level)))
    parts, count = labelled
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    sizes[0] = 0
    kept = sizes >= max(1.0, _SMALLEST_PART * sizes.max())
    return np.asarray(binary_fill_holes(kept[parts]))


def _lower_threshold(level: NDArray[np.float64]) -> float:
    from skimage.filters import threshold_multiotsu

    return float(threshold_multiotsu(level, classes=3)[0])


def textured_mask(reference: NDArray[Any], body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of the body where motion can be seen in both directions.

    Parameters
    ----------
    reference
        The reference frame, shape (H, W), any unit.
    body
        Pixels of the body, shape (H, W).

    Returns
    -------
    NDArray[np.bool_]
        Shape (H, W): pixels of the body where the smaller eigenvalue of the structure tensor reaches a tenth of the
        body's 95th percentile. A gain or offset of the frame does not change it. False everywhere without a body or
        texture.
    """
    from scipy.ndimage import gaussian_filter, sobel

    image = gaussian_filter(reference.astype(np.float64), _SMOOTHING)
    along_x, along_y = sobel(image, axis=1), sobel(image, axis=0)
    xx, yy, xy = (gaussian_filter(each, _WINDOW) for each in (along_x**2, along_y**2, along_x * along_y))
    smaller = (xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)
    if not body.any():
        return np.zeros(body.shape, dtype=bool)
    typical = float(np.percentile(smaller[body], 95))
    return np.asarray(body & (smaller >= _TEXTURE * typical) & (smaller > 0))
