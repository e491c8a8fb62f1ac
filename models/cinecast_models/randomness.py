"""Seeded generators: one per random run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError


def run_generators(seed: int, runs: int) -> list[np.random.Generator]:
    """Return one generator per random run; run r draws the same numbers however many runs there are.

    Parameters
    ----------
    seed
        Seed of all runs, 0 or more.
    runs
        Number R of runs, 1 or more.

    Returns
    -------
    list of numpy.random.Generator
        One for each run.

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


def pcg64_words(generator: np.random.Generator) -> list[int]:
    """Return the state of a PCG64 generator as six whole numbers of 64 bits, which `set_pcg64_words` takes back."""
    state = generator.bit_generator.state
    low = (1 << 64) - 1
    wide = [part for number in state["state"].values() for part in (number >> 64, number & low)]
    return [*wide, state["has_uint32"], state["uinteger"]]


def set_pcg64_words(generator: np.random.Generator, words: Sequence[int] | NDArray[np.uint64]) -> None:
    """Give a PCG64 generator the state that `pcg64_words` returned.

    Parameters
    ----------
    generator
        Changed in place.
    words
        Six whole numbers of 64 bits.
    """
    high, low, step_high, step_low, has_half, half = (int(word) for word in words)
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": high << 64 | low, "inc": step_high << 64 | step_low},
        "has_uint32": has_half,
        "uinteger": half,
    }
