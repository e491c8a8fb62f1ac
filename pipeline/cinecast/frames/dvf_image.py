"""Images of vectors in mm, as ITK and NIfTI have them, and their vectors in pixels of the image's own grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError

Double = NDArray[np.float64]

# From the axes right, anterior, superior to left, posterior, superior, and back.
_FLIP = np.diag([-1.0, -1.0, 1.0])
# Vectors of NIfTI files: intent 1006 are displacements along the file's own axes, 1007 what ITK's tools write.
_DISPLACEMENT, _VECTOR = 1006, 1007


class OnGrid(NamedTuple):
    """Vectors of an image on the grid of the frames.

    Parameters
    ----------
    dvf
        Shape (T, H, W, 2) or (H, W, 2), float32, pixels, last axis (x = column, y = row).
    spacing_mm
        Pixel spacing (row, column) of the image.
    other_axes
        Matrix (2, 2) that turns (x, y) into what it is where the vectors are along right and anterior in place of
        left and posterior, or the other way round.
    """

    dvf: NDArray[np.float32]
    spacing_mm: tuple[float, float]
    other_axes: Double


@dataclass(frozen=True, eq=False)
class DvfImage:
    """Vectors in mm on a grid.

    Parameters
    ----------
    vectors
        Shape (size of each axis of the image, in its order, C): mm along left, posterior and, where C is 3, superior.
    steps
        Shape (C, C): what a step along each of the first axes of the image is in the same space, in mm, as columns.
    """

    vectors: NDArray[Any]
    steps: Double

    def on_grid(self, shape: tuple[int, ...], name: str) -> OnGrid:
        """Return the vectors of all frames, or of one, in pixels of the image's own grid.

        Parameters
        ----------
        shape
            Frames, rows and columns (T, H, W), or rows and columns (H, W) of one frame.
        name
            Of the file, for the sentence.

        Returns
        -------
        OnGrid
            Vectors and geometry.

        Raises
        ------
        ReadError
            If the image has another size, or its plane does not hold the vectors.
        """
        order, column = _layout(self.vectors.shape[:-1], shape, name)
        plane = self.steps[:, column : column + 2]
        if np.linalg.matrix_rank(plane) < 2:
            raise ReadError(
                f"the plane of DVFs (--dvf) must be that of their vectors, got vectors of {len(self.steps)} components "
                f"outside of it in {name}; write vectors of three components"
            )
        moved = self.vectors.transpose(*order, len(order)).reshape(*shape, len(self.steps))
        into_pixels = np.linalg.pinv(plane)
        flip = _FLIP[: len(self.steps), : len(self.steps)]
        lengths = np.linalg.norm(plane, axis=0)
        return OnGrid(
            np.asarray(moved @ into_pixels.T, dtype=np.float32),
            (float(lengths[1]), float(lengths[0])),
            into_pixels @ flip @ plane,
        )


def _layout(sizes: tuple[int, ...], shape: tuple[int, ...], name: str) -> tuple[tuple[int, ...], int]:
    """Return in which order the axes of an image are (time, row, column), those of size 1 last, and its column axis."""
    rows, columns = shape[-2:]
    if len(shape) == 2:
        layouts = {(columns, rows): ((1, 0), 0), (columns, rows, 1): ((1, 0, 2), 0)}
        layouts[columns, rows, 1, 1] = ((1, 0, 2, 3), 0)
    else:
        count = shape[0]
        layouts = {(columns, rows, count): ((2, 1, 0), 0), (columns, rows, 1, count): ((3, 1, 0, 2), 0)}
        if sizes == (count, rows, columns) and count == rows == columns:
            raise ReadError(
                f"the axes of DVFs (--dvf) must be told apart by their sizes, got {count} of each in {name}; write a "
                "folder with one image for each frame"
            )
        layouts[count, columns, rows] = ((0, 2, 1), 1)
    if sizes not in layouts:
        listed = " or ".join(" x ".join(map(str, each)) for each in layouts)
        raise ReadError(
            f"DVFs (--dvf) must have the size of the frames, {listed}, got {' x '.join(map(str, sizes))} in {name}; "
            "write them on the pixels of the frames"
        )
    return layouts[sizes]


def read_itk_vectors(path: Path) -> DvfImage:
    """Read an image of vectors as ITK has it: mm along left, posterior, superior.

    Parameters
    ----------
    path
        MHA, MHD or NRRD.

    Returns
    -------
    DvfImage
        With axes in the order of the file.

    Raises
    ------
    ReadError
        If it holds no vectors, or not of as many components as it has axes in space.
    """
    import SimpleITK

    image = SimpleITK.ReadImage(str(path))
    axes, components = image.GetDimension(), image.GetNumberOfComponentsPerPixel()
    in_space = min(axes, 3)
    _check_components(components, (in_space,), path.name)
    array = SimpleITK.GetArrayFromImage(image)
    direction = np.array(image.GetDirection()).reshape(axes, axes)[:in_space, :in_space]
    return DvfImage(array.transpose(*reversed(range(axes)), axes), direction * image.GetSpacing()[:in_space])


def read_nifti_vectors(path: Path) -> DvfImage:
    """Read a NIfTI image of vectors in mm, shape (column, row, slice, time, C).

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz``, of intent 1006 (displacement vector: along right, anterior, superior as NIfTI has it)
        or 1007 (vector: along left, posterior, superior, as ITK and ANTs write it).

    Returns
    -------
    DvfImage
        With the axes (column, row, slice, time), of which the last are left out where they are of size 1.

    Raises
    ------
    ReadError
        If it holds no vectors, or has another intent.
    """
    import nibabel

    image: Any = nibabel.load(path)
    intent = int(image.header["intent_code"])
    if image.ndim != 5 or intent not in (_DISPLACEMENT, _VECTOR):
        raise ReadError(
            f"DVFs (--dvf) in NIfTI must have 5 axes and intent 1006 (displacement vector) or 1007 (vector), got "
            f"{image.ndim} axes and intent {intent} in {path.name}; write them so, or as MHA or NRRD"
        )
    components = image.shape[-1]
    _check_components(components, (2, 3), path.name)
    vectors = np.asarray(image.dataobj)
    if intent == _DISPLACEMENT:
        vectors = vectors @ _FLIP[:components, :components].astype(vectors.dtype)
    # Without a position of its own the file has steps along its columns and rows alone, and its vectors with it.
    placed = bool(image.header["sform_code"]) or bool(image.header["qform_code"])
    steps = _FLIP @ image.affine[:3, :3] if placed else _FLIP @ np.diag(image.header.get_zooms()[:3])
    return DvfImage(vectors, steps[:components, :components])


def _check_components(components: int, allowed: tuple[int, ...], name: str) -> None:
    if components not in allowed:
        raise ReadError(
            f"vectors of DVFs (--dvf) must have {' or '.join(map(str, allowed))} components, got {components} in "
            f"{name}; write one component for each axis in space"
        )
