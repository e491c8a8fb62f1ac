"""The numbers that radii are tracked and steered with."""

from __future__ import annotations

import math

# A radius is tracked. Chosen on recordings of external markers (docs/bands.md says how). A smaller step follows changes
# too late for spans of a hundred frames, a larger one makes radii uneven, and so wider in the mean.
STEP = 0.1
# The step is twice as large for the first error, and by so many errors later 1.37 times: the first radii are a guess.
EARLY = 30
# Errors that the mean is over; a longer one is slow to follow a change of breathing.
MEMORY = 30
DECAY = 1 - 1 / MEMORY
# Further ahead than so many samples, steps are smaller by as much. What comes back from a forecast comes a horizon
# later: until then all misses of a burst widen the radius, and errors that follow one another are nearly the same.
# Chosen on external markers at 10 and 30 Hz: still smaller steps, or a longer memory, make narrower radii, which hold
# less after a change of breathing.
FAR = 12
# Until so many errors have arrived, the radius is the largest of them times the margin.
WARM_UP = 5
MARGIN = 1.5
# The multiple stays within this factor of the one it starts from, so that a long run of hits is soon undone.
LARGEST_FACTOR = 12.0
# What an error counts for in the mean, in radii at most: one forecast that runs wild must not widen those after it.
LARGEST_RADII = 4.0
# Errors beyond this share of the largest number are as good as infinite; multiples of their sum would not be finite.
LARGEST_SHARE = 1e-5

# A radius is steered by its place in a breath. Chosen on recordings of external markers (docs/bands.md says how); none
# of them is a cine sequence.
STEERING_RATE = 0.3
STEERING_WIDTH = 0.5
STEERING_MEMORY = 400
# Errors within a sixth of a horizon are nearly the same (`stride`). Chosen on external markers at 10 and 30 Hz.
ALIKE = 6
# A scale stays within this factor of 1.
LARGEST_SCALE = math.e


def stride(horizon: int) -> int:
    """Return how many samples stand for one in what is known of a place in a breath: 1 up to 8 samples ahead.

    Errors within a small part of the horizon are nearly the same: of so many, one is remembered. So all misses of a
    burst do not widen later bands over and over, and the memory reaches over as many breaths as at a low rate. And one
    step of the series is mostly noise at a high rate: how fast it moves is seen over so many.

    Parameters
    ----------
    horizon
        Samples between a forecast and its target, 1 or more.

    Returns
    -------
    int
        A sixth of the horizon, rounded; 1 or more.
    """
    return max(1, (horizon + ALIKE // 2) // ALIKE)
