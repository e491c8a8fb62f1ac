"""The work of the stage ``target`` on a run folder, and what of it the scores need."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.motion.drift import ForecastMotion
from cinecast.references import MEASURED
from cinecast.run.own_targets import own_labels, own_targets
from cinecast.run.step import Task
from cinecast.score.scoring import Score
from cinecast.score.target_scores import (
    LABELS,
    TARGET_FRAME_METRICS,
    TargetReference,
    TargetScores,
    measured_score,
    score_target,
    summarise_target,
)
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.tables import Cell, write_table
from cinecast.target import MaskPropagator, follow_forecast, follow_measured, propagator_of
from cinecast.target.registration import registration_at

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TargetWork:
    """What the stage and the scores of targets work with.

    Parameters
    ----------
    store, sequence, settings
        The run.
    reference
        Index of the reference frame.
    held
        Frames whose motion is held: nothing is scored on them.
    """

    store: RunFolder
    sequence: Sequence
    settings: Settings
    reference: int
    held: frozenset[int]

    def measured(self, folder: Path) -> None:
        """Write the targets as they were given, and their masks along the measured motion.

        A warning says where the motion folds inside a target.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        """
        targets, dvf = own_targets(self.sequence, self.settings), self._dvf()
        followed = [follow_measured(propagator_of(each, self.reference, dvf), dvf) for each in targets]
        art.save_targets(folder, targets)
        names, frames = [target.name for target in targets], range(len(dvf))
        art.save_masks(folder, names, [[each] for each in followed], frames, self.sequence.times_s)
        for target, each in zip(targets, followed, strict=True):
            _warn_of_folding(target, each.folded)

    def sentences(self) -> list[str]:
        """Return what a user should know of each target: where it is, and how well its own frame is registered."""
        return [f"Target {target.name}: {'; '.join(self._facts(target))}." for target in self._targets]

    def forecast(self, folder: Path, task: Task, motion: ForecastMotion, forecasts: NDArray[np.float64]) -> None:
        """Write the masks of all targets along one method's forecast motion.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method and horizon.
        motion
            Turns its forecast weights into DVFs.
        forecasts
            Forecast weights of the runs that are followed, shape (R, T, K).
        """
        test = self.sequence.split.test_frames
        followed = [
            [follow_forecast(propagator, motion, forecast, test) for forecast in forecasts]
            for propagator in self._propagators
        ]
        art.save_masks(folder, [each.name for each in self._targets], followed, test, self.sequence.times_s)

    def labels(self, folder: Path) -> None:
        """Write the reference masks that the settings name."""
        art.save_labels(folder, own_labels(self.sequence, self.settings))

    def score(self, folder: Path, task: Task, *, oracle: bool) -> list[tuple[str, Score]]:
        """Write the scores of all targets frame by frame, and return them over the test span, each with its method.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method and horizon, whose masks have been made.
        oracle
            Whether it is the oracle, beside which stands what the measured motion itself scores.

        Returns
        -------
        list
            Nothing where there is no target.
        """
        if not self._targets:
            return []
        stored = art.load_masks(self.store.path(task.key("target")))
        first, spacing_mm = self.sequence.split.test_frames.start, self.sequence.spacing_mm
        rows: list[tuple[str, Score]] = []
        scored: list[TargetScores] = []
        for reference in self._references:
            place = self._targets.index(reference.target)
            known = stored.known[place]
            scores = score_target(reference, stored.masks.part(place), known, first, spacing_mm)
            scored.append(scores)
            rows += [(task.method, row) for row in summarise_target(scores, known.all(axis=1), self.sequence)]
            if oracle and reference.against == LABELS:
                own = measured_score(reference, self._measured_masks.part(place, 0), spacing_mm)
                rows += [(MEASURED, row) for row in summarise_target(own, np.ones(1, dtype=bool), self.sequence)]
        columns = ["run", "frame", "target", "against", *TARGET_FRAME_METRICS]
        write_table(folder / art.TARGET_SCORES_FILE, columns, _per_frame(scored))
        return rows

    def _facts(self, target: Target) -> list[str]:
        facts = [f"{int(target.mask.sum())} pixels in frame {target.frame}", *target.said]
        if target.frame == self.reference:
            return [*facts, "motion is measured from this frame"]
        likeness = registration_at(target, self.sequence.frames, self.reference, self._dvf())
        return [*facts, f"registered to the reference frame {self.reference} with a correlation of {likeness:.3f}"]

    @cached_property
    def _targets(self) -> tuple[Target, ...]:
        if not self.settings.target.files:
            return ()
        return art.load_targets(self.store.path(art.MEASURED_TARGET))

    @cached_property
    def _propagators(self) -> tuple[MaskPropagator, ...]:
        dvf = self._dvf()
        return tuple(propagator_of(target, self.reference, dvf) for target in self._targets)

    @cached_property
    def _measured_masks(self) -> Any:
        return art.load_masks(self.store.path(art.MEASURED_TARGET)).masks

    @cached_property
    def _references(self) -> tuple[TargetReference, ...]:
        """The measured masks of each target, then its labels where there are any."""
        test = [t for t in self.sequence.split.test_frames if t not in self.held]
        labels = art.load_labels(self.store.path(art.LABELS)) if self.settings.score.labels else {}
        found = []
        for place, target in enumerate(self._targets):
            others = [t for t in test if t != target.frame]
            found.append(TargetReference(target, MEASURED, self._measured_masks.part(place, 0), tuple(others)))
            if target.name in labels:
                masks, labelled = labels[target.name]
                found.append(TargetReference(target, LABELS, masks, tuple(t for t in others if labelled[t])))
        return tuple(found)

    def _dvf(self) -> NDArray[Any]:
        return art.load_array(self.store.path(art.FLOW, "dvf.npy"))


def _warn_of_folding(target: Target, folded: NDArray[np.int64]) -> None:
    frames = np.flatnonzero(folded)
    if len(frames):
        _LOG.warning(
            "target %s: the measured motion folds inside it in %d of %d frames (frame %d first, %d pixels at most): "
            "its outline is not to be trusted there",
            *(target.name, len(frames), len(folded), frames[0], folded.max()),
        )


def _per_frame(scored: list[TargetScores]) -> list[list[Cell]]:
    return [
        [run, t, scores.reference.target.name, scores.reference.against, *values]
        for scores in scored
        for run, frames in enumerate(scores.values.tolist())
        for t, values in zip(scores.reference.frames, frames, strict=True)
    ]
