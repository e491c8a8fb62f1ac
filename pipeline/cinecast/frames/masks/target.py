"""What the readers of masks give: a target in one frame, or reference masks of one structure in many frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.mask_edges import sides_reached

# Below this a centroid hangs on single pixels.
LEAST_PIXELS = 4


@dataclass(frozen=True, eq=False)
class Target:
    """The mask of a target or an organ at risk in one frame.

    Parameters
    ----------
    name
        Its name.
    mask
        True inside, shape (H, W), on the pixels of the sequence's frames.
    frame
        Index of the frame in which the mask holds.
    said
        What a user should know of it: several parts, touches the edge, which label was taken.
    """

    name: str
    mask: NDArray[np.bool_]
    frame: int
    said: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LabelSeries:
    """Reference masks of one structure in many frames.

    Parameters
    ----------
    name
        Name of the structure.
    masks
        True inside, shape (T, H, W), on the pixels of the sequence's frames.
    labelled
        Whether a frame has a label, shape (T,): without one its mask is missing, which is not the same as empty.
    """

    name: str
    masks: NDArray[np.bool_]
    labelled: NDArray[np.bool_]


def make_target(name: str, mask: NDArray[np.bool_], frame: int, said: tuple[str, ...] = ()) -> Target:
    """Return a target whose mask can be followed, with what a user should know of it.

    Parameters
    ----------
    name
        Its name.
    mask
        True inside, shape (H, W).
    frame
        Index of the frame in which the mask holds.
    said
        What is known already.

    Returns
    -------
    Target
        With ``said`` lengthened where the mask has several parts, touches the edge of the image or fills most of it.

    Raises
    ------
    ReadError
        If the name or the mask is empty, or the mask has fewer than 4 pixels or leaves none outside.
    """
    count = int(np.count_nonzero(mask))
    if not name.strip():
        raise ReadError("every target needs a name, got an empty one; give it with --target-name")
    if count == 0:
        raise ReadError(
            f"a target needs a mask with pixels inside, got none for {name!r} in frame {frame}; draw it anew"
        )
    if count < LEAST_PIXELS:
        raise ReadError(
            f"a target needs at least {LEAST_PIXELS} pixels, got {count} for {name!r} in frame {frame}; draw it larger"
        )
    if count == mask.size:
        raise ReadError(f"a target must leave pixels outside, got the whole image for {name!r}; draw it anew")
    return Target(name, mask, frame, (*said, *_remarks(mask, count)))


def _remarks(mask: NDArray[np.bool_], count: int) -> list[str]:
    from skimage.measure import label

    remarks = []
    # Pixels that touch at a corner belong together.
    parts = int(np.max(cast(Any, label(mask, connectivity=2))))
    if parts > 1:
        remarks.append(f"has {parts} separate parts, which are kept as one target")
    touched = sides_reached(mask)
    if touched:
        remarks.append(f"touches the edge of the image ({', '.join(touched)}): what lies beyond is not seen")
    if 2 * count > mask.size:
        remarks.append(f"fills {100 * count / mask.size:.0f} % of the image: are inside and outside exchanged?")
    return remarks
