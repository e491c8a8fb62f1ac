"""Label maps without geometry: PNG as it is seen, NPY as (rows, columns) or (frames, rows, columns)."""

from __future__ import annotations

from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.masks.label_image import LabelImage, whole_numbers

# Pillow's modes of one number per pixel: bits, grey, indices of a palette, 16 and 32 bit.
_PNG_MODES = ("1", "L", "P", "I;16", "I;16B", "I")


def read_png_labels(path: Path) -> LabelImage:
    """Read a PNG of one number per pixel: grey values are the labels, or the indices of its palette.

    Raises
    ------
    ReadError
        If the file is damaged, or in colour or transparent.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            mode, values = picture.mode, np.asarray(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _damaged(path, "PNG") from error
    if mode not in _PNG_MODES:
        raise ReadError(
            f"a PNG of a mask must have one number per pixel, got mode {mode} (colour or transparency) in {path.name}; "
            "save it in grey or with a palette"
        )
    return _of_frames(values[np.newaxis], path)


def read_npy_labels(path: Path) -> LabelImage:
    """Read an NPY array of shape (H, W) or (T, H, W); nothing is unpickled.

    Raises
    ------
    ReadError
        If the file is damaged, holds objects, or has another number of axes.
    """
    try:
        # Mapped, so that a header that claims more than the file holds is refused before memory is asked for. Of a
        # damaged header numpy reads the words of Python's own language.
        values = np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except (
        OSError,
        ValueError,
        OverflowError,
        EOFError,
        TokenError,
    ) as error:
        raise _damaged(path, "NPY of numbers") from error
    if values.ndim not in (2, 3):
        raise ReadError(
            f"an NPY mask must have shape (rows, columns) or (frames, rows, columns), got {values.shape} in "
            f"{path.name}; save it so"
        )
    return _of_frames(values if values.ndim == 3 else values[np.newaxis], path)


def _of_frames(values: NDArray[Any], path: Path) -> LabelImage:
    """Return frames of shape (T, H, W) as axes (column, row, 1, T)."""
    labels = whole_numbers(values, path.name)
    return LabelImage(path.name, labels.transpose(2, 1, 0)[np.newaxis, :, :, np.newaxis])


def _damaged(path: Path, what: str) -> ReadError:
    return ReadError(f"{path.name} cannot be read as {what}: it is cut short or damaged; save or copy it again")
