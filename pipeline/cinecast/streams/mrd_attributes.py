"""What the meta attributes of an MRD image say of its place."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from cinecast.streams.errors import StreamError

_ALONG_A_ROW, _ALONG_A_COLUMN = b"ImageRowDir", b"ImageColumnDir"
# Directions are rounded to some digits.
_ROUNDED = 1e-2


def image_directions(attributes: bytes | bytearray) -> NDArray[np.float64] | None:
    """Return the directions of an image that its attributes give, in LPS.

    Parameters
    ----------
    attributes
        Its meta attributes, XML.

    Returns
    -------
    NDArray[np.float64] or None
        From column to column and from row to row, shape (2, 3); None where they are not given.

    Raises
    ------
    StreamError
        If what is given is no two directions at a right angle.
    """
    given = [_values(attributes, name) for name in (_ALONG_A_ROW, _ALONG_A_COLUMN)]
    try:
        found = np.array([[float(value) for value in values] for values in given])
    except ValueError:  # no numbers, or of different number
        found = np.full((2, 3), np.nan)
    if not found.any():  # neither is there, or they are those of a header that has none
        return None
    if found.shape != (2, 3) or not (np.abs(found @ found.T - np.eye(2)) < _ROUNDED).all():
        raise StreamError("body", "its ImageRowDir and ImageColumnDir are no two directions at a right angle")
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def _values(attributes: bytes | bytearray, name: bytes) -> list[bytes]:
    """Return the values of one of the meta attributes; none where it is not there."""
    found = re.search(rb"<name>\s*" + name + rb"\s*</name>(.*?)</meta>", attributes, re.DOTALL)
    return re.findall(rb"<value>\s*(.*?)\s*</value>", found[1], re.DOTALL) if found else []
