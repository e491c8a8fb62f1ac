"""The targets of one file as settings name them: each structure once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cinecast.frames.masks.interface import read_targets
from cinecast.frames.masks.target import Target
from cinecast.sequence import Sequence
from cinecast.settings import TargetSettings


def settings_of_files(own: TargetSettings) -> tuple[tuple[Path, TargetSettings], ...]:
    """Return each file with what is said of it.

    Parameters
    ----------
    own
        Settings of targets. Names that are as many as several files are one for each, in their order, where no labels
        are chosen; all else is said of every file.

    Returns
    -------
    tuple
        Path and settings of each file.
    """
    paths = [Path(file) for file in own.files]
    if len(paths) > 1 and len(own.names) == len(paths) and not own.labels:
        return tuple((path, replace(own, names=(name,))) for path, name in zip(paths, own.names, strict=True))
    return tuple((path, own) for path in paths)


def targets_of_file(path: Path, sequence: Sequence, own: TargetSettings) -> tuple[Target, ...]:
    """Read the targets of one file.

    Parameters
    ----------
    path
        A label map or an RTSTRUCT.
    sequence
        The sequence that it was drawn on.
    own
        Labels, names and frame that are meant; of its files nothing is used.

    Returns
    -------
    tuple of Target
        Each name once: of a structure with contours on several frames the first counts.

    Raises
    ------
    ReadError
        If the file cannot be read or does not fit the sequence.
    """
    found = read_targets(path, sequence, labels=own.labels, names=own.names, frame=own.frame)
    return _first_of_each(found)


def _first_of_each(found: Iterable[Target]) -> tuple[Target, ...]:
    first: dict[str, Target] = {}
    later: dict[str, list[int]] = {}
    for target in sorted(found, key=lambda each: each.frame):
        if target.name in first:
            later.setdefault(target.name, []).append(target.frame)
        first.setdefault(target.name, target)
    return tuple(
        replace(target, said=(*target.said, _said_of_later(later[name]))) if name in later else target
        for name, target in first.items()
    )


def _said_of_later(frames: list[int]) -> str:
    return f"has {len(frames)} more contours, which are not looked at: give the file as --labels to score with them"
