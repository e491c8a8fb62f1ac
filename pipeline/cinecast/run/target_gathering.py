"""Gather the targets of a run for its report; what is missing or damaged is left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.report.data import ReportGate
from cinecast.report.target_data import SHOWN_METRICS, EntryTarget, ReportLabels, ReportTarget
from cinecast.run.step import Task
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from cinecast.target import MaskSeries
from cinecast.target.registration import registered


@dataclass(frozen=True, eq=False)
class TargetGathering:
    """The targets of one run.

    Parameters
    ----------
    store, sequence, settings
        The run folder, and what it is a run of.
    usable
        Keys of the artifacts that are drawn.
    reference
        Index of the reference frame.
    """

    store: RunFolder
    sequence: Sequence
    settings: Settings
    usable: Collection[str]
    reference: int

    def targets(self) -> tuple[ReportTarget, ...]:
        """Return all targets; none where the run has none, or they are missing."""
        return tuple(self._target(target, place) for place, target in enumerate(self._given))

    def of_entry(self, task: Task) -> tuple[EntryTarget | None, ...]:
        """Return all targets as one method at one horizon forecast them; None for each where that is missing."""
        if not self._given or task.key("target") not in self.usable:
            return (None,) * len(self._given)
        stored = art.load_masks(self.store.path(task.key("target")))
        scores = self._scores(task) if task.key("score") in self.usable else {}
        return tuple(
            _entry_target(stored.masks.part(place), stored.known[place], scores.get(target.name, {}))
            for place, target in enumerate(self._given)
        )

    def gate(self) -> ReportGate | None:
        """Return how the beam is gated; None where there is no target."""
        own = self.settings.score
        return ReportGate(own.margin_mm, own.latency_s, own.gate_by_radius) if self._given else None

    @cached_property
    def _given(self) -> tuple[Target, ...]:
        if art.MEASURED_TARGET not in self.usable:
            return ()
        return art.load_targets(self.store.path(art.MEASURED_TARGET))

    @cached_property
    def _measured(self) -> MaskSeries:
        return art.load_masks(self.store.path(art.MEASURED_TARGET)).masks

    @cached_property
    def _labels(self) -> dict[str, tuple[MaskSeries, NDArray[np.bool_]]]:
        return art.load_labels(self.store.path(art.LABELS)) if art.LABELS in self.usable else {}

    def _target(self, target: Target, place: int) -> ReportTarget:
        measured, span = self._measured.part(place, 0), self.sequence.split.test_frames
        test = slice(span.start, span.stop)
        labels = None
        if target.name in self._labels:
            masks, labelled = self._labels[target.name]
            labels = ReportLabels(MaskSeries(masks.bits[test], masks.shape), labelled[test])
        own = target.mask if target.frame == self.reference else measured.mask(self.reference)
        shown = MaskSeries(measured.bits[test], measured.shape)
        said = (*target.said, *self._registered(target))
        return ReportTarget(target.name, target.frame, target.mask, said, (own,), (shown,), labels)

    def _registered(self, target: Target) -> tuple[str, ...]:
        """Return how well a target's own frame is registered, where motion is measured from another one."""
        if target.frame == self.reference or art.FLOW not in self.usable:
            return ()
        dvf = art.load_array(self.store.path(art.FLOW, "dvf.npy"))
        return (registered(target, self.sequence.frames, self.reference, dvf),)

    def _scores(self, task: Task) -> dict[str, dict[str, NDArray[np.float64]]]:
        """Return `SHOWN_METRICS` and the radius of each run and test frame, by target and by what they are against."""
        rows = read_table(self.store.path(task.key("score"), art.TARGET_SCORES_FILE))
        span = self.sequence.split.test_frames
        runs = 1 + max((int(row["run"]) for row in rows), default=-1)
        found: dict[str, dict[str, NDArray[np.float64]]] = {}
        for row in rows:
            of_target = found.setdefault(row["target"], {})
            if row["against"] not in of_target:
                of_target[row["against"]] = np.full((runs, len(span), len(SHOWN_METRICS) + 1), np.nan)
            values = [float(row[metric] or "nan") for metric in (*SHOWN_METRICS, "radius_mm")]
            of_target[row["against"]][int(row["run"]), int(row["frame"]) - span.start] = values
        return found


def _entry_target(masks: MaskSeries, known: NDArray[np.bool_], values: dict[str, NDArray[np.float64]]) -> EntryTarget:
    scores = {against: own[..., :-1] for against, own in values.items()}
    return EntryTarget(masks, known, scores, {against: own[..., -1] for against, own in values.items()})
