"""Which format a mask is in, by its content, and its reader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cinecast.errors import ReadError
from cinecast.frames.detect import has_dicom_magic, has_mha_header, has_nifti_header, may_be_bare_dicom, read_head
from cinecast.frames.masks.label_image import LabelImage

MaskFormat = Literal["rtstruct", "nifti", "mha", "nrrd", "png", "npy"]

FORMATS_KNOWN = "NIfTI, MHA/MHD, NRRD, Slicer's .seg.nrrd, PNG, NPY and RTSTRUCT"


def mask_format(path: Path) -> MaskFormat:
    """Return the format of a mask.

    Raises
    ------
    ReadError
        If there is no such file, it cannot be read, or its format is not known.
    """
    if not os.path.isfile(path):  # pathlib's would raise for a name that no file can have
        kind = "a folder" if os.path.isdir(path) else "nothing"
        raise ReadError(f"a mask must be a file, got {kind} at {path}; check the path")
    head = read_head(path)
    found = _format_of(head) or ("rtstruct" if may_be_bare_dicom(head) else None)
    if found is None:
        raise ReadError(f"a mask must be of a known format, got {path.name}; give one of {FORMATS_KNOWN}")
    return found


def _format_of(head: bytes) -> MaskFormat | None:
    signs: dict[MaskFormat, bool] = {
        "rtstruct": has_dicom_magic(head),
        "nrrd": head.startswith(b"NRRD"),
        "png": head.startswith(b"\x89PNG\r\n\x1a\n"),
        "npy": head.startswith(b"\x93NUMPY"),
        "nifti": has_nifti_header(head),
        "mha": has_mha_header(head),
    }
    return next((name for name, shown in signs.items() if shown), None)


def read_label_image(path: Path, kind: MaskFormat) -> LabelImage:
    """Read a label map; its library is loaded only now.

    Parameters
    ----------
    path
        An existing file.
    kind
        Its format, no RTSTRUCT.

    Returns
    -------
    LabelImage
        As the file holds it.

    Raises
    ------
    ReadError
        If the file is cut short or damaged, or holds no labels.
    """
    if kind == "nifti":
        from cinecast.frames.masks.nifti_labels import read_nifti_labels

        return read_nifti_labels(path)
    if kind == "png":
        from cinecast.frames.masks.plain_labels import read_png_labels

        return read_png_labels(path)
    if kind == "npy":
        from cinecast.frames.masks.plain_labels import read_npy_labels

        return read_npy_labels(path)
    from cinecast.frames.masks.itk_labels import read_mha_labels, read_nrrd_labels

    return read_mha_labels(path) if kind == "mha" else read_nrrd_labels(path)
