"""Landmarks that a user has marked: rows of name, frame, row and column become tracks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cinecast.errors import ReadError
from cinecast.frames.landmark_list import ListedPlace
from cinecast.landmarks.landmarks import Landmarks


def listed_landmarks(places: Iterable[ListedPlace], shape: tuple[int, int, int], reference: int) -> Landmarks:
    """Return the landmarks of a list; in frames that it has no row for, a landmark was not found.

    Parameters
    ----------
    places
        Rows of the list, in any order.
    shape
        Of the frames, (T, H, W).
    reference
        Index of the reference frame.

    Returns
    -------
    Landmarks
        In the order of their first rows, of quality NaN, since nothing was matched.

    Raises
    ------
    ReadError
        If a row lies outside of the sequence or stands twice, or a landmark has none for the reference frame.
    """
    tracks: dict[str, dict[int, tuple[float, float]]] = {}
    for place in places:
        _check(place, shape)
        track = tracks.setdefault(place.name, {})
        if place.frame in track:
            raise ReadError(
                f"a landmark must have one place in a frame, got {place.name} twice in frame {place.frame}; remove one"
            )
        track[place.frame] = (place.column, place.row)
    _check_reference(tracks, reference)
    displacements = np.full((len(tracks), shape[0], 2), np.nan)
    positions = np.array([track[reference] for track in tracks.values()], dtype=np.float64).reshape(-1, 2)
    for number, track in enumerate(tracks.values()):
        displacements[number, list(track)] = np.array(list(track.values())) - positions[number]
    return Landmarks(tuple(tracks), positions, displacements, np.full(displacements.shape[:2], np.nan))


def _check(place: ListedPlace, shape: tuple[int, int, int]) -> None:
    frames, rows, columns = shape
    if not 0 <= place.frame < frames:
        raise ReadError(
            f"a landmark's frame must be 0 to {frames - 1}, got {place.frame} for {place.name}; count frames from 0"
        )
    if not (0 <= place.row <= rows - 1 and 0 <= place.column <= columns - 1):
        raise ReadError(
            f"a landmark must lie within the {rows} rows and {columns} columns of the image, got row {place.row:g}, "
            f"column {place.column:g} for {place.name} in frame {place.frame}; give pixels, not mm, counted from 0"
        )


def _check_reference(tracks: dict[str, dict[int, tuple[float, float]]], reference: int) -> None:
    without = [name for name, track in tracks.items() if reference not in track]
    if not without:
        return
    common = sorted(set.intersection(*(set(track) for track in tracks.values())))
    hint = f", or set flow.reference to a frame that all of them have, such as {common[0]}" if common else ""
    raise ReadError(
        f"every landmark must have a row for the reference frame, {reference}, got none for {', '.join(without)}; mark "
        f"it there{hint}"
    )
