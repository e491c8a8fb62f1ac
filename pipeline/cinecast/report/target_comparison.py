"""Targets of several runs of one sequence in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cinecast.report.data import ReportData, ReportEntry, ReportGate
from cinecast.report.target_data import EntryTarget, ReportTarget
from cinecast.score.target_scores import TARGET_REGION
from cinecast.target import MaskSeries


def shared_targets(
    labels: Sequence[str], runs: Sequence[ReportData], places: Sequence[Sequence[int]], flows: int
) -> tuple[ReportTarget, ...]:
    """Return the targets of the first run, as measured by the flows of all runs that have them too.

    Parameters
    ----------
    labels, runs
        The runs and what they are called.
    places
        Of each run, where each of its flows stands among those of the comparison.
    flows
        How many flows the comparison has.

    Returns
    -------
    tuple[ReportTarget, ...]
        Each says which runs do not have it.
    """
    shared = []
    for target in runs[0].targets:
        in_reference: list[NDArray[np.bool_] | None] = [None] * flows
        measured: list[MaskSeries | None] = [None] * flows
        for run, own_places in zip(runs, places, strict=True):
            own = counterpart(target, run)
            if own is not None:
                for flow, place in enumerate(own_places):
                    in_reference[place], measured[place] = own.in_reference[flow], own.measured[flow]
        without = tuple(label for label, run in zip(labels, runs, strict=True) if counterpart(target, run) is None)
        shared.append(replace(target, in_reference=tuple(in_reference), measured=tuple(measured), not_in=without))
    return tuple(shared)


def counterpart(target: ReportTarget, run: ReportData) -> ReportTarget | None:
    """Return the same target in another run.

    Parameters
    ----------
    target
        A target of the first run.
    run
        Any run.

    Returns
    -------
    ReportTarget or None
        Of the same name, mask, frame and labels; None where there is none.
    """
    for other in run.targets:
        if (other.name, other.frame) == (target.name, target.frame) and np.array_equal(other.mask, target.mask):
            return other if _same_labels(target, other) else None
    return None


def gated_apart(labels: Sequence[str], runs: Sequence[ReportData]) -> tuple[str, ...]:
    """Return which runs gate the targets of the first run in another way than it does.

    Parameters
    ----------
    labels
        What the runs are called.
    runs
        Two or more runs.

    Returns
    -------
    tuple of str
        Sentences; none where all scores of gating can be held against each other.
    """
    return tuple(
        f"{label} gates by {run.gate} and {labels[0]} by {runs[0].gate}: do not compare their scores of gating, such "
        "as the duty cycle; the same --margin, --latency and score.gate_by_radius give both the same"
        for label, run in zip(labels[1:], runs[1:], strict=True)
        if _gates_shared_targets(run, runs[0]) and run.gate != runs[0].gate
    )


def shared_gate(runs: Sequence[ReportData]) -> ReportGate | None:
    """Return how all runs that have targets of the first gate these, or None where they differ."""
    gates = {run.gate for run in runs if _gates_shared_targets(run, runs[0])}
    return gates.pop() if len(gates) == 1 else None


def _gates_shared_targets(run: ReportData, first: ReportData) -> bool:
    return any(counterpart(target, run) is not None for target in first.targets)


def targets_of_entry(entry: ReportEntry, run: ReportData, first: ReportData) -> tuple[EntryTarget | None, ...]:
    """Return the targets of the first run as an entry of another one forecast them.

    Parameters
    ----------
    entry
        A method at a horizon.
    run
        The run that it belongs to.
    first
        The run whose targets are shown.

    Returns
    -------
    tuple
        In the order of the first run; None where the other one lacks a target.
    """
    own = [counterpart(target, run) for target in first.targets]
    return tuple(None if each is None else entry.targets[run.targets.index(each)] for each in own)


def scores_shown(run: ReportData, first: ReportData) -> list[dict[str, str]]:
    """Return the scores of a run without those of targets that are not those of the first run.

    Parameters
    ----------
    run
        The run.
    first
        The run whose targets are shown.

    Returns
    -------
    list
        Rows as they are in the run.
    """
    apart = {TARGET_REGION + target.name for target in first.targets if counterpart(target, run) is None}
    return [score for score in run.scores if score["region"] not in apart]


def _same_labels(one: ReportTarget, other: ReportTarget) -> bool:
    if one.labels is None or other.labels is None:
        return one.labels is other.labels
    same_masks = np.array_equal(one.labels.masks.bits, other.labels.masks.bits)
    return same_masks and np.array_equal(one.labels.known, other.labels.known)
