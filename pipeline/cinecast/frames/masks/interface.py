"""The two questions that readers of masks answer: what are the targets, and what are the reference masks."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import readable, sequence_name
from cinecast.frames.masks.choice import ALL, Chosen, Part, choose, label_parts
from cinecast.frames.masks.first_label import is_label_of_case
from cinecast.frames.masks.formats import mask_format, read_label_image
from cinecast.frames.masks.label_image import LabelImage
from cinecast.frames.masks.placing import labels_on_frames
from cinecast.frames.masks.target import LabelSeries, Target, make_target
from cinecast.sequence import Sequence


def read_targets(
    path: Path,
    sequence: Sequence,
    *,
    labels: SequenceOf[int | str] = (),
    names: SequenceOf[str] = (),
    frame: int | None = None,
) -> tuple[Target, ...]:
    """Read targets and organs at risk, each in one frame.

    Parameters
    ----------
    path
        A label map (NIfTI, MHA, NRRD, .seg.nrrd, PNG, NPY) or an RTSTRUCT.
    sequence
        The sequence that it was drawn on.
    labels
        Numbers or names of the structures that are meant; ``all`` alone stands for every one.
    names
        Without `labels`, the names of structures that have names. Else the names to give to them, one for each.
    frame
        Index of the frame in which the mask holds; without it the first one, or the frames that an RTSTRUCT names.

    Returns
    -------
    tuple
        One target for each structure, and of an RTSTRUCT for each frame with a contour of it.

    Raises
    ------
    ReadError
        If the file is of no use as a mask of these frames, or holds several structures or frames and none is chosen.
        The message names the file.
    """
    with _reading(path):
        _check_frame(frame, sequence)
        if mask_format(path) == "rtstruct":
            return _contoured_targets(path, sequence, labels, names, frame)
        image, drawn = _labels(path, sequence)
        index, frame = _chosen_frame(drawn, sequence, path, frame)
        chosen = _choice(image, drawn[:, [index]], labels, names, path)
        return tuple(make_target(each.name, _mask(drawn[:, index], each), frame, each.said) for each in chosen)


def read_label_series(
    path: Path, sequence: Sequence, *, labels: SequenceOf[int | str] = (), names: SequenceOf[str] = ()
) -> tuple[LabelSeries, ...]:
    """Read reference masks of many frames, for scoring only.

    Parameters
    ----------
    path
        A label map of as many frames as the sequence has, or an RTSTRUCT.
    sequence
        The sequence that it was drawn on.
    labels, names
        As in `read_targets`; without either every structure.

    Returns
    -------
    tuple
        One for each structure. A frame of a label map in which nothing at all is labelled has no label, nor has a frame
        without a contour of the structure.

    Raises
    ------
    ReadError
        If the file is of no use as masks of these frames, has another number of frames, or no label in any of them; the
        The message names the file.
    """
    labels = labels if labels or names else (ALL,)
    with _reading(path):
        if mask_format(path) == "rtstruct":
            return _contoured_series(path, sequence, labels, names)
        image, drawn = _labels(path, sequence)
        if drawn.shape[1] != len(sequence.frames):
            raise ReadError(
                f"labels must be as many as the {len(sequence.frames)} frames of {sequence.name}, got {drawn.shape[1]} "
                f"in {path.name}; leave frames without a label empty"
            )
        labelled = np.asarray(drawn.any(axis=(0, 2, 3)))
        chosen = _choice(image, drawn, labels, names, path)
        return tuple(LabelSeries(each.name, _mask(drawn, each), labelled) for each in chosen)


def has_place(path: Path) -> bool:
    """Return whether a mask says where in the patient it lies, or names the images that it was drawn on.

    Parameters
    ----------
    path
        As `read_targets` takes it.

    Returns
    -------
    bool
        False for a file of pixels alone, such as PNG and NPY: it fits any frames of its size.

    Raises
    ------
    ReadError
        If the file cannot be read or is no mask.
    """
    with _reading(path):
        kind = mask_format(path)
        if kind == "rtstruct":
            return True
        image = read_label_image(path, kind)
        return image.affine is not None or image.likely_affine is not None


def _labels(path: Path, sequence: Sequence) -> tuple[LabelImage, NDArray[Any]]:
    """Return what the file holds, and its labels on the frames, shape (layers, N, H, W)."""
    image = read_label_image(path, mask_format(path))
    if image.labels.size <= 1 and image.segments:
        raise ReadError(
            f"a mask must hold pixels inside, got an empty segmentation in {path.name}; draw it and save it"
        )
    return image, labels_on_frames(image, sequence)


def _choice(
    image: LabelImage, drawn: NDArray[Any], labels: SequenceOf[int | str], names: SequenceOf[str], path: Path
) -> tuple[Chosen, ...]:
    # All labels of a case of TrackRAD2025 are of its one target, whatever the case is called.
    alone = "target" if is_label_of_case(path) else _stem(path)
    return choose(label_parts(image, drawn), labels, names, file_name=path.name, alone=alone)


def _stem(path: Path) -> str:
    name = sequence_name(path)
    return readable(name if name != path.name else path.stem.removesuffix(".seg"))


def _mask(drawn: NDArray[Any], chosen: Chosen) -> NDArray[np.bool_]:
    return np.asarray(drawn[chosen.part.layer] == chosen.part.number)


def _check_frame(frame: int | None, sequence: Sequence) -> None:
    if frame is not None and not 0 <= frame < len(sequence.frames):
        raise ReadError(
            f"--target-frame must be a frame of the sequence, 0 to {len(sequence.frames) - 1}, got {frame}; choose one"
        )


def _chosen_frame(drawn: NDArray[Any], sequence: Sequence, path: Path, frame: int | None) -> tuple[int, int]:
    """Return the index of the mask in the file, and that of its frame."""
    count = drawn.shape[1]
    if count == 1:
        return 0, frame or 0
    if count != len(sequence.frames):
        raise ReadError(
            f"a mask must be of one frame or of all {len(sequence.frames)} frames of {sequence.name}, got {count} in "
            f"{path.name}; save the one frame"
        )
    if frame is None:
        first = np.flatnonzero(drawn.any(axis=(0, 2, 3)))
        shown = f"the first label in frame {first[0]}" if len(first) else "no label in any"
        raise ReadError(
            f"a target is given in one frame, got {count} frames with {shown} in {path.name}; choose one with "
            "--target-frame, or give the file as --labels for scoring"
        )
    return frame, frame


def _contoured_targets(
    path: Path, sequence: Sequence, labels: SequenceOf[int | str], names: SequenceOf[str], frame: int | None
) -> tuple[Target, ...]:
    from cinecast.frames.dicom.folder import DICOM_SPACING
    from cinecast.frames.masks.contour_masks import region_masks

    targets = []
    for each, region in _chosen_regions(path, labels, names):
        masks = region_masks(region, sequence, dicom_spacing=DICOM_SPACING)
        if frame is not None and frame not in masks:
            raise ReadError(
                f"{each.name!r} must have a contour in frame {frame}, got one in {_frames(list(masks))}; choose with "
                "--target-frame"
            )
        wanted = masks if frame is None else {frame: masks[frame]}
        targets += [make_target(each.name, mask, at, (*each.said, *said)) for at, (mask, said) in wanted.items()]
    return tuple(targets)


def _contoured_series(
    path: Path, sequence: Sequence, labels: SequenceOf[int | str], names: SequenceOf[str]
) -> tuple[LabelSeries, ...]:
    from cinecast.frames.dicom.folder import DICOM_SPACING
    from cinecast.frames.masks.contour_masks import region_masks

    found = []
    for each, region in _chosen_regions(path, labels, names):
        masks = np.zeros(sequence.frames.shape, dtype=bool)
        labelled = np.zeros(len(masks), dtype=bool)
        for at, (mask, _) in region_masks(region, sequence, dicom_spacing=DICOM_SPACING).items():
            masks[at], labelled[at] = mask, True
        found.append(LabelSeries(each.name, masks, labelled))
    return tuple(found)


def _chosen_regions(path: Path, labels: SequenceOf[int | str], names: SequenceOf[str]) -> list[tuple[Chosen, Any]]:
    from cinecast.frames.masks.structure_set import read_structure_set

    regions = read_structure_set(path)
    parts = [Part(region.number, region.name) for region in regions]
    chosen = choose(parts, labels, names, file_name=path.name, alone=_stem(path))
    return [(each, regions[parts.index(each.part)]) for each in chosen]


def _frames(indices: list[int]) -> str:
    more = f" and {len(indices) - 12} more" if len(indices) > 12 else ""
    return ("frame " if len(indices) == 1 else "frames ") + ", ".join(map(str, indices[:12])) + more


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except ReadError as error:
        raise ReadError(str(error) if path.name in str(error) else f"{path.name}: {error}") from error
