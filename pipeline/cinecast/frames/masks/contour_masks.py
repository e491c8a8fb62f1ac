"""Contours of an RTSTRUCT as masks of the frames that they were drawn on.

A frame is found by the SOP instance that a contour names. All frames of a cine lie at one place, so that a position
tells nothing: readers that sort by it put contours on other frames than their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.grid_placement import SAME_PLANE_PX
from cinecast.frames.masks.polygon import fill_contours
from cinecast.frames.masks.structure_set import Contour, Region
from cinecast.frames.recording_digests import instance_digest
from cinecast.sequence import Sequence

_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])
_XOR = "CLOSEDPLANAR_XOR"
_CLOSED = ("CLOSED_PLANAR", _XOR)


class ContouredFrame(NamedTuple):
    """The mask of a region in one frame, shape (H, W), and what a user should know of it."""

    mask: NDArray[np.bool_]
    said: tuple[str, ...]


def region_masks(region: Region, sequence: Sequence, *, dicom_spacing: str) -> dict[int, ContouredFrame]:
    """Return the masks of a region by the index of the frame.

    Parameters
    ----------
    region
        With all its contours.
    sequence
        Read from the DICOM images that the contours were drawn on.
    dicom_spacing
        What `sequence.origins` says of a spacing that the images themselves have.

    Returns
    -------
    dict[int, ContouredFrame]
        By frame, in ascending order.

    Raises
    ------
    ReadError
        If a contour is open, lies off its image, or overlaps another one; if none names a frame of the sequence, or one
        does not say which frame of its file; if the sequence lacks SOP instances, or a position or spacing of its own.
    """
    _check_sequence(sequence, dicom_spacing)
    by_frame, elsewhere = _by_frame(region, sequence)
    if not by_frame:
        named = len({image for contour in region.contours for image in contour.images})
        raise ReadError(
            f"a contour must name a frame of the sequence by its SOP instance UID, got {named} image(s) named by the "
            f"{len(region.contours)} contour(s) of {region.name!r}, none of them among the {len(sequence.frames)} "
            f"frames of {sequence.name}; give the structure set that was drawn on this series"
        )
    said = (f"has contours on {elsewhere} image(s) that are no frames of this sequence",) if elsewhere else ()
    return {frame: _mask(by_frame[frame], region, sequence, frame, said) for frame in sorted(by_frame)}


def _check_sequence(sequence: Sequence, dicom_spacing: str) -> None:
    if not sequence.instances:
        raise ReadError(
            f"an RTSTRUCT needs frames with SOP instance UIDs, which {sequence.name} has not (no DICOM, or a run made "
            "before they were kept); read the DICOM images in a new run, or give a label map"
        )
    if sequence.affine is None:
        raise ReadError(
            f"an RTSTRUCT needs images with a position in the patient, which those of {sequence.name} lack; "
            "give a label map"
        )
    if sequence.origins.get("spacing_mm") != dicom_spacing:
        raise ReadError(
            f"contours in mm are placed by the spacing of the images, got one of {sequence.name} from "
            f"{sequence.origins.get('spacing_mm', 'elsewhere')}; read the images with their own spacing, or "
            "give a label map"
        )


def _by_frame(region: Region, sequence: Sequence) -> tuple[dict[int, list[Contour]], int]:
    """Return the contours of each frame, and how many images are named that are no frames."""
    frames = {digest: index for index, digest in enumerate(sequence.instances)}
    found: dict[int, list[Contour]] = {}
    elsewhere = set()
    for contour in region.contours:
        for uid, number in contour.images:
            frame = frames.get(instance_digest(uid, 0 if number is None else number - 1))
            if number is None:
                _check_single_frame(uid, frames, region)
            if frame is None:
                elsewhere.add((uid, number))
            else:
                found.setdefault(frame, []).append(contour)
    return found, len(elsewhere)


def _check_single_frame(uid: str, frames: Mapping[str, int], region: Region) -> None:
    # A multi-frame file has a second frame, or is of one plane of several, in which case a later one.
    if any(instance_digest(uid, index) in frames for index in range(1, len(frames) + 1)):
        raise ReadError(
            f"a contour on a multi-frame file must say on which frame, got none for {region.name!r}; export the "
            "structure set with ReferencedFrameNumber, or give a label map"
        )


def _mask(
    contours: list[Contour], region: Region, sequence: Sequence, frame: int, said: tuple[str, ...]
) -> ContouredFrame:
    for contour in contours:
        if contour.kind not in _CLOSED or len(contour.points_mm) < 3:
            raise ReadError(
                f"a contour must be closed, got {contour.kind} with {len(contour.points_mm)} point(s) for "
                f"{region.name!r} in frame {frame}; close it, or choose another region with --target-name"
            )
    height, width = sequence.frames.shape[1:]
    points = [_pixels(contour, region, sequence, frame) for contour in contours]
    filled = fill_contours(points, (height, width))
    if filled.overlap and any(contour.kind != _XOR for contour in contours):
        raise ReadError(
            f"contours of one region must not overlap, got {filled.overlap} pixel(s) inside two of {region.name!r} in "
            f"frame {frame}, of which it cannot be told whether they count; unite the contours"
        )
    outside = any((each < -0.5).any() or (each > (width - 0.5, height - 0.5)).any() for each in points)
    told = [f"reaches beyond the image in frame {frame} and is cut off there"] if outside else []
    if filled.repeated:
        told.append(f"has {filled.repeated} contour(s) twice in frame {frame}, which count once")
    return ContouredFrame(filled.mask, (*said, *told))


def _pixels(contour: Contour, region: Region, sequence: Sequence, frame: int) -> NDArray[np.float64]:
    """Return the points as (x = column, y = row) in pixels, shape (N, 2)."""
    assert sequence.affine is not None
    inverse = np.linalg.inv(sequence.affine)
    placed = contour.points_mm * _LPS_TO_RAS @ inverse[:3, :3].T + inverse[:3, 3]
    off_plane_mm = float(np.abs(placed[:, 2]).max() * np.linalg.norm(sequence.affine[:3, 2]))
    if off_plane_mm > SAME_PLANE_PX * min(sequence.spacing_mm):
        raise ReadError(
            f"a contour must lie in the plane of its image, got {region.name!r} {off_plane_mm:.1f} mm off in frame "
            f"{frame}; export it again from the images that it was drawn on"
        )
    return np.asarray(placed[:, :2])
