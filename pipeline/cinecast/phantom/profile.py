"""A smooth plateau along one axis: the building block of every mode of motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ramp = tuple[float, float]
Reals = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Profile:
    """1 on a plateau, 0 beyond the ramps on its sides, twice continuously differentiable in between.

    Parameters
    ----------
    rise
        Where the profile starts to leave 0 and where it reaches 1, in atlas mm; None: it is 1 from the start.
    fall
        Where it starts to leave 1 and where it reaches 0, in atlas mm, not before the end of `rise`; None: it
        stays 1.
    """

    rise: Ramp | None = None
    fall: Ramp | None = None

    def __call__(self, z: Reals) -> tuple[Reals, Reals]:
        """Return value and derivative (per atlas mm) at `z`, each of the shape and precision of `z`."""
        value, slope = (np.ones_like(z), np.zeros_like(z)) if self.rise is None else _step(z, self.rise)
        if self.fall is not None:
            drop, drop_slope = _step(z, self.fall)
            value, slope = value - drop, slope - drop_slope
        return value, slope


def _step(z: Reals, ramp: Ramp) -> tuple[Reals, Reals]:
    """Return the quintic step from 0 to 1 over `ramp`, and its derivative."""
    width = ramp[1] - ramp[0]
    t = np.clip((z - ramp[0]) / width, 0, 1)
    return t * t * t * (t * (6 * t - 15) + 10), (30 / width) * (t * (1 - t)) ** 2
