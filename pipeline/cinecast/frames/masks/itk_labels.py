"""Label maps that SimpleITK reads: MHA and MHD, NRRD, and Slicer's .seg.nrrd with named segments and layers."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import DEFAULT_LIMIT_GB
from cinecast.frames.detect import read_head
from cinecast.frames.masks.label_image import LabelImage, Segment, whole_numbers
from cinecast.frames.masks.nrrd_claims import check_nrrd_claims
from cinecast.frames.mha_header import check_mha_header

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_MHA_POSITION = re.compile(rb"^ *(TransformMatrix|Orientation|Rotation|Offset|Origin|Position) *=", re.MULTILINE)
_MHA_SPACING = re.compile(rb"^ *(ElementSpacing|ElementSize) *=", re.MULTILINE)
_MHA_AXES = re.compile(rb"^ *NDims *= *([-+]?\d{1,9})", re.MULTILINE)
_NRRD_SPACING = re.compile(rb"^(spacings|space directions):", re.MULTILINE)
# The spaces that ITK brings to LPS; of others it does not know the axes.
_PATIENT_SPACES = re.compile(r"(left|right)-(anterior|posterior)-(inferior|superior)|[LR][AP][IS]", re.IGNORECASE)
_LONGEST_HEADER = 1 << 20


def read_mha_labels(path: Path) -> LabelImage:
    """Read an MHA or MHD label map: time first as in TrackRAD2025, or as ITK's own tools write it.

    Raises
    ------
    ReadError
        If the file is cut short, claims another number of axes than images have, or holds several values per pixel.
    """
    check_mha_header(path, DEFAULT_LIMIT_GB)
    head = read_head(path)
    axes = _MHA_AXES.search(head)
    if axes is not None and not 2 <= int(axes[1]) <= 4:  # of others ITK's reader crashes, and the program with it
        raise ReadError(
            f"an MHA mask must have 2 to 4 axes, got NDims = {int(axes[1])} in {path.name}; export it again"
        )
    image = _read(path, "MetaImageIO", "MHA")
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise ReadError(
            f"an MHA mask must have one number per pixel, got {image.GetNumberOfComponentsPerPixel()} in {path.name}; "
            "convert it"
        )
    known = image.GetDimension() >= 3 and _MHA_POSITION.search(head) is not None
    return LabelImage(
        file_name=path.name,
        labels=_labels(image, path),
        affine=_affine(image) if known else None,
        spacing_mm=_spacing(image) if _MHA_SPACING.search(head) else None,
        across=(0, 2, 1),
    )


def read_nrrd_labels(path: Path) -> LabelImage:
    """Read an NRRD label map, or a segmentation of Slicer: its layers, and its segments by name.

    Raises
    ------
    ReadError
        If the file is cut short, claims more than it holds, names data outside its folder, or has several values per
        pixel and names no segments.
    """
    check_nrrd_claims(path, DEFAULT_LIMIT_GB)
    image = _read(path, "NrrdImageIO", "NRRD")
    facts = _facts(image)
    segments = _segments(facts)
    if image.GetNumberOfComponentsPerPixel() != 1 and not segments:
        raise ReadError(
            f"an NRRD mask must have one number per pixel or name its segments, got "
            f"{image.GetNumberOfComponentsPerPixel()} numbers and no names in {path.name}; save it as a .seg.nrrd"
        )
    known = image.GetDimension() >= 3 and _PATIENT_SPACES.fullmatch(facts.get("NRRD_space", "")) is not None
    header = read_head(path, _LONGEST_HEADER).split(b"\n\n", 1)[0].replace(b"\r", b"")
    return LabelImage(
        file_name=path.name,
        labels=_labels(image, path),
        affine=_affine(image) if known else None,
        likely_affine=_affine(image) if image.GetDimension() >= 3 else None,  # ITK names no space of four axes
        spacing_mm=_spacing(image) if _NRRD_SPACING.search(header) else None,
        across=(2, 0, 1),
        segments=segments,
        offset=_offset(facts) if segments else None,
    )


def _facts(image: Any) -> dict[str, str]:
    found = {}
    for key in image.GetMetaDataKeys():
        with suppress(TypeError):  # a name that is no text cannot be asked for
            found[key] = image.GetMetaData(key)
    return found


def _read(path: Path, reader: str, what: str) -> Any:
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        return SimpleITK.ReadImage(str(path), imageIO=reader)
    except RuntimeError as error:
        raise ReadError(
            f"{path.name} cannot be read as {what}: it is cut short, damaged or of a kind that is no image; "
            "copy or export it again"
        ) from error


def _labels(image: Any, path: Path) -> NDArray[Any]:
    """Return label numbers, shape (layers, n0, n1, n2, T), axes in ITK's order."""
    values = SimpleITK.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() == 1 and values.ndim == image.GetDimension():
        values = values[..., np.newaxis]
    values = whole_numbers(values, path.name).transpose()
    return values.reshape(*values.shape, *[1] * (5 - values.ndim))


def _affine(image: Any) -> NDArray[np.float64]:
    count = image.GetDimension()
    steps = np.array(image.GetDirection()).reshape(count, count) * np.array(image.GetSpacing())
    affine = np.eye(4)
    affine[:3, :3] = steps[:3, :3]
    affine[:3, 3] = image.GetOrigin()[:3]
    ras: NDArray[np.float64] = _LPS_TO_RAS @ affine
    return ras


def _spacing(image: Any) -> tuple[float, float, float]:
    first, second, *rest = image.GetSpacing()
    return first, second, rest[0] if rest else 1.0


def _segments(facts: dict[str, str]) -> tuple[Segment, ...]:
    """Return the segments; in files before Slicer 4.11 each has a layer of its own, of the label 1."""
    indices = sorted(int(match[1]) for key in facts if (match := re.fullmatch(r"Segment(\d+)_ID", key)))
    named = sorted(int(match[1]) for key in facts if (match := re.fullmatch(r"Segment(\d+)_Name", key)))
    found = []
    for index in sorted({*indices, *named}):
        prefix = f"Segment{index}_"
        name = facts.get(f"{prefix}Name") or facts.get(f"{prefix}ID") or ""
        layer, value = facts.get(f"{prefix}Layer", str(index)), facts.get(f"{prefix}LabelValue", "1")
        if not (layer.strip().isdecimal() and value.strip().isdecimal()):
            raise ReadError(
                f"layer and label of a segment must be whole numbers, got {layer!r} and {value!r} for {name!r}; "
                "save the segmentation again"
            )
        found.append(Segment(name.strip(), int(layer), int(value)))
    return tuple(found)


def _offset(facts: dict[str, str]) -> tuple[int, int, int]:
    numbers = re.findall(r"-?\d+", facts.get("Segmentation_ReferenceImageExtentOffset", ""))
    first, second, third = (int(number) for number in numbers[:3]) if len(numbers) == 3 else (0, 0, 0)
    return first, second, third
