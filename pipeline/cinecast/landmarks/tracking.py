"""Follow places of the reference frame: where each is in a frame, and whether it was found well enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.matching import Peak, find_peak
from cinecast.landmarks.preparing import Prepared, prepare, reach_of
from cinecast.settings import LandmarksSettings

# Pixels larger than the return is to be exact hide where a match comes back to.
_LEAST_RETURN_PX = 0.25

Apply = Callable[[Callable[[int], "Found"], Iterable[int]], Iterable["Found"]]


class Found(NamedTuple):
    """Places in one frame, or in several; NaN where one was not found well enough.

    Parameters
    ----------
    displacements
        Shape (N, 2) or (N, T, 2), pixels, (x = column, y = row), from the reference frame.
    quality
        Shape (N,) or (N, T), normalised cross-correlation.
    """

    displacements: NDArray[np.float64]
    quality: NDArray[np.float64]


class LandmarkTracker:
    """Finds places of the reference frame in any frame; it knows no other frame and remembers none.

    A patch around the place is looked for in the frame, and the patch around what was found in the reference frame: the
    second search has to come back to the place, and the mean of both is taken. A vessel that lies elsewhere or a patch
    that resembles several places does not come back.

    Parameters
    ----------
    reference
        Grey values of the reference frame, shape (H, W).
    places
        Shape (N, 2), whole pixels, (x = column, y = row).
    spacing_mm
        Distance of pixel centres along (rows, columns).
    settings
        Sizes in mm, and what is good enough.

    Attributes
    ----------
    places
        (row, column) of each.
    """

    def __init__(
        self,
        reference: NDArray[Any],
        places: NDArray[np.int64],
        spacing_mm: tuple[float, float],
        settings: LandmarksSettings,
    ) -> None:
        self._settings, self._spacing = settings, spacing_mm
        self._reach = reach_of(settings, spacing_mm)
        self.places = tuple((int(y), int(x)) for x, y in places)
        self._reference = prepare(reference, self._reach)
        reference_frame = self._reference
        self._biases = [None if reference_frame is None else self._bias(each, reference_frame) for each in self.places]
        self._tolerance_mm = max(settings.return_mm, _LEAST_RETURN_PX * max(spacing_mm))

    def __call__(self, frame: NDArray[Any]) -> Found:
        """Return where the places are in a frame (H, W) in any unit; not found where it shows nothing."""
        found = Found(np.full((len(self.places), 2), np.nan), np.full(len(self.places), np.nan))
        prepared = prepare(frame, self._reach)
        if prepared is None or self._reference is None:
            return found
        for number, (place, bias) in enumerate(zip(self.places, self._biases, strict=True)):
            peak = None if bias is None else self._follow(place, bias, prepared, self._reference)
            if peak is not None:
                found.displacements[number] = peak.x, peak.y
                found.quality[number] = peak.quality
        return found

    def _bias(self, place: tuple[int, int], reference: Prepared) -> Peak | None:
        """Return where a place is found in the reference frame itself: what surrounds a patch draws its peak aside."""
        near = replace(self._reach, search=(2, 2))
        patch = reference.patch(*place, near)
        return None if patch is None else find_peak(patch, reference, place, near)

    def _follow(self, place: tuple[int, int], bias: Peak, frame: Prepared, reference: Prepared) -> Peak | None:
        """Return the match of one place, None where it is not good enough."""
        there = self._match(place, place, reference, frame)
        if there is None or there.quality - there.rival < self._settings.distinctness:
            return None
        row, column = place[0] + round(there.y), place[1] + round(there.x)
        back = self._match((row, column), place, frame, reference)
        if back is None:
            return None
        # The patch that is looked for on the way back lies at a whole pixel.
        x, y = column - place[1] - back.x, row - place[0] - back.y
        # The peak is drawn aside on both ways, which the mean is free of.
        off_x, off_y = there.x - x - 2 * bias.x, there.y - y - 2 * bias.y
        if np.hypot(off_x * self._spacing[1], off_y * self._spacing[0]) > self._tolerance_mm:
            return None
        return there._replace(x=(there.x + x) / 2, y=(there.y + y) / 2)

    def _match(
        self, centre: tuple[int, int], place: tuple[int, int], source: Prepared, target: Prepared
    ) -> Peak | None:
        """Look for the patch around a pixel of one frame near a pixel of another."""
        patch = source.patch(*centre, self._reach)
        peak = None if patch is None else find_peak(patch, target, place, self._reach)
        good = peak is not None and not np.isnan(peak.x) and peak.quality >= self._settings.quality
        return peak if good else None


def follow(tracker: LandmarkTracker, frames: NDArray[Any], wanted: Sequence[int] | range, apply: Apply = map) -> Found:
    """Follow places through frames of a sequence.

    Parameters
    ----------
    tracker
        What finds them in one frame.
    frames
        Grey values, shape (T, H, W); they may lie on disk.
    wanted
        Indices of the frames.
    apply
        Applies a function to each of several frames, `map` or that of a pool; the result does not depend on it.

    Returns
    -------
    Found
        Of the frames wanted, in their order. In a frame that only repeats the one before it nothing is found: it shows
        where tissue was.
    """

    def find(t: int) -> Found:
        if t > 0 and np.array_equal(frames[t], frames[t - 1]):
            return tracker(np.zeros_like(frames[t]))
        return tracker(frames[t])

    shape = (len(tracker.places), len(wanted))
    found = Found(np.full((*shape, 2), np.nan), np.full(shape, np.nan))
    for i, each in enumerate(apply(find, wanted)):
        found.displacements[:, i], found.quality[:, i] = each
    return found
