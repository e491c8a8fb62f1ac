"""A user's own DVFs, read and held against the frames that they are of."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.reference import reference_index
from cinecast.frames.dvf_file import read_dvf
from cinecast.frames.dvf_image import Grid
from cinecast.motion.held import held_frames
from cinecast.sequence import Sequence
from cinecast.settings import Settings

# What is said of a run with such DVFs wherever its results are shown.
CAUSALITY_UNKNOWN = "its causality is not known: nothing says which frames the DVFs given with --dvf were made from"


def own_dvf(sequence: Sequence, settings: Settings) -> NDArray[np.float32]:
    """Return the DVFs of the file that the settings name.

    Parameters
    ----------
    sequence
        The sequence that they are of.
    settings
        Of which ``flow.dvf`` and the reference frame count.

    Returns
    -------
    NDArray[np.float32]
        Shape (T, H, W, 2), pixels, last axis (x = column, y = row); 0 for the reference frame.

    Raises
    ------
    ReadError
        If they cannot be read, or do not fit the frames.
    """
    dvf = np.array(read_dvf(Path(settings.flow.dvf), _grid(sequence)).dvf)
    dvf[reference_index(settings.flow)] = 0  # against itself a frame has not moved, by definition
    return dvf


def own_dvf_digest(sequence: Sequence, settings: Settings) -> str:
    """Return the digest of what the file of DVFs says, in whatever form; empty where there is no file.

    Parameters
    ----------
    sequence
        The sequence that they are of.
    settings
        Of which ``flow`` counts; the reference frame is a number.

    Returns
    -------
    str
        SHA-256 as hexadecimal digits.

    Raises
    ------
    ReadError
        If the file cannot be read, or its vectors do not bring the frames of the train span back onto the reference.
    """
    if not settings.flow.dvf:
        return ""
    from cinecast.flow.given_dvf import check_given_dvf  # compiled

    given = read_dvf(Path(settings.flow.dvf), _grid(sequence))
    train_end = sequence.split.train_end
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(_digest, given.dvf)
        check_given_dvf(
            sequence.frames[:train_end],
            given.dvf[:train_end],
            reference_index(settings.flow),
            given.readings,
            held_frames(sequence.faults, settings.flow),
        )
        return digest.result()


def _grid(sequence: Sequence) -> Grid:
    return Grid(sequence.frames.shape, sequence.spacing_mm, sequence.affine)


def _digest(dvf: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for field in dvf:
        digest.update(np.ascontiguousarray(field, dtype="<f4").tobytes())
    return digest.hexdigest()
