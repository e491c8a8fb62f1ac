"""Which horizons are the same time in all sequences: only these are pooled over them.

Forecasts of a batch are made for whole frames, so 0.5 s is 0.63 s at 3.2 frames per second and 0.50 s at 6. An error
grows with the time ahead: pooled under one name, the slower sequences would look harder than they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cinecast.batch.page.data import CohortData, SequenceScores
from cinecast.horizon import whole_frames

# Times ahead of one horizon may differ by so much, the longest from the shortest.
LARGEST_RATIO = 1.1
# The longest horizon that is proposed, in multiples of the one asked for.
_LONGEST_PROPOSED = 3.0


class Realised(NamedTuple):
    """What one horizon is in the sequences of a cohort: shortest and longest time in s, who has them, all periods."""

    horizon: str
    shortest_s: float
    of_shortest: str
    longest_s: float
    of_longest: str
    periods_s: tuple[float, ...]

    @property
    def is_one(self) -> bool:
        """Whether it is the same time in all of them, to within 10 %."""
        return self.longest_s <= LARGEST_RATIO * self.shortest_s

    @property
    def title(self) -> str:
        """The horizon as it was asked for, with the time that it is where that is not the same."""
        low, high = f"{self.shortest_s:.2f}", f"{self.longest_s:.2f}"
        if self.horizon.endswith(" s") and low == high == f"{float(self.horizon[:-2]):.2f}":
            return self.horizon
        return f"{self.horizon} ({low if low == high else f'{low} to {high}'} s)"

    @property
    def sentence(self) -> str:
        """Why it is not pooled, and what to do."""
        asked = self.horizon.removesuffix(" frames").removesuffix(" frame").replace(" ", "")
        other = self._proposed()
        remedy = f"--horizon {other:.2f}s suits all, and" if other else "make a batch for each frame rate, or"
        return (
            f"a horizon must be the same time in all sequences of a batch to be pooled, got {self.horizon} as "
            f"{self.shortest_s:.2f} s in {self.of_shortest} and {self.longest_s:.2f} s in {self.of_longest}; "
            f"{remedy} --drop {asked} takes this one out"
        )

    def _proposed(self) -> float | None:
        """Return the nearest time that is the same in all sequences; None where there is none."""
        wanted, longest = math.sqrt(self.shortest_s * self.longest_s), max(self.periods_s)
        counts = range(1, int(_LONGEST_PROPOSED * wanted / longest) + 1)
        times = [count * period for period in self.periods_s for count in counts]
        suiting = [time for time in times if _is_one(time, self.periods_s)]
        return min(suiting, key=lambda time: abs(time - wanted), default=None)


def _is_one(time_s: float, periods: tuple[float, ...]) -> bool:
    asked = float(f"{time_s:.2f}")  # as it is proposed
    realised = [whole_frames(asked, period) * period for period in periods]
    return min(realised) > 0 and max(realised) <= LARGEST_RATIO * min(realised)


def realised_horizons(sequences: Sequence[SequenceScores]) -> dict[str, Realised]:
    """Return what each horizon is in the sequences that have it, by the horizon as it was asked for."""
    found: dict[str, Realised] = {}
    for horizon in dict.fromkeys(h for each in sequences for h in each.seconds):
        own = sorted((each.seconds[horizon], each.name) for each in sequences if horizon in each.seconds)
        periods = {each.period_s for each in sequences if horizon in each.seconds}
        found[horizon] = Realised(horizon, *own[0], *own[-1], tuple(sorted(periods)))
    return found


def pooled(data: CohortData) -> CohortData:
    """Return the cohort without the scores at horizons that are not the same time in all sequences."""
    apart = {horizon for horizon, each in realised_horizons(data.sequences).items() if not each.is_one}
    if not apart:
        return data
    return replace(data, sequences=tuple(_without(each, apart) for each in data.sequences))


def not_pooled(data: CohortData) -> tuple[str, ...]:
    """Return a sentence for each horizon that is not the same time in all sequences."""
    return tuple(each.sentence for each in realised_horizons(data.sequences).values() if not each.is_one)


def _without(each: SequenceScores, horizons: set[str]) -> SequenceScores:
    values = {line: metrics for line, metrics in each.values.items() if line.horizon not in horizons}
    return replace(each, values=values, seconds={h: s for h, s in each.seconds.items() if h not in horizons})
