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
# So many samples ahead. Further ahead, errors that follow one another are nearly the same, and each comes back late: a
# burst of misses widens radii until its end. There steps are smaller, and the memory is longer, by 1 for every FURTHER
# samples. Chosen on recordings of external markers at 10 and 30 Hz; without it radii were 2 to 10 times as wide as the
# errors ask for, and held no more of them.
FAR, FURTHER = 12, 3
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
# A scale stays within this factor of 1.
LARGEST_SCALE = math.e
