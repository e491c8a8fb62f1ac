"""Images of vectors in mm, as ITK and NIfTI have them, and their vectors in pixels of the image's own grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.grid_placement import geometry_words, placement_by_affine

Double = NDArray[np.float64]

# From the axes right, anterior, superior to left, posterior, superior, and back.
_FLIP = np.diag([-1.0, -1.0, 1.0])
# Pixel spacings that differ by this share are those of different grids.
_SAME = 0.01
# Vectors of NIfTI files: intent 1006 are displacements along the file's own axes, 1007 what ITK's tools write.
_DISPLACEMENT, _VECTOR = 1006, 1007


class Grid(NamedTuple):
    """Pixels that vectors must lie on.

    Parameters
    ----------
    shape
        Frames, rows and columns (T, H, W) of all frames, or rows and columns (H, W) of one.
    spacing_mm
        Pixel spacing (row, column) in mm.
    affine
        From (column, row, 0) to patient RAS+ mm, shape (4, 4), or None where the frames have no position.
    """

    shape: tuple[int, ...]
    spacing_mm: tuple[float, float]
    affine: Double | None = None


class _Layout(NamedTuple):
    """The axes of an image in the order (time, row, column), those of size 1 anywhere before, and which are turned."""

    order: tuple[int, ...]
    turned: tuple[bool, bool] = (False, False)


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
    affine
        From indices of the first three axes to patient RAS+ mm, shape (4, 4), or None where the position is not known.
    """

    vectors: NDArray[Any]
    steps: Double
    affine: Double | None = None

    def on_grid(self, grid: Grid, name: str) -> OnGrid:
        """Return the vectors of all frames, or of one, in pixels of the frames.

        Parameters
        ----------
        grid
            Pixels of the frames. Where image and frames have a position, axes may be in another order and turned.
        name
            Of the file, for the sentence.

        Returns
        -------
        OnGrid
            Vectors and geometry.

        Raises
        ------
        ReadError
            If the image has another size, spacing or place, or its plane does not hold the vectors.
        """
        layout, known = self._layout(grid, name)
        row, column = layout.order[-2:]
        plane = self.steps[:, [column, row]] * [-1 if turned else 1 for turned in reversed(layout.turned)]
        if np.linalg.matrix_rank(plane) < 2:
            raise ReadError(
                f"the plane of DVFs (--dvf) must be that of their vectors, got vectors of {len(self.steps)} components "
                f"outside of it in {name}; write vectors of three components"
            )
        lengths = np.linalg.norm(plane, axis=0)
        spacing_mm = float(lengths[1]), float(lengths[0])
        _check_spacing(spacing_mm, grid, name)
        if not known:
            raise ReadError(self._lies_elsewhere(grid, name))
        moved = self.vectors.transpose(*layout.order, len(layout.order)).reshape(*grid.shape, len(self.steps))
        moved = np.flip(moved, tuple(axis for axis, turned in zip((-3, -2), layout.turned, strict=True) if turned))
        into_pixels = np.linalg.pinv(plane)
        flip = _FLIP[: len(self.steps), : len(self.steps)]
        return OnGrid(np.asarray(moved @ into_pixels.T, dtype=np.float32), spacing_mm, into_pixels @ flip @ plane)

    def _layout(self, grid: Grid, name: str) -> tuple[_Layout, bool]:
        """Return the order of the axes, and whether the image is where the frames are, as far as is known."""
        if self.affine is None or grid.affine is None or not grid.affine[:3, 3].any():
            return _layout_of_sizes(self.vectors.shape[:-1], grid.shape, name), True
        sizes = self.vectors.shape[:-1]
        found = placement_by_affine(sizes, self.affine, grid.affine)
        if found is not None and found.start == (0, 0):
            rest = [axis for axis in range(len(sizes)) if axis not in (found.row_axis, found.column_axis)]
            ordered = [sizes[axis] for axis in (*rest, found.row_axis, found.column_axis)]
            if [size for size in ordered[:-2] if size > 1] + ordered[-2:] == list(_without_one(grid.shape)):
                return _Layout((*rest, found.row_axis, found.column_axis), found.turned), True
        return _layout_of_sizes(sizes, grid.shape, name), False

    def _lies_elsewhere(self, grid: Grid, name: str) -> str:
        frames = (*reversed(grid.shape[-2:]), 1)
        return (
            f"DVFs (--dvf) must lie on the pixels of the frames, got {name} with "
            f"{geometry_words(self.vectors.shape[:3], None, self.affine)} for frames with "
            f"{geometry_words(frames, None, grid.affine)}; resample them onto the frames, or give the file their "
            "position if its own is wrong"
        )


def _without_one(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if len(shape) == 2 or shape[0] > 1 else shape[1:]


def _check_spacing(spacing_mm: tuple[float, float], grid: Grid, name: str) -> None:
    if not np.allclose(spacing_mm, grid.spacing_mm, rtol=_SAME):
        raise ReadError(
            f"DVFs (--dvf) must lie on the pixels of the frames, {grid.spacing_mm[0]:.4g} x {grid.spacing_mm[1]:.4g} "
            f"mm (rows x columns), got a pixel spacing of {spacing_mm[0]:.4g} x {spacing_mm[1]:.4g} mm in {name}; "
            "resample them, or give --pixel-spacing where that of the frames is wrong"
        )


def _layout_of_sizes(sizes: tuple[int, ...], shape: tuple[int, ...], name: str) -> _Layout:
    """Return the order of the axes of an image by their sizes alone."""
    rows, columns = shape[-2:]
    if len(shape) == 2:
        layouts = {(columns, rows): (1, 0), (columns, rows, 1): (2, 1, 0), (columns, rows, 1, 1): (3, 2, 1, 0)}
    else:
        count = shape[0]
        layouts = {(columns, rows, count): (2, 1, 0), (columns, rows, 1, count): (2, 3, 1, 0)}
        if sizes == (count, rows, columns) and count == rows == columns:
            raise ReadError(
                f"the axes of DVFs (--dvf) must be told apart by their sizes, got {count} of each in {name}; write a "
                "folder with one image for each frame"
            )
        layouts[count, columns, rows] = (0, 2, 1)
    if sizes not in layouts:
        listed = " or ".join(" x ".join(map(str, each)) for each in layouts)
        raise ReadError(
            f"DVFs (--dvf) must have the size of the frames, {listed}, got {' x '.join(map(str, sizes))} in {name}; "
            "write them on the pixels of the frames"
        )
    return _Layout(layouts[sizes])


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
    steps = direction * image.GetSpacing()[:in_space]
    affine = _affine(_FLIP @ steps, _FLIP @ image.GetOrigin()[:3]) if axes >= 3 else None
    return DvfImage(array.transpose(*reversed(range(axes)), axes), steps, affine)


def _affine(steps: Double, origin: Double) -> Double | None:
    """Return the affine (4, 4), or None where it has no place, as where its origin is all zeros."""
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = steps, origin
    return affine if np.isfinite(affine).all() and origin.any() else None


def read_nifti_vectors(path: Path) -> DvfImage:
    """Read a NIfTI image of vectors in mm, shape (column, row, slice, time, C).

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz``, of intent 1006 (displacement vector: along right, anterior, superior as NIfTI has it)
        or 1007 (vector: along left, posterior, superior, as ITK and ANTs write it). Without a position of the file's
        own, vectors of both are along its columns and rows.

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
    # Without a position of its own the file has steps along its columns and rows alone, and its vectors with it.
    placed = bool(image.header["sform_code"]) or bool(image.header["qform_code"])
    if placed and intent == _DISPLACEMENT:
        vectors = vectors @ _FLIP[:components, :components].astype(vectors.dtype)
    steps = _FLIP @ image.affine[:3, :3] if placed else np.diag(image.header.get_zooms()[:3])
    affine = _affine(image.affine[:3, :3], image.affine[:3, 3]) if placed else None
    return DvfImage(vectors, steps[:components, :components], affine)


def _check_components(components: int, allowed: tuple[int, ...], name: str) -> None:
    if components not in allowed:
        raise ReadError(
            f"vectors of DVFs (--dvf) must have {' or '.join(map(str, allowed))} components, got {components} in "
            f"{name}; write one component for each axis in space"
        )
