"""What an export consists of: images of some frames, or DVFs, with their geometry and times, or a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Sequence
from cinecast.store.tables import Cell


@dataclass(frozen=True, eq=False)
class Content:
    """What is exported.

    Parameters
    ----------
    array
        Grey values or reliability, shape (T, H, W), or a DVF in pixels, shape (T, H, W, 2), last axis (x, y); often
        memory-mapped. T is 1 for the static map of reliability.
    sequence
        The real frames with their geometry and times.
    first
        Which frame of the sequence the first one is of.
    values
        What the values of images are, in words.
    learned_from
        Number of frames, the first ones, that a single image is learned from; None where each image is of a frame.
    note
        What else should be known of them, in words that begin with a semicolon; empty for nothing.
    painted
        Makes the picture (rows, columns, 3) of each of the T frames, where a film shows more than the array.
    single
        It is of one frame alone, in space without time.
    not_causal
        Why forecasts must not be taken for causal ones, in words; empty where they are, and for what is no forecast.
    """

    array: NDArray[Any]
    sequence: Sequence
    first: int = 0
    values: str = "grey values"
    learned_from: int | None = None
    note: str = ""
    painted: Callable[[int], NDArray[np.uint8]] | None = None
    single: bool = False
    not_causal: str = ""

    @property
    def is_dvf(self) -> bool:
        """Whether it is a DVF."""
        return self.array.ndim == 4

    @property
    def start_s(self) -> float:
        """Time of the first frame in s, counted from that of the sequence."""
        return float(self.sequence.times_s[self.first] - self.sequence.times_s[0])

    @property
    def steps(self) -> NDArray[np.int64]:
        """Whole frame periods from each frame to the next, shape (T - 1,); all 1 where none is missing."""
        if self.sequence.instants.regular:
            return np.ones(len(self.array) - 1, dtype=np.int64)
        times_s = self.sequence.times_s[self.first : self.first + len(self.array)]
        return np.maximum(1, np.rint(np.diff(times_s) / self.sequence.frame_period_s)).astype(np.int64)

    @property
    def missing_words(self) -> str:
        """What a file that has one period between all frames makes of their times, in words; empty where it is right.

        It is wrong where frames are missing, or come at another rate later on: by half a period or more, that is said.
        """
        missing = int((self.steps - 1).sum())
        if missing:
            return f"; {missing} frames are missing between these, which this file cannot say"
        times_s = self.sequence.times_s[self.first : self.first + len(self.array)]
        off_s = float(np.abs(times_s - times_s[0] - self.sequence.frame_period_s * np.arange(len(times_s))).max())
        if off_s < self.sequence.frame_period_s / 2:
            return ""
        return f"; their times, which are not equally spaced, are up to {off_s:.2g} s off in this file"

    @property
    def span(self) -> str:
        """Which frames of the sequence these are, or are learned from, in words, counted from 0."""
        if self.learned_from is not None:
            return f"one map, learned from frames 0 to {self.learned_from - 1} (counted from 0)"
        if self.is_dvf and self.single:
            return f"frame {self.first} (counted from 0) of {len(self.sequence.frames)}"
        last = self.first + len(self.array) - 1
        return f"frames {self.first} to {last} (counted from 0) of {len(self.sequence.frames)}"


@dataclass(frozen=True, eq=False)
class Table:
    """A table that is exported.

    Parameters
    ----------
    columns
        Its header.
    rows
        Its rows, cells in the order of the columns.
    span
        What they are of, in words.
    not_causal
        As of `Content`.
    """

    columns: tuple[str, ...]
    rows: list[list[Cell]]
    span: str
    not_causal: str = ""
