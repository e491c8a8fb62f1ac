"""Judge tracks over the train span, and choose landmarks by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.rounding import within
from cinecast.settings import LandmarksSettings

# Fewer than this many are filled up by landmarks that are found less often or hardly move.
LEAST = 6
_LESS_OFTEN = 0.1
# Breathing takes several frames from one end to the other; a track that does it in one jumps between two vessels, or
# slides along an edge.
_LARGEST_JUMP = 0.7
# Part of a patch that lies between two landmarks: their patches overlap a little.
_APART = 0.5


class Verdict(NamedTuple):
    """What the train span says of tracks.

    Parameters
    ----------
    share
        Shape (N,), share of the frames in which each was found.
    amplitude_mm
        Shape (N,), how far each moves, `amplitude_of`.
    jump_mm
        Shape (N,), how unsteady each is, `jump_of`.
    """

    share: NDArray[np.float64]
    amplitude_mm: NDArray[np.float64]
    jump_mm: NDArray[np.float64]


def judge(displacements: NDArray[np.float64], spacing_mm: tuple[float, float]) -> Verdict:
    """Judge tracks.

    Parameters
    ----------
    displacements
        Of the train span, shape (N, T, 2), pixels, (x = column, y = row), NaN where not found.
    spacing_mm
        Distance of pixel centres along (rows, columns).

    Returns
    -------
    Verdict
        Of all N tracks.
    """
    mm = displacements * spacing_mm[::-1]
    return Verdict(
        np.isfinite(mm[..., 0]).mean(axis=1),
        np.array([amplitude_of(track) for track in mm], dtype=np.float64),
        np.array([jump_of(track) for track in mm], dtype=np.float64),
    )


def amplitude_of(track_mm: NDArray[np.float64]) -> float:
    """Return the 5th to 95th percentile range of a track (T, 2) along both axes together, in mm; 0 for an empty one."""
    found = track_mm[np.isfinite(track_mm[:, 0])]
    if not len(found):
        return 0.0
    low, high = np.percentile(found, [5, 95], axis=0)
    return float(np.hypot(*(high - low)))


def jump_of(track_mm: NDArray[np.float64]) -> float:
    """Return the largest step of a track (T, 2) to a next frame, or the 95th percentile of changes of step, in mm.

    The greater of both counts; it is 0 where the track is found in no two frames one after the other.
    """
    steps, changes = (np.hypot(*np.diff(track_mm, order, axis=0).T) for order in (1, 2))
    steps, changes = steps[np.isfinite(steps)], changes[np.isfinite(changes)]
    return max(float(steps.max(initial=0)), float(np.percentile(changes, 95)) if len(changes) else 0.0)


def shortlist(verdict: Verdict, settings: LandmarksSettings, most: int) -> list[int]:
    """Return the candidates that may be chosen, the best ones first.

    Parameters
    ----------
    verdict
        Of all candidates, perhaps over a part of the frames alone.
    settings
        What is good enough.
    most
        At most so many.

    Returns
    -------
    list[int]
        Indices. First those that are found often and move, further ones before nearer ones; then, of the same order
        each, those that are found less often, and those that hardly move.
    """
    rank = _rank(verdict, settings)
    order = np.lexsort((-verdict.amplitude_mm, rank))
    return [int(i) for i in order if rank[i] < _REFUSED][:most]


_REFUSED = 3


def _rank(verdict: Verdict, settings: LandmarksSettings) -> NDArray[np.int64]:
    often = verdict.share >= settings.share
    enough = verdict.share >= settings.share - _LESS_OFTEN
    moves = verdict.amplitude_mm >= settings.amplitude_mm
    steady = verdict.jump_mm <= _LARGEST_JUMP * verdict.amplitude_mm
    return np.select([often & moves & steady, enough & moves & steady, often & ~moves], [0, 1, 2], _REFUSED)


def choose(
    places: NDArray[np.int64], verdict: Verdict, spacing_mm: tuple[float, float], settings: LandmarksSettings
) -> list[int]:
    """Choose landmarks among tracks, spaced apart.

    Parameters
    ----------
    places
        Shape (N, 2), pixels, (x = column, y = row).
    verdict
        Of the N tracks over the whole train span.
    spacing_mm
        Distance of pixel centres along (rows, columns).
    settings
        What is good enough, and how many at most.

    Returns
    -------
    list[int]
        Indices in the order of choice; none where nothing is good enough. Only up to `LEAST` are filled up by those
        that are found less often or hardly move.
    """
    rank, mm = _rank(verdict, settings), places * np.array(spacing_mm[::-1])
    chosen: list[int] = []
    for i in shortlist(verdict, settings, len(places)):
        if len(chosen) >= (settings.most if rank[i] == 0 else min(LEAST, settings.most)):
            break
        if all(within(_APART * settings.patch_mm, np.hypot(*(mm[i] - mm[j]))) for j in chosen):
            chosen.append(i)
    return chosen
