"""Label maps in NIfTI: one plane, or one plane over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cinecast.frames.masks.label_image import LabelImage, whole_numbers
from cinecast.frames.nifti import read_nifti_volume


def read_nifti_labels(path: Path) -> LabelImage:
    """Read a NIfTI label map of two to four axes, in the order of the file.

    Raises
    ------
    ReadError
        If the file is cut short, is in colour, or has more than four axes.
    """
    values, affine, spacing = read_nifti_volume(path)
    labels = whole_numbers(values, path.name)[np.newaxis]
    return LabelImage(path.name, labels, affine=affine, spacing_mm=spacing, across=(2, 0, 1))
