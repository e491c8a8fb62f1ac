"""One case as the TrackRAD2025 challenge hands it to a container, and the label series that it wants back.

Frame rate, field strength and scanned region stand beside the images. Where a target is now does not depend on them, so
they are not read: a missing or damaged one costs nothing.
"""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import ReadError, StoreError
from cinecast.frames.detect import mha_files
from cinecast.settings import FlowSettings
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import replacing
from cinecast.trackrad.case import TrackedCase, TrackRequest, find_target, follow
from cinecast.trackrad.label_writing import write_label_series
from cinecast.trackrad.recording import read_recording

FRAMES_FOLDER, TARGET_FOLDER = Path("images/mri-linacs"), Path("images/mri-linac-target")
OUTPUT_FILE = Path("images/mri-linac-series-targets/output.mha")


def track_input(source: Path, out: Path) -> TrackedCase:
    """Track the one case of an input folder, and write its label series.

    Parameters
    ----------
    source
        With one MHA in ``images/mri-linacs`` and the target in frame 0 in ``images/mri-linac-target``.
    out
        Gets ``images/mri-linac-series-targets/output.mha``, with the geometry of the frames.

    Returns
    -------
    TrackedCase
        What was written.

    Raises
    ------
    ReadError
        If an image is missing, one of several, or of no use.
    StoreError
        If there is an output already, or none can be written.
    """
    file = out / OUTPUT_FILE
    if file.exists():
        raise StoreError(f"the output must not exist yet, got {file}; remove it")
    scan = _only(source / FRAMES_FOLDER, "frames")
    request = TrackRequest(target=_only(source / TARGET_FOLDER, "target"), target_frame=0)
    recording = read_recording(scan, time_first=True)
    tracked = follow(recording, find_target(scan, recording, request), FlowSettings())
    with as_store_error(out, "the label series", "choose another --output"):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as temporary:
            geometry = recording.geometry
            write_label_series(temporary, tracked.masks, spacing_mm=geometry.spacing_mm, affine=geometry.affine)
    return tracked


def _only(folder: Path, what: str) -> Path:
    files = mha_files(folder)
    if len(files) != 1:
        got = ", ".join(file.name for file in files) or "none"
        raise ReadError(f"the input must hold one MHA file with the {what} in {folder}, got {got}; mount it there")
    return files[0]
