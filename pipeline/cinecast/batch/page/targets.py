"""The targets of a cohort: compared where every sequence has one of the same name."""

from __future__ import annotations

from typing import NamedTuple

from cinecast.batch.page.data import CohortData
from cinecast.batch.page.tables import MethodRow, PairRow, method_rows, pair_rows
from cinecast.score.main_metric import TARGET_REGION

TARGET_METRIC = "centroid_mm"
# Metric, heading, unit, decimals.
TARGET_COLUMNS = (
    (TARGET_METRIC, "Centroid error", "mm", 2),
    ("dice", "DSC", "", 3),
    ("hd95_mm", "HD95", "mm", 2),
    ("missed", "Missed frames", "", 1),
    ("duty_cycle", "Duty cycle", "", 3),
    ("gate_correct", "Right decisions", "", 3),
    ("outside_while_on", "Outside while on", "", 3),
    ("gating_error_mm", "Error while on", "mm", 2),
)


class TargetTables(NamedTuple):
    """One target against one ruler, over all sequences; pairs of methods by centroid error, and by DSC."""

    name: str
    ruler: str
    rows: list[MethodRow]
    by_centroid: list[PairRow]
    by_dice: list[PairRow]


class MissingTarget(NamedTuple):
    """A target that some sequences have against a ruler, and the names of those that do not have it."""

    name: str
    ruler: str
    missing: list[str]


def target_tables(data: CohortData) -> list[TargetTables]:
    """Return the tables of each target that every sequence has."""
    return [
        TargetTables(
            _name(region),
            _ruler(against),
            method_rows(data, region, TARGET_METRIC, against),
            pair_rows(data, region, TARGET_METRIC, against),
            pair_rows(data, region, "dice", against),
        )
        for region, against in _targets(data)
        if not _without(data, region, against)
    ]


def missing_targets(data: CohortData) -> list[MissingTarget]:
    """Return the targets that some sequences have, and not all of them: these are not compared."""
    found = [MissingTarget(_name(r), _ruler(a), _without(data, r, a)) for r, a in _targets(data)]
    return [each for each in found if each.missing]


def gated_apart(data: CohortData) -> str:
    """Return that sequences with a target are gated in different ways, and which; empty where all are gated alike."""
    named: dict[str, list[str]] = {}
    for each in data.sequences:
        if each.targets:
            named.setdefault(each.gate, []).append(each.name)
    if len(named) < 2:
        return ""
    ways = "; ".join(f"{', '.join(names)} by {gate}" for gate, names in named.items())
    return (
        f"sequences are gated in different ways ({ways}): no mean of their scores of gating, such as the duty cycle, "
        "says anything; the same --margin, --latency and score.gate_by_radius give all the same"
    )


def _targets(data: CohortData) -> list[tuple[str, str]]:
    return list(dict.fromkeys(target for each in data.sequences for target in each.targets))


def _without(data: CohortData, region: str, against: str) -> list[str]:
    return [each.name for each in data.sequences if (region, against) not in each.targets]


def _name(region: str) -> str:
    return region.removeprefix(TARGET_REGION)


def _ruler(against: str) -> str:
    return "the measured motion" if against == "measured" else against
