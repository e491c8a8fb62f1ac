"""Label series written in the layout of TrackRAD2025: compressed MHA, a byte a pixel, time along the first axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def write_label_series(
    path: Path,
    masks: NDArray[np.bool_],
    *,
    spacing_mm: tuple[float, float],
    affine: NDArray[np.float64] | None,
) -> None:
    """Write masks as the challenge has them: `cinecast.trackrad.label_series.read_label_series` reads them back.

    Parameters
    ----------
    path
        Ends in ``.mha``; an old file is replaced.
    masks
        Shape (T, H, W), True inside, written as 1.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    affine
        (column, row, through plane, 1) to patient RAS+ mm, shape (4, 4). The step through the plane becomes the
        spacing along the axis of time, as in the challenge. None: the position is left at zeros.
    """
    import SimpleITK

    placed = np.diag([spacing_mm[1], spacing_mm[0], 1.0, 1.0]) if affine is None else _RAS_TO_LPS @ affine
    axes = placed[:3, [2, 0, 1]]
    lengths = np.linalg.norm(axes, axis=0)
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(masks, 0, -1)).astype(np.uint8))
    image.SetSpacing(lengths.tolist())
    image.SetDirection((axes / lengths + 0.0).ravel().tolist())  # without the minus of zeros
    image.SetOrigin((placed[:3, 3] + 0.0).tolist())
    SimpleITK.WriteImage(image, str(path), useCompression=True)
