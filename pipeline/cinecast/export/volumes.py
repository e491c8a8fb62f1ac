"""Frames and DVFs as NIfTI and MHA, in patient space where the sequence has a position."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import SimpleITK
from numpy.typing import NDArray

from cinecast.export.exported import Content
from cinecast.sequence import Sequence
from cinecast.store.artifacts import viewable
from cinecast.store.nifti import set_description, set_place, write_nifti, zipped

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def write_nifti_volume(path: Path, content: Content) -> str:
    """Write images as NIfTI-1 (column, row, 1, time), or a DVF as (column, row, 1, time, 3).

    The vectors are displacements in mm along the patient's axes right, anterior, superior (intent 1006, displacement
    vector); of a sequence without position along its columns and rows, the third being 0. Then the intent is 1007,
    vector: ITK lays an image without position along its columns and rows, but turns x and y of intent 1006 round.

    Parameters
    ----------
    path
        File to write, ``.nii`` or ``.nii.gz``.
    content
        Frames or maps of reliability, shape (T, H, W), or a DVF, shape (T, H, W, 2), pixels.

    Returns
    -------
    str
        What the values are, in words.
    """
    sequence = content.sequence
    if not content.is_dvf:
        write_nifti(
            path,
            viewable(content.array),
            spacing_mm=sequence.spacing_mm,
            frame_period_s=sequence.frame_period_s,
            affine=sequence.affine,
            start_s=content.start_s,
            description=content.not_causal,
        )
        return f"{content.values}{content.missing_words}"
    vectors = displacements_mm(content.array, _steps(sequence))
    image = nibabel.Nifti1Image(vectors.transpose(2, 1, 0, 3)[:, :, np.newaxis], sequence.affine)
    header: Any = image.header
    header.set_intent("vector" if sequence.affine is None else "displacement vector")
    set_place(header, sequence.affine)
    thickness = float(np.linalg.norm(_steps(sequence)[:, 2]))
    header.set_zooms((sequence.spacing_mm[1], sequence.spacing_mm[0], thickness, sequence.frame_period_s, 1.0))
    header.set_xyzt_units("mm", "sec")
    header["toffset"] = content.start_s
    set_description(header, content.not_causal)
    content_bytes = image.to_bytes()
    path.write_bytes(zipped(content_bytes) if path.name.endswith(".gz") else content_bytes)
    along = "the columns and rows" if sequence.affine is None else "right, anterior, superior"
    return f"displacements in mm along {along}{content.missing_words}"


def write_mha(path: Path, content: Content) -> str:
    """Write images or a DVF as MHA with axes (time, column, row), the layout of TrackRAD2025 that cinecast reads.

    Vectors are displacements in mm along the patient's axes left, posterior, superior, as ITK has them; of a sequence
    without position along its columns and rows, the third being 0.

    Parameters
    ----------
    path
        File to write, ``.mha``.
    content
        Frames or maps of reliability, shape (T, H, W), or a DVF, shape (T, H, W, 2), pixels.

    Returns
    -------
    str
        What the values are, in words.
    """
    sequence = content.sequence
    placed = placed_in_lps(sequence)
    if content.is_dvf:
        array = displacements_mm(content.array, placed[:3, :3])
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(array, 0, 2)), isVector=True)
    else:
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(viewable(content.array), 0, 2)))
    axes = placed[:3, [2, 0, 1]]
    lengths = np.linalg.norm(axes, axis=0)
    image.SetSpacing([float(length) for length in lengths])
    image.SetDirection([float(value) for value in (axes / lengths).ravel()])
    image.SetOrigin([float(value) for value in placed[:3, 3]])
    say_not_causal(image, content)
    SimpleITK.WriteImage(image, str(path))
    if content.is_dvf:
        along = "the columns and rows" if sequence.affine is None else "left, posterior, superior"
        return f"displacements in mm along {along}{content.missing_words}"
    if content.learned_from is not None:
        return content.values
    if content.missing_words:
        return f"{content.values}{content.missing_words}: it cannot be read with right times again"
    return (
        f"{content.values}; MHA has no time between frames: read it with --frame-period {sequence.frame_period_s:.9g}"
    )


def say_not_causal(image: SimpleITK.Image, content: Content) -> None:
    """Say in the header of an image, in a field of its own, that what it shows must not be taken for causal.

    Parameters
    ----------
    image
        Changed.
    content
        What it shows.
    """
    if content.not_causal:
        image.SetMetaData("causality", content.not_causal)


def displacements_mm(dvf: NDArray[Any], steps: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return displacements in mm in space, shape (T, H, W, 3).

    Parameters
    ----------
    dvf
        Displacements in pixels, shape (T, H, W, 2), last axis (x along columns, y along rows).
    steps
        Shape (3, 3): what one column, one row and one plane are in space, in mm, as columns.

    Returns
    -------
    NDArray[np.float32]
        mm along the axes of the space that ``steps`` are given in.
    """
    return np.asarray(dvf @ steps[:, :2].T.astype(np.float32), dtype=np.float32)


def placed_in_lps(sequence: Sequence) -> NDArray[np.float64]:
    """Return the matrix (4, 4) from (column, row, plane) to mm along left, posterior, superior, as ITK has them.

    Without a position in the patient the axes are the columns, the rows and the third.
    """
    placed = np.eye(4)
    placed[:3, :3] = _steps(sequence)
    if sequence.affine is None:
        return placed
    placed[:3, 3] = sequence.affine[:3, 3]
    return np.asarray(_RAS_TO_LPS @ placed)


def _steps(sequence: Sequence) -> NDArray[np.float64]:
    if sequence.affine is not None:
        return np.asarray(sequence.affine[:3, :3])
    return np.diag([sequence.spacing_mm[1], sequence.spacing_mm[0], 1.0])
