"""Frames that nothing may be learned from: frozen, nearly black, flipped, mirrored, or all or half of something else.

A frame is judged by the train span and by the frames before it, so nothing that is said of it depends on later frames.
Brightness is no fault: a gain or an offset changes no verdict until almost nothing is left of the image. A copy of the
frame before with noise of its own is not found: held breath looks the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.frame_look import Likeness, look_of, unit

FROZEN, DARK, UNLIKE = "frozen", "nearly black", "unlike the train span"
PARTLY = "in part unlike the train span"
# Each flip with the slices that undo it.
FLIPS = {
    "upside down": np.s_[::-1, :],
    "mirrored": np.s_[:, ::-1],
    "turned by half a turn": np.s_[::-1, ::-1],
}

# Between good neighbours of recorded sequences 30 % of the usual number of pixels change or more, by noise alone;
# between the copies that they hold, none.
LARGEST_FROZEN_SHARE = 0.05
# Flicker halves the contrast of recorded frames at most; what is left at a tenth is noise and rounding.
SMALLEST_CONTRAST = 0.1
# Recorded frames keep two thirds of the usual likeness, also in deep breaths; those of other patients have a third.
SMALLEST_LIKENESS = 0.45
# Halves of recorded frames keep 0.58 of their usual likeness, also in deep breaths; black ones have 0.16 at most, those
# of other patients 0.3. Thirds do not tell so well: deep breaths leave 0.3 of theirs.
SMALLEST_LIKENESS_OF_HALF = 0.4
# A half of fewer cells than this along a side shows too little to be judged.
_SMALLEST_HALF = 8
# Where frames resemble each other less than this, or resemble their mirror image almost as much, likeness says nothing.
SMALLEST_TYPICAL, SMALLEST_SEPARATION = 0.3, 0.1
# A frame was flipped if it gains this share of the usual separation by being flipped back; good ones lose half of it.
SMALLEST_GAIN = 0.25
# A frame that shows the typical one elsewhere is good, up to half an image off: so much of the usual likeness is left.
# Other patients, turned and rolled frames have 0.56 of it at most at any shift.
FAR, LIKENESS_OF_SHIFTED = 1 / 2, 0.8
# Where a small part of the body fills the image, a deep breath brings other tissue into it. A frame is good that
# follows the last good one as frames usually do. In parts of 64 and 96 pixels a side, three of each of six recordings,
# 267 and 127 good frames are faulty without this, and 34 and none with it. At 64 pixels 0.5 % of the frames of another
# patient pass, and 18 % of those whose upper half is one's; at 96 pixels none, and 1.6 %.
LIKENESS_OF_FOLLOWING, LIKENESS_OF_FOLLOWING_HALF = 0.75, 0.6
# So many frames in a row that are unlike the train span are what the recording has become: the patient has moved.
IN_A_ROW = 5
# So many frames of the train span, evenly spaced, show what is typical.
_MOST_LOOKS = 64


class _Flips(NamedTuple):
    """The typical look flipped, and how much more a flipped frame resembles it than the typical look as it is."""

    names: tuple[str, ...]
    likeness: Likeness
    least_gains: NDArray[np.float64]


class _Half(NamedTuple):
    """A half of the look, what it is usually like, and how much of that a good frame keeps."""

    place: tuple[slice, slice]
    likeness: Likeness
    least_likeness: float


class _Following:
    """How alike frames are that follow each other in the train span, as a whole and by halves.

    Parameters
    ----------
    pairs
        Looks of two frames that follow each other, for some of these.
    """

    def __init__(self, pairs: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> None:
        self._parts: list[tuple[tuple[slice, ...], float]] = []
        places = [np.s_[:, :], *_half_places(pairs[0][0].shape)] if pairs else []
        # A half that is hardly alike, as by noise, is asked for what it has: left out, it could be black.
        for number, place in enumerate(places):
            usual = float(np.median([_likeness_in(place, before, after) for before, after in pairs]))
            if not number and usual < SMALLEST_TYPICAL:
                return
            self._parts.append((place, usual * (LIKENESS_OF_FOLLOWING_HALF if number else LIKENESS_OF_FOLLOWING)))

    def is_so(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
        """Return whether two looks are as alike as those of frames that follow each other."""
        return bool(self._parts) and all(_likeness_in(place, before, after) >= least for place, least in self._parts)


class FrameJudge:
    """Judges frames one by one, by what the train span was like.

    Parameters
    ----------
    train
        Frames of the train span, shape (T, H, W), faulty ones among them; most must be good.
    """

    def __init__(self, train: NDArray[Any]) -> None:
        self._before: NDArray[Any] | None = None
        self._good: NDArray[Any] | None = None
        self._unlike = 0
        deviations = np.array([frame.std(dtype=np.float64) for frame in train])
        changed = [_changed(after, before) for before, after in pairwise(train)]
        self._least_change = LARGEST_FROZEN_SHARE * float(np.median([count for count in changed if count] or [0]))
        self._least_contrast = SMALLEST_CONTRAST * float(np.median(deviations))
        bright = np.flatnonzero(deviations >= self._least_contrast)
        chosen = bright[np.unique(np.linspace(0, len(bright) - 1, _MOST_LOOKS).astype(int))]
        looks = [look_of(train[t]) for t in chosen]
        typical = unit(np.median(looks, axis=0))
        self._straight = Likeness(typical)
        self._shifted = Likeness(typical, FAR)
        self._usual = _median_likeness(self._straight, looks)
        self._least_likeness = SMALLEST_LIKENESS * self._usual
        self._flips = _judged_flips(typical, looks, self._usual)
        self._halves = _judged_halves(typical, looks)
        moving = [t for t in chosen if t and t - 1 in bright and changed[t - 1] > self._least_change]
        self._following = _Following([(look_of(train[t - 1]), look_of(train[t])) for t in moving])

    def observe(self, frame: NDArray[Any]) -> str | None:
        """Take in the next frame (H, W), good or not, and return what is wrong with it; see `fault_of`.

        Frames that are unlike the train span are good where they follow the last good one as frames usually do. Those
        that do not are believed from the fifth in a row on.
        """
        before, self._before = self._before, np.array(frame)  # a caller may write on it
        fault = self.fault_of(frame, before)
        if fault not in (UNLIKE, PARTLY):
            self._unlike = 0
        elif self._is_believed(frame):
            fault = FROZEN if self._is_frozen(frame, before) else None
        if fault is None:
            self._good = self._before
        return fault

    def _is_believed(self, frame: NDArray[Any]) -> bool:
        """Return whether a frame that is unlike the train span is good, and count those in a row that are not.

        A deep breath is a row of frames that follow: they say nothing of the patient, and do not count.
        """
        if self._unlike >= IN_A_ROW:
            return True
        self._unlike = 0 if self._follows_the_last_good(frame) else self._unlike + 1
        return self._unlike in (0, IN_A_ROW)

    def _follows_the_last_good(self, frame: NDArray[Any]) -> bool:
        return self._good is not None and self._following.is_so(look_of(self._good), look_of(frame))

    def fault_of(self, frame: NDArray[Any], before: NDArray[Any] | None) -> str | None:
        """Return what is wrong with a frame on its own.

        Parameters
        ----------
        frame
            Shape (H, W), as large as those of the train span.
        before
            The frame that came before it, good or not; None for the first.

        Returns
        -------
        str or None
            `FROZEN`, `DARK`, one of `FLIPS`, `UNLIKE` or `PARTLY`; None for a good frame.
        """
        if float(frame.std(dtype=np.float64)) < self._least_contrast:
            return DARK
        fault = self._fault_of_look(look_of(frame))
        return FROZEN if fault is None and self._is_frozen(frame, before) else fault

    def _is_frozen(self, frame: NDArray[Any], before: NDArray[Any] | None) -> bool:
        return before is not None and _changed(frame, before) <= self._least_change

    def faults(self, frames: NDArray[Any]) -> dict[int, str]:
        """Take in the next frames (T, H, W), and return what is wrong with which of them; good ones are left out."""
        found = {t: self.observe(frame) for t, frame in enumerate(frames)}
        return {t: fault for t, fault in found.items() if fault is not None}

    def _fault_of_look(self, look: NDArray[np.float64]) -> str | None:
        if self._usual < SMALLEST_TYPICAL or self._straight.is_at_least(self._usual - SMALLEST_SEPARATION / 2, look):
            return None
        straight, least_of_shifted = self._straight.of(look), LIKENESS_OF_SHIFTED * self._usual
        if straight < least_of_shifted and self._shifted.is_at_least(least_of_shifted, look):
            return None
        if self._flips is not None:
            likenesses = self._flips.likeness.each(look)
            flipped = likenesses >= np.maximum(straight + self._flips.least_gains, self._least_likeness)
            if flipped.any():
                return self._flips.names[int(np.argmax(np.where(flipped, likenesses, -1.0)))]
        if straight < self._least_likeness:
            return UNLIKE
        lost = (not half.likeness.is_at_least(half.least_likeness, unit(look[half.place])) for half in self._halves)
        return PARTLY if any(lost) else None


def frame_faults(frames: NDArray[Any], train_end: int) -> dict[int, str]:
    """Return what is wrong with which frames.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    train_end
        Number of frames of the train span, the first ones, which show what is typical.

    Returns
    -------
    dict[int, str]
        By the index of the frame, in order; good frames are left out.
    """
    return FrameJudge(frames[:train_end]).faults(frames)


def faults_text(faults: Mapping[int, str], most: int | None = None) -> str:
    """Return faults by kind with compact frame numbers, as in "frames 3, 7 to 9 frozen; frame 12 nearly black".

    Parameters
    ----------
    faults
        What is wrong with which frames, by their index.
    most
        How many ranges are named of each kind; None for all. Where some are left out, the frames are counted.

    Returns
    -------
    str
        Empty where nothing is wrong.
    """
    kinds = {kind: [t for t in faults if faults[t] == kind] for kind in faults.values()}
    return "; ".join(f"{_counted(numbers, most)} {kind}" for kind, numbers in kinds.items())


def _counted(numbers: list[int], most: int | None) -> str:
    text = frames_text(numbers, most)
    return text if text == frames_text(numbers) else f"{len(numbers)} frames ({text})"


def frames_text(numbers: list[int], most: int | None = None) -> str:
    """Return frame numbers in words and compact ranges, as in "frames 3, 7 to 9".

    Parameters
    ----------
    numbers
        Frame numbers, ascending.
    most
        How many ranges are named; None for all.

    Returns
    -------
    str
        With "and more" where ranges are left out.
    """
    runs = [[t for _, t in group] for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    spans = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    more = " and more" if most is not None and len(spans) > most else ""
    return f"frame{'s' if len(numbers) > 1 else ''} {', '.join(spans[:most])}{more}"


def _judged_flips(typical: NDArray[np.float64], looks: list[NDArray[np.float64]], usual: float) -> _Flips | None:
    """Return the flips that frames with these looks would be told from; None where there is none."""
    flipped = Likeness(np.stack([typical[flip] for flip in FLIPS.values()]))
    separations = usual - np.median([flipped.each(look) for look in looks], axis=0)
    told = np.flatnonzero(separations >= SMALLEST_SEPARATION)
    names, slices = list(FLIPS), list(FLIPS.values())
    if not len(told):
        return None
    likeness = Likeness(np.stack([typical[slices[place]] for place in told]))
    return _Flips(tuple(names[place] for place in told), likeness, SMALLEST_GAIN * separations[told])


def _judged_halves(typical: NDArray[np.float64], looks: list[NDArray[np.float64]]) -> list[_Half]:
    """Return the upper, lower, left and right half of the typical look; those that are never alike are left out."""
    halves = []
    for place in _half_places(typical.shape):
        likeness = Likeness(unit(typical[place]))
        usual = _median_likeness(likeness, [unit(look[place]) for look in looks])
        if usual >= SMALLEST_TYPICAL:
            halves.append(_Half(place, likeness, SMALLEST_LIKENESS_OF_HALF * usual))
    return halves


def _half_places(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Return the upper, lower, left and right half of a look, those that are large enough to be judged."""
    rows, columns = (size // 2 for size in shape)
    places = [np.s_[:rows, :], np.s_[rows:, :], np.s_[:, :columns], np.s_[:, columns:]]
    return [place for place in places if min(np.empty(shape)[place].shape) >= _SMALLEST_HALF]


def _likeness_in(place: tuple[slice, ...], before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return how alike a part of two looks is."""
    return Likeness(unit(before[place])).of(unit(after[place]))


def _changed(frame: NDArray[Any], before: NDArray[Any]) -> int:
    return int(np.count_nonzero(frame != before))


def _median_likeness(likeness: Likeness, looks: list[NDArray[np.float64]]) -> float:
    return float(np.median([likeness.of(look) for look in looks]))
