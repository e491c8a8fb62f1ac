"""Whether a time axis mixes two or more kinds of image in turn: planes, or magnitude and phase.

Then each frame resembles the one after next more than the next. Fast breathing does that, too, at two frames a breath;
but both then show the same anatomy, moved by less than what makes planes differ.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.frame_faults import FAR
from cinecast.frames.frame_look import Likeness, look_of

# Recorded breathing that alternates between its two extremes keeps 0.5 of the likeness of frames of one extreme, and
# 0.7 or more at any two to four frames a breath. Two anatomies in turn keep 0.3 at most, magnitude and phase as well.
_SHARE_OF_ANOTHER_KIND = 0.4
# Frames of one kind that resemble each other less than this are noise, of which nothing can be said.
_SMALLEST_LIKENESS = 0.2
# So often at least must the rule hold: there are faulty frames.
_HOLDS = 0.75
_MOST_KINDS = 4
# So many of the first frames are looked at, and so often must a kind come back.
_MOST_FRAMES, _FEWEST_TURNS = 32, 4


def kinds_in_turn(frames: NDArray[Any]) -> int:
    """Return how many kinds of image follow each other in turn; 1 where frames are all of one kind.

    Planes that resemble each other, such as neighbouring slices, are not told apart. A frame may show the other half an
    image off, so that no motion counts as another kind.

    Parameters
    ----------
    frames
        Grey values of the train span, shape (T, H, W); the first 32 count.

    Returns
    -------
    int
        1 to 4; 1 also where too few frames, or noise, say nothing.
    """
    if len(frames) <= 2 * _FEWEST_TURNS:
        return 1
    looks = [look_of(frame) for frame in frames[: 2 * _FEWEST_TURNS]]
    nearest = np.array([Likeness(one, FAR).of(other) for one, other in pairwise(looks)])
    # Of one kind alone most neighbours are alike, and nothing more need be asked.
    if float(np.median(nearest)) > _SHARE_OF_ANOTHER_KIND:
        return 1
    looks += [look_of(frame) for frame in frames[len(looks) : _MOST_FRAMES]]
    alike = {step: _likenesses(looks, step) for step in range(1, _MOST_KINDS + 1)}
    for kinds in range(2, _MOST_KINDS + 1):
        own = alike[kinds]
        others = np.max([alike[step][: len(own)] for step in range(1, kinds)], axis=0)
        turns = (own > _SMALLEST_LIKENESS) & (others < _SHARE_OF_ANOTHER_KIND * own)
        # One kind that comes in its turn is enough: the other may be a phase image, mostly noise.
        each = [turns[first::kinds] for first in range(kinds)]
        if any(len(kind) >= _FEWEST_TURNS and kind.mean() >= _HOLDS for kind in each):
            return kinds
    return 1


def _likenesses(looks: list[NDArray[np.float64]], step: int) -> NDArray[np.float64]:
    return np.array([Likeness(one, FAR).of(other) for one, other in zip(looks[:-step], looks[step:], strict=True)])
