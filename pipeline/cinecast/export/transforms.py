"""The DVF of one frame as a transform of space, which ITK and its users resample with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK

from cinecast.export.exported import Content
from cinecast.export.volumes import displacements_mm, placed_in_lps, say_not_causal


def field_image(content: Content) -> Any:
    """Return the DVF of one frame as an image of vectors, as `SimpleITK.DisplacementFieldTransform` takes it.

    Parameters
    ----------
    content
        A DVF, shape (1, H, W, 2), pixels.

    Returns
    -------
    SimpleITK.Image
        Axes (column, row, slice) with one slice, float64, mm along left, posterior and superior; of a sequence without
        position along columns, rows and nothing.
    """
    placed = placed_in_lps(content.sequence)
    vectors = displacements_mm(np.asarray(content.array), placed[:3, :3]).astype(np.float64)
    image = SimpleITK.GetImageFromArray(vectors, isVector=True)
    lengths = np.linalg.norm(placed[:3, :3], axis=0)
    image.SetSpacing([float(length) for length in lengths])
    image.SetDirection([float(value) for value in (placed[:3, :3] / lengths).ravel()])
    image.SetOrigin([float(value) for value in placed[:3, 3]])
    return image


def write_field(path: Path, content: Content) -> str:
    """Write the DVF of one frame as MHA or NRRD.

    Parameters
    ----------
    path
        File to write, ``.mha`` or ``.nrrd``.
    content
        A DVF, shape (1, H, W, 2), pixels.

    Returns
    -------
    str
        What the values are, in words.
    """
    image = field_image(content)
    say_not_causal(image, content)
    SimpleITK.WriteImage(image, str(path))
    return f"displacements in mm along {_axes(content)}, from the reference frame to the frame"


def write_transform(path: Path, content: Content) -> str:
    """Write the DVF of one frame as a transform of ITK.

    Parameters
    ----------
    path
        File to write, ``.h5``.
    content
        A DVF, shape (1, H, W, 2), pixels.

    Returns
    -------
    str
        What the values are, in words.
    """
    SimpleITK.WriteTransform(SimpleITK.DisplacementFieldTransform(field_image(content)), str(path))
    return f"a transform with displacements in mm along {_axes(content)}, from the reference frame to the frame"


def _axes(content: Content) -> str:
    return "the columns and rows" if content.sequence.affine is None else "left, posterior, superior"
