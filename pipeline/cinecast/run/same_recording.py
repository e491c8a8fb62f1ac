"""Whether a source is the recording that a run was made of: folders of two patients are often called alike."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError
from cinecast.run.source_frames import SourceFrames
from cinecast.store import artifacts as art
from cinecast.store.record import read_record


def check_same_recording(out: Path, found: SourceFrames, remedy: str = "choose another --out") -> None:
    """Check that a run is not replaced by one of another recording of the same name.

    A recording that has grown, was cut or came with other facts shares frames with what it was.

    Parameters
    ----------
    out
        The run folder; it may be missing.
    found
        The sequence as its source has it now.
    remedy
        What keeps both recordings.

    Raises
    ------
    StoreError
        If the run holds frames, its source has changed, and not one of its frames is among the new ones.
    """
    record = read_record(out / art.FRAMES) or {}
    source = record.get("settings", {}).get("source")
    if source is None or source == found.step.settings["source"]:
        return
    try:
        before = art.load_sequence(out / art.FRAMES).frames
    except (OSError, ValueError, KeyError):  # damaged: nothing of it is left to be lost
        return
    known = _digests(before)
    if known and known.isdisjoint(_digests(found.sequence.frames)):
        raise StoreError(
            f"a run holds one recording, got a source called {found.sequence.name!r} that has none of the frames "
            f"of the run in {out}; {remedy}, or replace the whole run with --from frames"
        )


def _digests(frames: NDArray[np.generic]) -> set[bytes]:
    """Return what tells frames apart, whatever type holds their grey values; frames of one grey level are left out."""
    return {
        hashlib.blake2b(np.asarray(frame, dtype=np.float64).tobytes(), digest_size=16).digest()
        for frame in frames
        if frame.min() != frame.max()
    }
