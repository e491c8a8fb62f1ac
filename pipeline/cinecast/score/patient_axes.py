"""The patient's axes as an image shows them: which way in it is up, forward and sideways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Sequence

# The rows of an affine to patient RAS+ mm.
_PATIENT = ("lr", "ap", "si")
# A plane that shows less of an axis than this, a unit vector's length in it, says little of motion along it.
_LEAST_SHOWN = 0.5
_AT_ZERO_MM = 1e-3


def axes_in_plane(sequence: Sequence) -> dict[str, NDArray[np.float64]]:
    """Return the axes along which errors in an image are told.

    Parameters
    ----------
    sequence
        Its affine counts and, where that says nothing, the axes that its sidecar gives.

    Returns
    -------
    dict
        What a vector in mm, (x, y), is multiplied by for its part along each axis, shape (2,): of the patient's axes
        ``si``, ``ap`` and ``lr`` those that the plane shows, or ``rows`` (from row to row) and ``columns`` where they
        are unknown.
    """
    return axes_of_plane(sequence.affine, sequence.axes)


def axes_of_plane(affine: NDArray[np.float64] | None, axes: tuple[str, str] | None) -> dict[str, NDArray[np.float64]]:
    """Return the same of a plane that is known by its affine, (4, 4), or by what a sidecar says of its axes.

    Parameters
    ----------
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, or None.
    axes
        The patient's axes along (rows, columns), or None.

    Returns
    -------
    dict
        As `axes_in_plane`.
    """
    if affine is not None and not is_placeholder(affine):
        directions = affine[:3, :2] / np.linalg.norm(affine[:3, :2], axis=0)
        shown = {name: directions[i] for i, name in enumerate(_PATIENT) if np.hypot(*directions[i]) >= _LEAST_SHOWN}
        return {name: shown[name] for name in reversed(_PATIENT) if name in shown}
    along_rows, along_columns = (axis.lower() for axis in axes) if axes else ("rows", "columns")
    return {along_rows: np.array([0.0, 1.0]), along_columns: np.array([1.0, 0.0])}


def is_placeholder(affine: NDArray[np.float64]) -> bool:
    """Return whether an affine, (4, 4), is what programs write that know nothing of the patient.

    That is one along the axes whose origin is 0: the first pixel of no scan lies at the very centre of the scanner. A
    stream in single precision has it there within rounding.
    """
    along_axes = (np.count_nonzero(affine[:3, :3], axis=0) == 1).all()
    return bool(along_axes and np.abs(affine[:3, 3]).max() < _AT_ZERO_MM)
