"""Find landmarks: candidates by texture, tracked and judged over the train span, the best of them followed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.choosing import choose, judge, shortlist
from cinecast.landmarks.landmarks import Landmarks
from cinecast.landmarks.texture import find_candidates
from cinecast.landmarks.tracking import Apply, Found, LandmarkTracker, follow
from cinecast.settings import LandmarksSettings

# All candidates are followed through this many frames of the train span, the best of them through all of it.
_GLANCE = 24
_SHORTLISTED_PER_LANDMARK = 3


def find_landmarks(
    frames: NDArray[Any],
    spacing_mm: tuple[float, float],
    reference: int,
    train_end: int,
    settings: LandmarksSettings,
    apply: Apply = map,
    faulty: Collection[int] = (),
) -> Landmarks:
    """Find landmarks and follow them through all frames.

    Parameters
    ----------
    frames
        Grey values in any unit, shape (T, H, W).
    spacing_mm
        Distance of pixel centres along (rows, columns).
    reference
        Index of the reference frame, in the train span.
    train_end
        Number of frames of the train span, the first: they alone decide what is chosen.
    settings
        Sizes in mm, what is good enough, and how many at most.
    apply
        Applies a function to each of several frames, `map` or that of a pool; the result does not depend on it.
    faulty
        Indices of frames that do not show the patient as the others do: no landmark is found in them, and that counts
        against none.

    Returns
    -------
    Landmarks
        Named L01, L02 and so on from the top of the image; none where nothing is good enough.
    """

    def track(places: NDArray[np.int64], wanted: range | list[int]) -> Found:
        found = follow(LandmarkTracker(frames[reference], places, spacing_mm, settings), frames, wanted, apply)
        left_out = [i for i, t in enumerate(wanted) if t in faulty]
        found.displacements[:, left_out], found.quality[:, left_out] = np.nan, np.nan
        return found

    places = find_candidates(frames[reference], spacing_mm, settings)
    good = np.array([t for t in range(train_end) if t not in faulty])
    glance = good[np.unique(np.linspace(0, len(good) - 1, min(_GLANCE, len(good))).round().astype(int))].tolist()
    verdict = judge(track(places, glance).displacements, spacing_mm)
    # A glance sees steps over many frames, which are no jumps.
    places = places[shortlist(verdict._replace(jump_mm=0 * verdict.jump_mm), settings, _shortlisted(settings))]
    seen = track(places, range(train_end))
    verdict = judge(seen.displacements, spacing_mm)
    # Of the good frames: others cannot show it.
    verdict = verdict._replace(share=verdict.share * (train_end / len(good)))
    chosen = choose(places, verdict, spacing_mm, settings)
    chosen.sort(key=lambda i: (places[i][1], places[i][0]))
    rest = track(places[chosen], range(train_end, len(frames)))
    return Landmarks(
        tuple(f"L{number:02d}" for number in range(1, len(chosen) + 1)),
        places[chosen].astype(np.float64),
        np.concatenate([seen.displacements[chosen], rest.displacements], axis=1),
        np.concatenate([seen.quality[chosen], rest.quality], axis=1),
    )


def _shortlisted(settings: LandmarksSettings) -> int:
    return _SHORTLISTED_PER_LANDMARK * settings.most
