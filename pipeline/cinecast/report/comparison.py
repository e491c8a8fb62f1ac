"""Several runs of one sequence as one report: methods carry the name of their run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cinecast.errors import ReportError
from cinecast.report.data import (
    RUN_SEPARATOR,
    ReportData,
    ReportEntry,
    ReportFlow,
    ReportModel,
    ReportRun,
    ReportWarning,
)
from cinecast.report.flat_settings import flat_settings
from cinecast.report.scored_apart import scored_apart
from cinecast.report.target_comparison import gated_apart, scores_shown, shared_gate, shared_targets, targets_of_entry

_LOG = logging.getLogger(__name__)


def compare_runs(labels: Sequence[str], runs: Sequence[ReportData]) -> ReportData:
    """Return the data of a report of several runs.

    Parameters
    ----------
    labels
        What the runs are called, all different.
    runs
        Two or more runs of one sequence, with the same test span and ROI.

    Returns
    -------
    Frames, times, ROI, landmarks and targets of the first run, with the flows, models, entries and scores of all; flows
    that are equal stand there once.

    Raises
    ------
    ReportError
        If there are fewer than two, or what they were scored on differs.
    """
    if len(runs) < 2:
        raise ReportError(f"a comparison needs two runs or more, got {len(runs)}; name another run")
    for label, run in zip(labels[1:], runs[1:], strict=True):
        _check_same(labels[0], runs[0], label, run)
    apart = (*scored_apart(labels, runs), *gated_apart(labels, runs))
    for sentence in apart:
        _LOG.warning("%s", sentence)
    flows: list[ReportFlow] = []
    models: list[ReportModel] = []
    entries: list[ReportEntry] = []
    places = [[_place_of(flow, flows) for flow in run.flows] for run in runs]
    for label, run, own in zip(labels, runs, places, strict=True):
        first = len(models)
        models += [replace(model, flow=own[model.flow]) for model in run.models]
        shown = [replace(entry, targets=targets_of_entry(entry, run, runs[0])) for entry in run.entries]
        entries += [_labelled(entry, label, first) for entry in shown]
    return replace(
        runs[0],
        flows=tuple(flows),
        models=tuple(models),
        entries=tuple(entries),
        scores=[
            score | {"method": _with(label, score["method"])}
            for label, run in zip(labels, runs, strict=True)
            for score in scores_shown(run, runs[0])
        ],
        warnings=(
            *map(ReportWarning, apart),
            *(
                ReportWarning(f"{label}: {sentence}", every)
                for label, run in zip(labels, runs, strict=True)
                for sentence, every in run.warnings
            ),
        ),
        missing=tuple(f"{label}: {each}" for label, run in zip(labels, runs, strict=True) for each in run.missing),
        max_frames=min(run.max_frames for run in runs),
        runs=_differences(labels, runs),
        targets=shared_targets(labels, runs, places, len(flows)),
        gate=shared_gate(runs),
    )


def _differences(labels: Sequence[str], runs: Sequence[ReportData]) -> tuple[ReportRun, ...]:
    facts = [
        flat_settings(run.settings_text) | {f"version of {name}": value for name, value in run.versions.items()}
        for run in runs
    ]
    names = dict.fromkeys(name for each in facts for name in each)
    differing = [name for name in names if len({each.get(name) for each in facts}) > 1]
    return tuple(
        ReportRun(label, {name: each[name] for name in differing if name in each})
        for label, each in zip(labels, facts, strict=True)
    )


def _with(label: str, text: str) -> str:
    return f"{label}{RUN_SEPARATOR}{text}"


def _labelled(entry: ReportEntry, label: str, first_model: int) -> ReportEntry:
    return replace(
        entry, method=_with(label, entry.method), title=_with(label, entry.title), model=first_model + entry.model
    )


def _place_of(flow: ReportFlow, known: list[ReportFlow]) -> int:
    """Return the place of a flow among those known, where it is added if no other is equal."""
    for place, other in enumerate(known):
        same = flow.dvf is None if other.dvf is None else flow.dvf is not None and np.array_equal(flow.dvf, other.dvf)
        if same and flow.reference == other.reference:
            return place
    known.append(flow)
    return len(known) - 1


def _check_same(first_label: str, first: ReportData, label: str, run: ReportData) -> None:
    one, other = first.sequence, run.sequence
    same_frames = np.array_equal(one.frames, other.frames) and np.array_equal(one.times_s, other.times_s)
    if not same_frames or one.spacing_mm != other.spacing_mm:
        raise ReportError(
            f"runs to compare must be of one sequence, got {one.name!r} in {first_label} and {other.name!r} in {label}"
            ", whose frames, times or spacing differ; compare runs of the same sequence"
        )
    if one.split.test_frames != other.split.test_frames:
        raise ReportError(
            f"runs to compare must have the same test frames, got {_span(one.split.test_frames)} in {first_label} and "
            f"{_span(other.split.test_frames)} in {label}; give both the same frames.validation_end and frames.test_end"
        )
    if one.roi != other.roi:
        raise ReportError(
            f"runs to compare must have the same ROI, got {one.roi} in {first_label} and {other.roi} in {label}; "
            "run one of them again with the ROI of the other in the sidecar"
        )


def _span(frames: range) -> str:
    return f"{frames.start} to {frames.stop - 1}"
