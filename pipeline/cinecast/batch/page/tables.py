"""The tables of a cohort: methods by horizon, methods in pairs, sequences with the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cinecast.batch.page.data import CohortData, Line, ScoredMethod, SequenceScores
from cinecast.batch.page.statistics import PairedComparison, Spread, holm, paired_comparison, spread
from cinecast.references import MEASURED, ORACLE, PERFECT, PERSISTENCE
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS, MAIN_METRIC

# Of all methods.
_FIRST = (PERFECT, MEASURED, ORACLE, PERSISTENCE)


@dataclass(frozen=True)
class MethodRow:
    """One method at one horizon over all sequences.

    Parameters
    ----------
    horizon, method
        Which.
    spreads
        By metric.
    metric
        The metric that methods are judged by.
    points
        That metric of each sequence that has it, by name.
    best
        Whether its mean is the smallest of the forecasters that have every sequence that any of them has at this
        horizon: one that failed on the difficult ones is not better for it.
    """

    horizon: str
    method: ScoredMethod
    spreads: dict[str, Spread]
    metric: str
    points: dict[str, float]
    best: bool

    @property
    def sequences(self) -> int:
        """Number of sequences that it is judged on; where it is not judged, of those that it has any score of."""
        return len(self.points) or max(each.number for each in self.spreads.values())


@dataclass(frozen=True)
class PairRow:
    """Two methods at one horizon, on the sequences that have both; ``adjusted`` is Holm's p value at this horizon."""

    horizon: str
    first: ScoredMethod
    second: ScoredMethod
    comparison: PairedComparison
    adjusted: float


@dataclass(frozen=True)
class SequenceRow:
    """One sequence: by horizon its best forecaster with its error, and that of persistence, in mm."""

    name: str
    best: dict[str, tuple[ScoredMethod, float]]
    persistence: dict[str, float]


def horizons_of(data: CohortData) -> list[str]:
    """Return the horizons asked for, in order of their mean length in s over the sequences."""
    lengths: dict[str, list[float]] = {}
    for each in data.sequences:
        for horizon, seconds in each.seconds.items():
            lengths.setdefault(horizon, []).append(seconds)
    return sorted(lengths, key=lambda horizon: (float(np.mean(lengths[horizon])), horizon))


def methods_of(data: CohortData) -> list[ScoredMethod]:
    """Return the methods of all sequences: what forecasts nothing, persistence, then the others in their order."""
    found = dict.fromkeys(line.method for each in data.sequences for line in each.values)
    return sorted(found, key=lambda m: _FIRST.index(m.name) if m.name in _FIRST else len(_FIRST))


def method_rows(data: CohortData, region: str, metric: str = MAIN_METRIC, against: str = "") -> list[MethodRow]:
    """Return the spread of every method and horizon in a region.

    Parameters
    ----------
    data
        The scores of all sequences.
    region
        The region that scores are taken from; errors at landmarks stand in each.
    metric
        The metric that methods are judged by.
    against
        Where the region is a target, the ruler.

    Returns
    -------
    list[MethodRow]
        By horizon, then in the order of `methods_of`; methods without any value at a horizon are left out.
    """
    rows = []
    for horizon in horizons_of(data):
        lines = [Line(horizon, method, region, against) for method in methods_of(data)]
        tables = {line.method: _by_metric(data, line) for line in lines}
        points = {
            method: table[metric] for method, table in tables.items() if table.get(metric) and not method.is_reference
        }
        everywhere = set().union(*points.values())
        means = {method: spread(list(own.values())).mean for method, own in points.items() if set(own) == everywhere}
        best = min(means, key=means.__getitem__, default=None)
        for method, table in tables.items():
            if table:
                spreads = {each: spread(list(own.values())) for each, own in table.items()}
                rows.append(MethodRow(horizon, method, spreads, metric, table.get(metric, {}), method == best))
    return rows


def pair_rows(data: CohortData, region: str, metric: str = MAIN_METRIC, against: str = "") -> list[PairRow]:
    """Return every two methods compared by a metric, horizon by horizon, without those that forecast nothing.

    Methods of different protocols are not compared: one of them knows what the other cannot.

    Parameters
    ----------
    data
        The scores of all sequences.
    region
        The region that the metric is taken from.
    metric
        The metric that methods are judged by.
    against
        Where the region is a target, the ruler.

    Returns
    -------
    list[PairRow]
        By horizon; pairs without a common sequence are left out.
    """
    methods = [method for method in methods_of(data) if not method.is_floor]
    pairs = [
        (a, b) for a, b in combinations(methods, 2) if a.is_reference or b.is_reference or a.protocol == b.protocol
    ]
    rows = []
    for horizon in horizons_of(data):
        compared = [
            paired_comparison(*(_values(data, Line(horizon, m, region, against), metric) for m in pair))
            for pair in pairs
        ]
        adjusted = holm([comparison.p_value for comparison in compared])
        rows += [
            PairRow(horizon, *pair, comparison, p)
            for pair, comparison, p in zip(pairs, compared, adjusted, strict=True)
            if comparison.number
        ]
    return rows


def sequence_rows(data: CohortData, region: str, metric: str = MAIN_METRIC) -> list[SequenceRow]:
    """Return the sequences, the one with the largest error of its best forecasters (mean over horizons) first.

    Parameters
    ----------
    data
        The scores of all sequences.
    region
        The region that the metric is taken from.
    metric
        The metric that methods are judged by.

    Returns
    -------
    list[SequenceRow]
        One for each sequence; those without any score first.
    """
    where = _region_of(metric, region)
    rows = [_sequence_row(each, where, metric) for each in data.sequences]

    def error(row: SequenceRow) -> float:
        values = [value for _, value in row.best.values()] or list(row.persistence.values())
        return float(np.mean(values)) if values else np.inf  # without any score it is the worst

    return sorted(rows, key=lambda row: (-error(row), row.name))


def _region_of(metric: str, region: str) -> str:
    return LANDMARKS if metric == LANDMARK_METRIC else region


def _sequence_row(each: SequenceScores, region: str, metric: str) -> SequenceRow:
    best: dict[str, tuple[ScoredMethod, float]] = {}
    persistence: dict[str, float] = {}
    for line, metrics in each.values.items():
        value = metrics.get(metric, np.nan)
        if line.region != region or not np.isfinite(value) or line.method.is_floor:
            continue
        if line.method.is_reference:
            persistence[line.horizon] = value
        elif line.horizon not in best or value < best[line.horizon][1]:
            best[line.horizon] = line.method, value
    return SequenceRow(each.name, best, persistence)


def _by_metric(data: CohortData, line: Line) -> dict[str, dict[str, float]]:
    """Return the values of one line by metric and sequence; those at landmarks, of weights and times hold anywhere."""
    found: dict[str, dict[str, float]] = {}
    for each in data.sequences:
        own = each.values.get(line, {})
        if own or (line.method.is_measured and _has_region(each, line)):
            for metric, value in (_shared(each, line) | dict(own)).items():
                if np.isfinite(value):
                    found.setdefault(metric, {})[each.name] = value
    return found


def _has_region(each: SequenceScores, line: Line) -> bool:
    """Return whether a sequence has scores in the region of a line: its table is over no others."""
    return any((other.horizon, other.region) == (line.horizon, line.region) for other in each.values)


def _shared(each: SequenceScores, line: Line) -> dict[str, float]:
    # A line of a target has a ruler, which those of image and landmarks have not: beside it nothing else is shown.
    image, landmarks = (each.values.get(line._replace(region=name), {}) for name in ("image", LANDMARKS))
    return {m: v for m, v in image.items() if m.startswith(("weights_", "step_time"))} | dict(landmarks)


def _values(data: CohortData, line: Line, metric: str) -> list[float]:
    where = line._replace(region=_region_of(metric, line.region))
    return [each.values.get(where, {}).get(metric, np.nan) for each in data.sequences]
