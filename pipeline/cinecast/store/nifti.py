"""NIfTI files that open elsewhere and overlay their source."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError

# What NIfTI viewers show.
TYPES = ("uint8", "int16", "uint16", "int32", "float32", "float64")
_NOT_SET, _SCANNER = 0, 1
# So many bytes are written at a time.
_AT_ONCE = 1 << 24


def write_nifti(
    path: Path,
    frames: NDArray[Any],
    *,
    spacing_mm: tuple[float, float],
    frame_period_s: float,
    affine: NDArray[np.float64] | None = None,
    start_s: float = 0.0,
    description: str = "",
) -> None:
    """Write frames as NIfTI-1, array (column, row, 1, time), type kept; the same input gives the same bytes.

    Parameters
    ----------
    path
        File to write, ``.nii`` or ``.nii.gz``; an existing one is replaced.
    frames
        Grey values, shape (T, H, W).
    spacing_mm
        Distance of pixel centres along (rows, columns) in mm.
    frame_period_s
        Time between frames in s.
    affine
        (4, 4) map from (column, row, plane, 1) to patient RAS+ mm, written as scanner coordinates. Without it
        both codes are 0: the spacing counts, the position is unknown.
    start_s
        Time of the first frame in s.
    description
        What a viewer shows of it, as `set_description` takes it.

    Raises
    ------
    StoreError
        If the name has another ending, or the frames are of a type or shape that is not written.
    """
    if not path.name.endswith((".nii", ".nii.gz")):
        raise StoreError(f"a NIfTI file must end with .nii or .nii.gz, got {path.name}; choose another name")
    if frames.ndim != 3:
        raise StoreError(f"frames must have shape (T, H, W), got {frames.shape}; give one 2D grey image per frame")
    if frames.dtype.name not in TYPES:
        raise StoreError(f"frames must be of a type among {', '.join(TYPES)}, got {frames.dtype}; convert them")
    head = _head(frames, spacing_mm, frame_period_s, affine, start_s, description)
    with path.open("wb") as file, _zipping(file) if path.name.endswith(".gz") else nullcontext(file) as stream:
        stream.write(head)
        for block in _blocks(frames):  # the order of an array (column, row, 1, time) whose first axis runs fastest
            native = np.ascontiguousarray(block, dtype=frames.dtype.newbyteorder("="))
            stream.write(native.reshape(-1).view(np.uint8).data)


def _head(
    frames: NDArray[Any],
    spacing_mm: tuple[float, float],
    frame_period_s: float,
    affine: NDArray[np.float64] | None,
    start_s: float,
    description: str,
) -> bytes:
    """Return all that comes before the grey values, as nibabel writes it before those of one frame."""
    image = _image(frames[:1], spacing_mm, frame_period_s, affine)
    image.header["toffset"] = start_s
    set_description(image.header, description)
    content: bytes = image.to_bytes()[: -frames[0].nbytes]
    header: Any = type(image.header)(content[: image.header.sizeof_hdr])
    header.set_data_shape((frames.shape[2], frames.shape[1], 1, len(frames)))
    return bytes(header.binaryblock) + content[image.header.sizeof_hdr :]


def _blocks(frames: NDArray[Any]) -> Iterator[NDArray[Any]]:
    together = max(1, _AT_ONCE // frames[0].nbytes)
    return (frames[start : start + together] for start in range(0, len(frames), together))


def _image(
    frames: NDArray[Any], spacing_mm: tuple[float, float], frame_period_s: float, affine: NDArray[np.float64] | None
) -> Any:
    import nibabel  # which takes 0.2 s, and most of what imports the store writes no NIfTI

    data = np.ascontiguousarray(frames.transpose(2, 1, 0)[:, :, np.newaxis, :])
    thickness = 1.0 if affine is None else float(np.linalg.norm(affine[:3, 2]))
    image = nibabel.Nifti1Image(data, affine, dtype=frames.dtype)
    header = image.header
    set_place(header, affine)
    header.set_zooms((spacing_mm[1], spacing_mm[0], thickness, frame_period_s))
    header.set_xyzt_units("mm", "sec")
    return image


def set_place(header: Any, affine: NDArray[np.float64] | None) -> None:
    """Say in a header of NIfTI where its image lies.

    Parameters
    ----------
    header
        Of an image of nibabel; changed.
    affine
        (4, 4) map from (column, row, plane, 1) to patient RAS+ mm, said as scanner coordinates. None: both codes are 0,
        and the position is unknown.
    """
    header.set_sform(affine, code=_NOT_SET if affine is None else _SCANNER)
    header.set_qform(None, code=_NOT_SET)


def set_description(header: Any, description: str) -> None:
    """Say in a header of NIfTI what its image is.

    Parameters
    ----------
    header
        Of an image of nibabel; changed.
    description
        ASCII; what is longer than the 80 bytes of the format is cut.
    """
    header["descrip"] = description.encode("ascii", "replace")[:80]


def zipped(content: bytes) -> bytes:
    """Return bytes as gzip has them, without time and file name: the same content gives the same bytes."""
    stream = io.BytesIO()
    with _zipping(stream) as zipped:
        zipped.write(content)
    return stream.getvalue()


def _zipping(stream: BinaryIO) -> gzip.GzipFile:
    return gzip.GzipFile(filename="", mode="wb", fileobj=stream, compresslevel=6, mtime=0)


def viewable(frames: NDArray[Any], like: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return frames in a type that NIfTI viewers know and that holds the grey values of ``like``, or their own.

    Parameters
    ----------
    frames
        Shape (T, H, W).
    like
        Frames whose range decides on the type: the real ones, so that predicted frames get the same.

    Returns
    -------
    NDArray[Any]
        The frames themselves where viewers know their type, else in int16, int32, float32 or float64.
    """
    return frames.astype(_viewable_type(frames if like is None else like), copy=False)


def _viewable_type(frames: NDArray[Any]) -> np.dtype[Any]:
    if frames.dtype.name in TYPES:
        return frames.dtype
    for wider in ("int16", "int32") if frames.dtype.kind in "iu" else ("float32",):
        limits = np.iinfo(wider) if frames.dtype.kind in "iu" else np.finfo(wider)
        if limits.min <= frames.min() and frames.max() <= limits.max:
            return np.dtype(wider)
    return np.dtype("float64")
