"""What the page of a cohort is drawn from, and how scores of different sequences are brought together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cinecast.horizon import parse_horizon
from cinecast.references import FLOORS, MEASURED, REFERENCES
from cinecast.score.main_metric import TARGET_REGION


class ScoredMethod(NamedTuple):
    """A method under one protocol: ``causal``, ``published``, ``unknown``, ``oracle``, ``measured`` or ``perfect``."""

    name: str
    protocol: str

    @property
    def is_reference(self) -> bool:
        """Whether it is no forecaster: persistence and what forecasts nothing stand beside them."""
        return self.name in REFERENCES

    @property
    def is_measured(self) -> bool:
        """Whether it is the measured motion itself, which has scores at landmarks and against labels alone."""
        return self.name == MEASURED

    @property
    def is_floor(self) -> bool:
        """Whether it forecasts nothing."""
        return self.name in FLOORS


class Line(NamedTuple):
    """One method at one horizon, as it was asked for whatever the frame period, in one region.

    A target is scored against several rulers, which are never mixed: ``against`` says which, and is empty elsewhere.
    """

    horizon: str
    method: ScoredMethod
    region: str
    against: str = ""


@dataclass(frozen=True)
class SequenceScores:
    """The scores of one sequence, and what is to be known before they are believed.

    Parameters
    ----------
    name
        Its name in the cohort.
    values
        Values by line and metric.
    seconds
        What each horizon is on this sequence, in s.
    period_s
        Time between two of its frames in s; NaN where it has no scores.
    brightness
        How far the brightness of its frames spreads, as a share of their median; NaN where it is not known.
    warnings
        What was warned of, one sentence each.
    gate
        How the beam is gated for its targets, in words.
    latency_s
        Time from a frame to that beam as it was given, in s; None for the horizon.
    """

    name: str
    values: Mapping[Line, Mapping[str, float]]
    seconds: Mapping[str, float]
    period_s: float = np.nan
    brightness: float = np.nan
    warnings: tuple[str, ...] = ()
    gate: str = ""
    latency_s: float | None = None

    @property
    def regions(self) -> set[str]:
        """The regions that it has scores in, without targets."""
        return {line.region for line in self.values if not line.against}

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """Region and ruler of each target that it has scores of, in their order."""
        return tuple(dict.fromkeys((line.region, line.against) for line in self.values if line.against))


@dataclass(frozen=True)
class CohortData:
    """All of a cohort.

    Parameters
    ----------
    title
        Name of the cohort's folder.
    sequences
        Sequences with scores.
    failures
        Why steps failed, by key of the artifact, by name of the sequence.
    unfinished
        Names of sequences that neither have scores nor failed.
    version
        Version of the program.
    outdated
        Names of sequences whose scores were not made with the settings of the cohort; they are in no table.
    one_source
        Names of sequences that were read from one file or folder, such as planes of one recording, each group of them.
    """

    title: str
    sequences: tuple[SequenceScores, ...]
    failures: Mapping[str, Mapping[str, str]]
    unfinished: tuple[str, ...]
    version: str
    outdated: tuple[str, ...] = ()
    one_source: tuple[tuple[str, ...], ...] = ()


def sequence_scores(name: str, rows: Iterable[Mapping[str, str]], horizons: Iterable[str]) -> SequenceScores:
    """Return the scores of a sequence by horizon as asked for.

    Parameters
    ----------
    name
        Name in the cohort.
    rows
        Rows of its ``score/scores.csv``.
    horizons
        The horizons that were asked for, such as ``0.5s`` and ``3``; rows of others are left out.

    Returns
    -------
    SequenceScores
        An empty value becomes NaN.
    """
    values: dict[Line, dict[str, float]] = {}
    lengths: dict[str, float] = {}
    period_s = np.nan
    asked = tuple(horizons)
    for row in rows:
        frames, seconds = int(row["horizon_frames"]), float(row["horizon_s"])
        period_s = seconds / frames
        for text in asked:
            if parse_horizon(text, period_s).frames == frames:
                horizon = _title(text)
                lengths[horizon] = seconds
                against = row["against"] if row["region"].startswith(TARGET_REGION) else ""
                line = Line(horizon, ScoredMethod(row["method"], row["protocol"]), row["region"], against)
                values.setdefault(line, {})[row["metric"]] = float(row["value"]) if row["value"] else np.nan
    return SequenceScores(name, values, lengths, period_s)


def _title(text: str) -> str:
    """Return ``0.5 s`` for ``0.50s`` and ``3 frames`` for ``3``."""
    cleaned = text.strip()
    if cleaned.endswith("s"):
        return f"{float(cleaned[:-1]):g} s"
    return f"{int(cleaned)} frame{'' if int(cleaned) == 1 else 's'}"
