"""A user's own landmarks, read and held against the sequence that they were marked in."""

from __future__ import annotations

from pathlib import Path

from cinecast.flow.reference import reference_index
from cinecast.frames.landmark_list import read_landmark_list
from cinecast.landmarks.landmarks import Landmarks
from cinecast.landmarks.listed import listed_landmarks
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store.digests import json_digest


def own_landmarks(sequence: Sequence, settings: Settings) -> Landmarks:
    """Return the landmarks of the file that the settings name.

    Parameters
    ----------
    sequence
        The sequence that they lie in.
    settings
        Of which ``landmarks.file`` and the reference frame count.

    Returns
    -------
    Landmarks
        As listed.

    Raises
    ------
    ReadError
        If the file cannot be read or does not fit the sequence.
    """
    count, rows, columns = sequence.frames.shape
    places = read_landmark_list(Path(settings.landmarks.file))
    return listed_landmarks(places, (count, rows, columns), reference_index(settings.flow))


def own_landmarks_digest(sequence: Sequence, settings: Settings) -> str:
    """Return the digest of what the file of landmarks says, in whatever form; empty where there is no file.

    Parameters
    ----------
    sequence
        The sequence that they lie in.
    settings
        Of which ``landmarks.file`` and the reference frame count.

    Returns
    -------
    str
        SHA-256 as hexadecimal digits.

    Raises
    ------
    ReadError
        If the file cannot be read or does not fit the sequence: said before the flow has cost its minutes.
    """
    if not settings.landmarks.file:
        return ""
    own_landmarks(sequence, settings)
    return json_digest(read_landmark_list(Path(settings.landmarks.file)))
