"""The first label of a TrackRAD2025 case: the one mask that a tracker is given."""

from __future__ import annotations

import re
from pathlib import Path

from cinecast.frames.detect import mha_files

_FRAMES = re.compile(r"(.+)_frames(\d*)$")
_LABELS = re.compile(r".+_(first_label|labels)\d*$")


def find_first_label(sequence_path: Path) -> Path | None:
    """Return the first label of a TrackRAD2025 case, never the labels of all its frames.

    ``CASE/targets/CASE_first_label.mha`` belongs to ``CASE/images/CASE_frames.mha``; that of a second scan,
    ``CASE_frames2.mha``, is ``CASE_first_label2.mha``. Without such folders it stands beside the frames.

    Parameters
    ----------
    sequence_path
        The folder of the case, or the file with its frames.

    Returns
    -------
    Path | None
        None where the sequence is no such case, or has no first label.
    """
    path = sequence_path.absolute()
    files = mha_files(path / "images") if path.is_dir() else [path]
    match = _FRAMES.match(files[0].stem) if len(files) == 1 else None
    if match is None:
        return None
    folder = files[0].parent
    folders = [folder.parent / "targets", folder] if folder.name == "images" else [folder]
    names = [f"{match[1]}_first_label{match[2]}{ending}" for ending in (".mha", ".mhd")]
    return next((each / name for each in folders for name in names if (each / name).is_file()), None)


def is_label_of_case(path: Path) -> bool:
    """Return whether a file is named as the first label or the labels of a TrackRAD2025 case are."""
    return _LABELS.match(path.stem) is not None
