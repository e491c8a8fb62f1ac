"""The targets of a cohort: compared where every sequence has one of the same name."""

from __future__ import annotations

from typing import NamedTuple

from cinecast.batch.page.data import CohortData, SequenceScores
from cinecast.batch.page.pooling import LARGEST_RATIO, pooled
from cinecast.batch.page.tables import MethodRow, PairRow, method_rows, pair_rows
from cinecast.horizon import whole_frames
from cinecast.score.gating_scores import ON_WITHOUT_REFERENCE
from cinecast.score.main_metric import TARGET_REGION

TARGET_METRIC = "centroid_mm"
# Metric, heading, unit, decimals.
TargetColumn = tuple[str, str, str, int]
TARGET_COLUMNS: tuple[TargetColumn, ...] = (
    (TARGET_METRIC, "Centroid error", "mm", 2),
    ("dice", "DSC", "", 3),
    ("hd95_mm", "HD95", "mm", 2),
    ("missed", "Missed frames", "", 1),
    ("duty_cycle", "Duty cycle", "", 3),
    ("gate_correct", "Right decisions", "", 3),
    ("outside_while_on", "Outside while on", "", 3),
    ("gating_error_mm", "Error while on", "mm", 2),
    ("without_reference", "Frames without reference", "", 1),
    (ON_WITHOUT_REFERENCE, "Beam on in these", "", 1),
)


class TargetTables(NamedTuple):
    """One target against one ruler, over all sequences; pairs of methods by centroid error, and by DSC.

    ``columns`` are those of `TARGET_COLUMNS` that any row has a value in.
    """

    name: str
    ruler: str
    columns: tuple[TargetColumn, ...]
    rows: list[MethodRow]
    by_centroid: list[PairRow]
    by_dice: list[PairRow]

    @property
    def beam_without_reference(self) -> bool:
        """Whether there are frames in which nobody knows where the target was, and a beam that was gated in them."""
        return any(column[0] == ON_WITHOUT_REFERENCE for column in self.columns)


class MissingTarget(NamedTuple):
    """A target that some sequences have against a ruler, and the names of those that do not have it."""

    name: str
    ruler: str
    missing: list[str]


def target_tables(data: CohortData) -> list[TargetTables]:
    """Return the tables of each target that every sequence has."""
    return [_tables(data, region, against) for region, against in _targets(data) if not _without(data, region, against)]


def missing_targets(data: CohortData) -> list[MissingTarget]:
    """Return the targets that some sequences have, and not all of them: these are not compared."""
    found = [MissingTarget(_name(r), _ruler(a), _without(data, r, a)) for r, a in _targets(data)]
    return [each for each in found if each.missing]


def gated_apart(data: CohortData) -> str:
    """Return that sequences with a target are gated in different ways, and which; empty where all are gated alike.

    One latency is not the same where it comes to another time, being counted in whole frames.
    """
    named: dict[str, list[str]] = {}
    for each in data.sequences:
        if each.targets:
            named.setdefault(each.gate, []).append(each.name)
    if len(named) < 2:
        return _decided_apart([each for each in pooled(data).sequences if each.targets])
    ways = "; ".join(f"{', '.join(names)} by {gate}" for gate, names in named.items())
    return (
        f"sequences are gated in different ways ({ways}): no mean of their scores of gating, such as the duty cycle, "
        "says anything; the same --margin, --latency and score.gate_by_radius give all the same"
    )


def _decided_apart(sequences: list[SequenceScores]) -> str:
    """Return that one latency, in whole frames, is another time in some sequences; empty where it is not.

    A beam acts on what is as old as the latency, or the horizon where that is longer.
    """
    for horizon in dict.fromkeys(horizon for each in sequences for horizon in each.seconds):
        ages = sorted((_age_s(each, horizon), each.name) for each in sequences if horizon in each.seconds)
        (shortest, of_shortest), (longest, of_longest) = ages[0], ages[-1]
        if longest > LARGEST_RATIO * shortest:
            return (
                f"a latency counts as whole frames, and the beam acts on forecasts {horizon} ahead that are "
                f"{shortest:.2f} s old in {of_shortest} and {longest:.2f} s old in {of_longest}: no mean of their "
                "scores of gating, such as the duty cycle, says anything; give a --latency that is no longer than the "
                "horizon, or make a batch for each frame rate"
            )
    return ""


def _age_s(each: SequenceScores, horizon: str) -> float:
    frames = 0 if each.latency_s is None else whole_frames(each.latency_s, each.period_s)
    return max(each.seconds[horizon], frames * each.period_s)


def _tables(data: CohortData, region: str, against: str) -> TargetTables:
    rows = method_rows(data, region, TARGET_METRIC, against)
    told = {metric for row in rows for metric in row.spreads}
    return TargetTables(
        _name(region),
        _ruler(against),
        tuple(column for column in TARGET_COLUMNS if column[0] in told),
        rows,
        pair_rows(data, region, TARGET_METRIC, against),
        pair_rows(data, region, "dice", against),
    )


def _targets(data: CohortData) -> list[tuple[str, str]]:
    return list(dict.fromkeys(target for each in data.sequences for target in each.targets))


def _without(data: CohortData, region: str, against: str) -> list[str]:
    return [each.name for each in data.sequences if (region, against) not in each.targets]


def _name(region: str) -> str:
    return region.removeprefix(TARGET_REGION)


def _ruler(against: str) -> str:
    return "the measured motion" if against == "measured" else against
