"""Which labels, segments or regions of a file are meant: all must be named where there are several."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.masks.label_image import LabelImage
from cinecast.frames.source import listing

ALL = "all"


@dataclass(frozen=True)
class Part:
    """One structure that a file holds.

    Parameters
    ----------
    number
        Its label, or its number in a structure set.
    name
        Its name, empty where it has none.
    layer
        Where it is, in a file with layers.
    """

    number: int
    name: str = ""
    layer: int = 0

    def __str__(self) -> str:
        return f"{self.number} {self.name!r}" if self.name else str(self.number)


@dataclass(frozen=True)
class Chosen:
    """A part that was chosen, the name that it goes by, and what a user should know of the choice."""

    part: Part
    name: str
    said: tuple[str, ...] = ()


def label_parts(image: LabelImage, labels: NDArray[Any]) -> tuple[Part, ...]:
    """Return the structures that have a pixel: the named segments, else every number but 0.

    Parameters
    ----------
    image
        What the file says of its segments.
    labels
        Its numbers, shape (layers, ...).

    Returns
    -------
    tuple
        By layer and number.

    Raises
    ------
    ReadError
        If a segment is said to be in a layer that there is not.
    """
    numbers = [set(np.unique(layer).tolist()) - {0} for layer in labels]
    if not image.segments:
        return tuple(Part(number) for number in sorted(numbers[0]))
    for segment in image.segments:
        if segment.layer >= len(numbers):
            raise ReadError(
                f"the segments of {image.file_name} must be in its {len(numbers)} layer(s), got layer {segment.layer} "
                f"for {segment.name!r}; save the segmentation again"
            )
    return tuple(
        Part(each.value, each.name, each.layer) for each in image.segments if each.value in numbers[each.layer]
    )


def choose(
    parts: SequenceOf[Part], labels: SequenceOf[int | str], names: SequenceOf[str], *, file_name: str, alone: str
) -> tuple[Chosen, ...]:
    """Return the parts that are meant.

    Parameters
    ----------
    parts
        What the file holds.
    labels
        Numbers or names of parts; ``all`` alone stands for every part. Empty: by `names`, or the only part.
    names
        Names of parts where `labels` is empty and the parts have names. Else the names to give them, one for each.
    file_name
        For messages.
    alone
        The name of the only part where it has none.

    Returns
    -------
    tuple
        In the order of `labels` or `names`.

    Raises
    ------
    ReadError
        If there is no such part, several and no choice, one is chosen twice, or two go by one name.
    """
    if not parts:
        raise ReadError(f"a mask must hold pixels inside, got an empty one in {file_name}; draw it and save it again")
    named = any(part.name for part in parts)
    if not labels and named and names:
        wanted: SequenceOf[int | str] = names
    elif not labels and len(parts) > 1:
        raise ReadError(
            f"one of several structures must be chosen, got {_list(parts)} in {file_name}; choose with "
            f"{'--target-name or ' if named else ''}--target-label, or take all with --target-label {ALL}"
        )
    else:
        wanted = [] if list(labels) == [ALL] else labels
    found = [_part(each, parts, file_name) for each in wanted] or list(parts)
    _check_chosen_once(found, file_name)
    given = list(names) if names and wanted is not names else [_name(part, parts, alone) for part in found]
    given = [" ".join(name.split()) for name in given]  # a name stands in one line of a table
    if len(given) != len(found):
        raise ReadError(
            f"--target-name must be given once for each structure chosen, got {len(given)} name(s) for {len(found)} in "
            f"{file_name}; name them all or none"
        )
    _check_different(given, file_name)
    told = (
        (lambda part: (f"is structure {part}, one of those in {file_name} ({_list(parts)})",))
        if len(parts) > 1
        else (lambda _: ())
    )
    return tuple(Chosen(part, name, told(part)) for part, name in zip(found, given, strict=True))


def _name(part: Part, parts: SequenceOf[Part], alone: str) -> str:
    return part.name or (alone if len(parts) == 1 else f"label {part.number}")


def _part(wanted: int | str, parts: SequenceOf[Part], file_name: str) -> Part:
    text = str(wanted).strip()
    found = [part for part in parts if part.name.strip() == text]
    if not found and text.isdecimal():
        found = [part for part in parts if part.number == int(text)]
    if len(found) == 1:
        return found[0]
    raise ReadError(
        f"{text!r} must stand for one structure, got {len(found)} such in {file_name}, which holds {_list(parts)}; "
        "choose one of them by name or number"
    )


def _check_chosen_once(parts: SequenceOf[Part], file_name: str) -> None:
    twice = [part for part in parts if parts.count(part) > 1]
    if twice:
        raise ReadError(
            f"each structure must be chosen once, got {twice[0]} twice from {file_name}; choose another label with "
            "--target-label, or leave one out"
        )


def _check_different(names: SequenceOf[str], file_name: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ReadError(
            f"targets must have different names, got {twice[0]!r} twice from {file_name}; choose with --target-label "
            "and name them with --target-name"
        )


def _list(parts: SequenceOf[Part]) -> str:
    return listing([str(part) for part in parts])
