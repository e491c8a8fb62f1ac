"""By what frames, recordings and DICOM images are known again, whatever their names."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def frames_digests(frames: NDArray[Any]) -> frozenset[str]:
    """Return SHA-256 by which a sequence of frames (T, H, W) is known again whatever its name, format and type.

    One is of the frames as they are, another of the frames as they are turned or mirrored so that the first one
    comes first of all that it could be: converters turn rows round, and exchange rows and columns. The others are of
    the grey values of each frame in order of size: a recording that was cut, or has frames more, shares some. Frames of
    one grey level, which many recordings may hold, have none.
    """

    def least(frame: NDArray[Any]) -> int:
        return min(range(8), key=lambda turn: _turned(frame, turn).astype("<f8").tobytes())

    turns = {0, least(frames[0])}
    single = {_digest_of_values(frame) for frame in frames if frame.min() != frame.max()}
    return frozenset(single.union(_digest_of_turned(frames, turn) for turn in turns))


def _digest_of_values(frame: NDArray[Any]) -> str:
    return hashlib.sha256(np.sort(frame, axis=None).astype("<f8").tobytes()).hexdigest()[:32]


def _digest_of_turned(frames: NDArray[Any], turn: int) -> str:
    whole = hashlib.sha256(str((len(frames), *_turned(frames[0], turn).shape)).encode())
    for frame in frames:  # one by one: they may lie on disk
        whole.update(_turned(frame, turn).astype("<f8").tobytes())
    return whole.hexdigest()


def _turned(frame: NDArray[Any], turn: int) -> NDArray[Any]:
    rotated = np.rot90(frame, turn % 4)
    return rotated.T if turn >= 4 else rotated


def instance_digest(uid: str, index: int) -> str:
    """Return by what a DICOM image is known again; its UID, which leads back to the patient's study, is not kept.

    Parameters
    ----------
    uid
        SOP instance UID of the file.
    index
        Index of the frame in the file, from 0.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return hashlib.sha256(f"{uid.strip()}/{index}".encode()).hexdigest()[:32]
