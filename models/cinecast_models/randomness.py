"""Seeded generators: one per random run."""

from __future__ import annotations

import numpy as np

from cinecast_models.errors import ForecastingError


def run_generators(seed: int, runs: int) -> list[np.random.Generator]:
    """Return one generator per random run; run r draws the same numbers however many runs there are.

    Parameters
    ----------
    seed
        Seed of all runs, 0 or more.
    runs
        Number R of runs, 1 or more.

    Raises
    ------
    ForecastingError
        If `seed` or `runs` is out of range.
    """
    if seed < 0:
        raise ForecastingError(f"seed must be 0 or more, got {seed}; give a non-negative whole number")
    if runs < 1:
        raise ForecastingError(f"runs must be 1 or more, got {runs}; ask for at least one run")
    return [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(run,))) for run in range(runs)]
