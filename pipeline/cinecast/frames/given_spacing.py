"""What the pixel spacing in use contradicts: the place of the pixels in the patient, or the spacing of the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.source import CONTRADICTION, Source

# Programs write it where they know no spacing: it says nothing that could be contradicted.
_UNSET = (1.0, 1.0)


def contradicted_spacing(spacing_mm: tuple[float, float], origin: str, source: Source) -> list[str]:
    """Return in words that the spacing in use is not that of the file.

    Parameters
    ----------
    spacing_mm
        The spacing in use along (rows, columns) in mm.
    origin
        Where it comes from, in words.
    source
        What the file says: its affine, or the spacing where it has none.

    Returns
    -------
    list[str]
        One sentence; none where both agree within rounding, or where the file has the 1 mm that stands for none.
    """
    own = source.spacing_mm if source.affine is None else _steps(source.affine)
    if own is None or own == _UNSET or np.allclose(own, spacing_mm, rtol=CONTRADICTION, atol=0):
        return []
    turned = np.allclose(own[::-1], spacing_mm, rtol=CONTRADICTION, atol=0)
    what = "spacing" if source.affine is None else "affine"
    return [
        f"the {what} of the file has pixels {own[0]:.4g} x {own[1]:.4g} mm apart (rows x columns); "
        f"{spacing_mm[0]:.4g} x {spacing_mm[1]:.4g} mm counts ({origin})"
        + (": are the two turned round?" if turned else "")
    ]


def _steps(affine: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the steps of an affine along (rows, columns) in mm; None where it is none."""
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        return None  # refused where the sequence is made
    column, row = (float(step) for step in np.linalg.norm(affine[:3, :2], axis=0))
    return row, column
