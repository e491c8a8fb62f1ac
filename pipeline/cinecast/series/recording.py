"""A series as its file has it: samples at whatever times they came, some of them not measured."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast_models.population.population import component_digests

_LOG = logging.getLogger(__name__)
_MOST_LISTED = 5


@dataclass(frozen=True, eq=False)
class Recording:
    """Samples and their times, in the order of the file; an invalid one cannot be made.

    Parameters
    ----------
    name
        Name of the series (file name without extension, and the array's name where a file holds several).
    columns
        Name of each component, K of them.
    samples
        Shape (n, K), in the unit of the source; NaN where nothing was measured.
    times_s
        Time of each sample in s, shape (n,), strictly increasing, at any intervals.
    named
        Whether the names of the components come from the source; otherwise they are only counted.
    history
        One sentence for each thing that was decided or done on the way from the file, in order.
    recorded
        Digests of the components by which the series is known again; left out, they are those of `samples`.
    unit
        Unit of the values of all columns; empty where it is not known or not the same.

    Raises
    ------
    ReadError
        If one of these rules is broken.
    """

    name: str
    columns: tuple[str, ...]
    samples: NDArray[np.float64]
    times_s: NDArray[np.float64]
    named: bool = True
    history: tuple[str, ...] = ()
    recorded: frozenset[str] = frozenset()
    unit: str = ""

    def __post_init__(self) -> None:
        _check_infinite(self)
        _check_times(self.times_s)
        if int(self.measured.sum()) < 2:
            raise ReadError(
                f"a series needs at least 2 samples, got {self.measured.sum()} measured in all columns of "
                f"{self.name}; give a longer recording, or choose columns with --column"
            )
        if not self.recorded:
            object.__setattr__(self, "recorded", component_digests(self.samples))

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Whether each sample was measured in all columns, shape (n,)."""
        return np.asarray(np.isfinite(self.samples).all(axis=1))

    def ends_noted(self) -> Recording:
        """Return the recording with a sentence on samples before the first whole one or after the last.

        They are in no span: samples are counted from the first whole one on.
        """
        whole = np.flatnonzero(self.measured)
        first, last = int(whole[0]), int(len(self.measured) - 1 - whole[-1])
        if not first + last:
            return self
        said = [f"{first} sample(s) before the first whole one"] * (first > 0) + [f"{last} after the last"] * (last > 0)
        time = f"sample 0, from which spans are counted, is at {self.times_s[first]:.6g} s"
        return self.noted(f"{' and '.join(said)} are incomplete and left out: {time}")

    def noted(self, *notes: str) -> Recording:
        """Return the recording with sentences added to its history."""
        return replace(self, history=(*self.history, *notes))


def without_repeats(
    samples: NDArray[np.float64], times: NDArray[np.float64], places: NDArray[np.int64], where: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return samples and times without rows that stand there twice, and what was left out.

    Parameters
    ----------
    samples, times
        Shapes (n, K) and (n,), as the file has them.
    places
        Line or number of each sample in the file, shape (n,).
    where
        What these count, and the file: ``line`` ... of a name.

    Returns
    -------
    Samples and times, and a sentence if any was left out.

    Raises
    ------
    ReadError
        If samples of one time differ.
    """
    again = np.flatnonzero(np.diff(times) == 0) + 1
    if len(again) == 0:
        return samples, times, []
    same = np.array([np.array_equal(samples[i], samples[i - 1], equal_nan=True) for i in again])
    if not same.all():
        differing = again[~same]
        raise ReadError(
            f"samples must have a time each, got {len(differing)} with the time of the one before and other values "
            f"({where} {listed(places[differing])}); export more digits of the times, or give --sample-rate to count "
            "them"
        )
    sentence = f"{len(again)} row(s) stand there twice and count once ({where} {listed(places[again])})"
    _LOG.warning("%s", sentence)
    return np.delete(samples, again, axis=0), np.delete(times, again), [sentence]


def listed(places: Iterable[int]) -> str:
    """Return numbers as text, neighbours as ranges, the first few only: ``3, 7 to 9 and 4 more``."""
    numbers = [int(place) for place in places]
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    shown = ", ".join(" to ".join(str(end) for end in each) for each in ranges[:_MOST_LISTED])
    return shown if len(ranges) <= _MOST_LISTED else f"{shown} and {len(ranges) - _MOST_LISTED} more"


def _check_infinite(recording: Recording) -> None:
    wrong = np.isinf(recording.samples)
    if wrong.any():
        sample, component = (int(i) for i in np.argwhere(wrong)[0])
        raise ReadError(
            f"samples must be finite numbers or empty, got {recording.samples[sample, component]} in column "
            f"{recording.columns[component]!r} at sample {sample} ({wrong.sum()} such values in all); leave empty "
            "what was not measured"
        )


def _check_times(times_s: NDArray[np.float64]) -> None:
    if not np.isfinite(times_s).all():
        sample = int(np.argmin(np.isfinite(times_s)))
        raise ReadError(
            f"times must be finite numbers of seconds, got {times_s[sample]} at sample {sample}; mend it, or give "
            "--sample-rate to count times"
        )
    intervals = np.diff(times_s)
    if (intervals <= 0).any():
        sample = int(np.argmax(intervals <= 0))
        raise ReadError(
            f"times must increase, got {times_s[sample]:.6g} s then {times_s[sample + 1]:.6g} s at sample "
            f"{sample + 1}; order the samples by time, and give each of several recordings a file of its own"
        )
