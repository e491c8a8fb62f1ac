"""A user's own DVFs: one NumPy file in pixels, or images of vectors in mm, one for all frames or one for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.dvf_image import DvfImage, Grid, read_itk_vectors, read_nifti_vectors

_IMAGES: dict[str, Callable[[Path], DvfImage]] = {
    ".nii": read_nifti_vectors,
    ".nii.gz": read_nifti_vectors,
    ".mha": read_itk_vectors,
    ".mhd": read_itk_vectors,
    ".nrrd": read_itk_vectors,
    ".nhdr": read_itk_vectors,
}
_ENDINGS = ".npy, .nii, .nii.gz, .mha, .mhd, .nrrd or .nhdr, or a folder with one of these images for each frame"
_AXES = "left, posterior, superior, but right, anterior, superior in NIfTI of intent 1006"


@dataclass(frozen=True, eq=False)
class GivenDvf:
    """DVFs as a file has them.

    Parameters
    ----------
    dvf
        Shape (T, H, W, 2), float32, pixels, last axis (x = column, y = row); may be memory-mapped.
    readings
        What the vectors may have been meant as instead, in words: a matrix (2, 2) that turns (x, y) as it was read into
        (x, y) as it was meant.
    """

    dvf: NDArray[np.float32]
    readings: Mapping[str, NDArray[np.float64]]


def read_dvf(path: Path, grid: Grid) -> GivenDvf:
    """Read the DVFs of a sequence.

    Parameters
    ----------
    path
        ``.npy`` of shape (T, H, W, 2) in pixels; NIfTI, MHA or NRRD with vectors in mm; or a folder with such an image
        for each frame, in the order of the numbers in their names.
    grid
        Shape (T, H, W), pixel spacing and position of the sequence.

    Returns
    -------
    GivenDvf
        Of all frames.

    Raises
    ------
    ReadError
        If the file cannot be read, is of another size, spacing or place, or holds vectors that are not finite or are
        longer than the frames are wide.
    """
    if path.is_dir():
        given = _each_frame(path, grid)
    elif path.name.lower().endswith(".npy"):
        given = _numpy(path, grid.spacing_mm)
    else:
        given = _on_pixels(path, grid)
    if given.dvf.shape != (*grid.shape, 2):
        raise ReadError(
            f"DVFs (--dvf) must have shape {(*grid.shape, 2)} like the frames, the last axis (x, y), got "
            f"{given.dvf.shape} in {path.name}; write one DVF for each frame"
        )
    for t, field in enumerate(given.dvf):
        _check_field(field, t, path.name)
    return given


def _check_field(field: NDArray[Any], t: int, name: str) -> None:
    if not np.isfinite(field).all():
        raise ReadError(
            f"vectors of DVFs (--dvf) must be finite numbers, got NaN or infinity in frame {t} of {name}; fill them"
        )
    longest = float(np.abs(field).max(initial=0))
    if longest > max(field.shape[:2]):
        raise ReadError(
            f"vectors of DVFs (--dvf) must end in the frame, got one of {longest:.4g} pixels in frame {t} of {name}; "
            "check their unit (pixels in .npy, mm in images)"
        )


def _numpy(path: Path, spacing_mm: tuple[float, float]) -> GivenDvf:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, error) from error
    if array.dtype.kind != "f":
        raise ReadError(f"DVFs (--dvf) must be real numbers, got {array.dtype} in {path.name}; save them as float32")
    row, column = spacing_mm
    unit = {"vectors in mm (they must be in pixels in .npy)": np.diag([1 / column, 1 / row])}
    return GivenDvf(np.asarray(array, dtype=np.float32), unit)


def _each_frame(folder: Path, grid: Grid) -> GivenDvf:
    paths = sorted((each for each in folder.iterdir() if _reader_of(each)), key=lambda each: _by_numbers(each.name))
    if len(paths) != grid.shape[0]:
        raise ReadError(
            f"a folder of DVFs (--dvf) must hold one image for each of the {grid.shape[0]} frames, got {len(paths)} in "
            f"{folder.name}; write also that of the reference frame, which is 0"
        )
    given = [_on_pixels(path, grid._replace(shape=grid.shape[1:])) for path in paths]
    return GivenDvf(np.stack([each.dvf for each in given]), given[0].readings)


def _image(path: Path) -> DvfImage:
    reader = _reader_of(path)
    if reader is None:
        raise ReadError(f"DVFs (--dvf) must be {_ENDINGS}, got {path.name}; convert them")
    try:
        return reader(path)
    except ReadError:
        raise
    except Exception as error:  # the libraries of three formats raise what they like for a damaged file
        raise _unreadable(path, error) from error


def _reader_of(path: Path) -> Callable[[Path], DvfImage] | None:
    name = path.name.lower()
    return next((reader for ending, reader in _IMAGES.items() if name.endswith(ending)), None)


def _on_pixels(path: Path, grid: Grid) -> GivenDvf:
    dvf, (row, column), other_axes = _image(path).on_grid(grid, path.name)
    unit = {"vectors in pixels (they must be in mm in images)": np.diag([column, row])}
    return GivenDvf(dvf, unit | {f"vectors along the patient's other axes ({_AXES})": other_axes})


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """Return a key by which frame_2 comes before frame_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _unreadable(path: Path, error: Exception) -> ReadError:
    said = getattr(error, "strerror", None) or str(error).strip().splitlines()[-1:] or type(error).__name__
    words = said if isinstance(said, str) else said[0]
    return ReadError(f"DVFs (--dvf) must be readable, got {words} for {path.name}; check the file")
