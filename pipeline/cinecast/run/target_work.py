"""The work of the stage ``target`` on a run folder, and what of it the scores need."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE
from cinecast.frames.masks import Target
from cinecast.motion.drift import ForecastMotion
from cinecast.references import MEASURED, ORACLE, PERFECT
from cinecast.run.doubtful_targets import cut_targets, doubtful_labels, farthest_mm, still_targets
from cinecast.run.folding_targets import MEASURED_MOTION, folding_sentences, motion_of
from cinecast.run.own_targets import own_labels, own_targets
from cinecast.run.step import Task
from cinecast.score.gating import late_frames, latency_frames
from cinecast.score.gating_scores import (
    GatedReference,
    centroids_of,
    gate_by_forecasts,
    gated_reference,
    summarise_gating,
)
from cinecast.score.mask_scores import dice
from cinecast.score.point_bands import summarise_centroid_bands
from cinecast.score.scoring import Score
from cinecast.score.target_scores import (
    CENTROID_METRIC,
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
from cinecast.target import MaskPropagator, MaskSeries, follow_forecast, follow_measured, propagator_of
from cinecast.target.registration import registered

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

        Warnings say where the motion folds inside a target, that it does not move one, and that the edge cuts one.

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
            _warn(folding_sentences(target.name, MEASURED_MOTION, each.folded, frames))
        masks = art.load_masks(folder).masks
        _warn([*still_targets(targets, masks, self.sequence), *cut_targets(targets, masks)])

    def sentences(self) -> list[str]:
        """Return what a user should know of each target: where it is, and how well its own frame is registered."""
        return [f"Target {target.name}: {'; '.join(self._facts(target))}." for target in self._targets]

    def label_sentences(self) -> list[str]:
        """Return in how many test frames each target has labels, and how like they are to its own mask.

        Labels of another structure, or turned round, are told by the latter.
        """
        labels, test = art.load_labels(self.store.path(art.LABELS)), self.sequence.split.test_frames
        sentences = []
        for target in self._targets:
            if target.name not in labels:
                continue
            masks, labelled = labels[target.name]
            count = int(np.count_nonzero(labelled[test.start : test.stop]))
            told = [f"in {count} of {len(test)} test frames"]
            if labelled[target.frame]:
                alike = dice(target.mask, masks.mask(target.frame))
                told.append(f"in frame {target.frame} their DSC with the target as it was given is {alike:.3f}")
            sentences.append(f"Labels of {target.name}: {'; '.join(told)}.")
        return sentences

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
            for propagator in self.propagators
        ]
        art.save_masks(folder, [each.name for each in self._targets], followed, test, self.sequence.times_s)
        for target, runs in zip(self._targets, followed, strict=True):
            folded = np.max([each.folded for each in runs], axis=0)
            _warn(folding_sentences(target.name, motion_of(task), folded, test))

    def labels(self, folder: Path) -> None:
        """Write the reference masks that the settings name; warn of those that are unlike their target or too few."""
        targets = own_targets(self.sequence, self.settings)
        art.save_labels(folder, own_labels(self.sequence, self.settings, targets))
        _warn(doubtful_labels(targets, art.load_labels(folder), self.sequence))

    def score(
        self, folder: Path, task: Task, radii_mm: NDArray[np.float64], without_forecast: frozenset[int]
    ) -> list[tuple[str, Score]]:
        """Write the scores of all targets frame by frame, and return them over the test span, each with its method.

        Beside the oracle stands what the measured motion itself scores, and how perfect knowledge gates the beam.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method and horizon, whose masks have been made.
        radii_mm
            Radius of the forecast centroid of each target, shape (R, test frames, N).
        without_forecast
            Frames that not every method has a forecast of, as frames are missing before them.

        Returns
        -------
        list
            Nothing where there is no target.
        """
        if not self._targets:
            return []
        rows, frames = self._scored(task, radii_mm, without_forecast, task.horizon.frames)
        columns = ["run", "frame", "target", "against", *TARGET_FRAME_METRICS, "radius_mm", "inside", "beam_on"]
        write_table(folder / art.TARGET_SCORES_FILE, columns, frames)
        return rows

    def score_beside(
        self, task: Task, radii_mm: NDArray[np.float64], without_forecast: frozenset[int], horizon: int
    ) -> list[tuple[str, Score]]:
        """Return the scores of the oracle over the frames that the methods at a horizon are scored on.

        Parameters
        ----------
        task, radii_mm, without_forecast
            As `score` takes them.
        horizon
            In instants: a beam that is later than it counts in the frames whose forecast the methods act on.

        Returns
        -------
        list
            As of `score`.
        """
        return self._scored(task, radii_mm, without_forecast, horizon)[0]

    def _scored(
        self, task: Task, radii_mm: NDArray[np.float64], without_forecast: frozenset[int], horizon: int
    ) -> tuple[list[tuple[str, Score]], list[list[Cell]]]:
        """Return the scores of all targets, and rows of every frame, over the frames that count at a horizon."""
        rows: list[tuple[str, Score]] = []
        frames: list[list[Cell]] = []
        if not self._targets:
            return rows, frames
        stored = art.load_masks(self.store.path(task.key("target")))
        first, spacing_mm = self.sequence.split.test_frames.start, self.sequence.spacing_mm
        late = late_frames(self._latency, task.horizon.frames)
        for gated in self._gated(without_forecast, late_frames(self._latency, horizon)):
            reference = gated.reference
            place = self._targets.index(reference.target)
            known, masks = stored.known[place], stored.masks.part(place)
            scores = score_target(reference, masks, known, first, spacing_mm)
            on = gate_by_forecasts(
                gated,
                centroids_of(masks, spacing_mm),
                first,
                self.settings.score,
                acted_on=self._trusted(self._earlier(gated.reference.frames, late), task.horizon.frames),
                radius_mm=radii_mm[..., place] if task.horizon.frames else None,
            )
            own_radii = radii_mm[:, [t - first for t in reference.frames], place]
            frames += _per_frame(scores, gated, on, own_radii)
            correct = known[:, [t - first for t in reference.frames]].all(axis=1)
            own = [*summarise_target(scores, correct, self.sequence), *summarise_gating(gated, on, correct)]
            errors_mm = scores.values[correct][..., TARGET_FRAME_METRICS.index(CENTROID_METRIC)]
            own += summarise_centroid_bands(reference.region, reference.against, errors_mm, own_radii[correct])
            rows += [(task.method, row) for row in own]
            if task.method == ORACLE:
                rows += self._of_what_is_known(gated, self._measured_masks.part(place))
        return rows, frames

    def _of_what_is_known(self, gated: GatedReference, measured: MaskSeries) -> list[tuple[str, Score]]:
        """Return what the measured motion itself scores against labels, and how perfect knowledge gates the beam."""
        certain = np.ones(1, dtype=bool)
        rows = [(PERFECT, row) for row in summarise_gating(gated, gated.perfect, certain)]
        if gated.reference.against == LABELS:
            spacing_mm = self.sequence.spacing_mm
            scores = measured_score(gated.reference, measured.part(0), spacing_mm)
            on = gate_by_forecasts(
                gated, centroids_of(measured, spacing_mm), 0, self.settings.score, acted_on=gated.reference.frames
            )
            own = [*summarise_target(scores, certain, self.sequence), *summarise_gating(gated, on, certain)]
            rows += [(MEASURED, row) for row in own]
        return rows

    def _facts(self, target: Target) -> list[str]:
        facts = [f"{int(target.mask.sum())} pixels in frame {target.frame}", *target.said]
        if target.frame == self.reference:
            registration = "motion is measured from this frame"
        else:
            registration = registered(target, self.sequence.frames, self.reference, self._dvf())
        return [*facts, registration, self._motion(target)]

    def _motion(self, target: Target) -> str:
        """Return how far the measured motion carries a target in the train span."""
        followed = self._measured_masks.part(self._targets.index(target), 0)
        return f"moves by up to {farthest_mm(target, followed, self.sequence):.1f} mm in the train span"

    @cached_property
    def _targets(self) -> tuple[Target, ...]:
        if not self.settings.target.files:
            return ()
        return art.load_targets(self.store.path(art.MEASURED_TARGET))

    @cached_property
    def propagators(self) -> tuple[MaskPropagator, ...]:
        """What carries each target along a DVF."""
        dvf = self._dvf()
        return tuple(propagator_of(target, self.reference, dvf) for target in self._targets)

    @cached_property
    def _measured_masks(self) -> Any:
        return art.load_masks(self.store.path(art.MEASURED_TARGET)).masks

    def _references(self, without_forecast: frozenset[int]) -> Iterator[TargetReference]:
        """Yield the measured masks of each target, then its labels where there are any."""
        unscored = self.held | without_forecast
        # The targets' own frames lie in the train span.
        test = tuple(t for t in self.sequence.split.test_frames if t not in unscored)
        for place, target in enumerate(self._targets):
            yield TargetReference(target, MEASURED, self._measured_masks.part(place, 0), test)
            if target.name in self._labels:
                masks, labelled = self._labels[target.name]
                yield TargetReference(target, LABELS, masks, tuple(t for t in test if labelled[t]))

    def _gated(self, without_forecast: frozenset[int], late: int) -> tuple[GatedReference, ...]:
        """Return all references with their plans.

        Frames that a late beam has no forecast of do not count for any method at the horizon.
        """
        # Where no frame is missing, all methods and horizons have the same.
        key = without_forecast, late if without_forecast else 0
        if key not in self._known_gated:
            self._known_gated[key] = tuple(
                self._gated_reference(each, late, without_forecast) for each in self._references(without_forecast)
            )
        return self._known_gated[key]

    def _gated_reference(
        self, reference: TargetReference, late: int, without_forecast: frozenset[int]
    ) -> GatedReference:
        begin = self.sequence.split.test_frames.start + self._latency
        counted = [t for t in reference.frames if t >= begin]
        if without_forecast:
            earlier = self._earlier(reference.frames, late)
            first = self.sequence.split.test_frames.start
            acted_on = dict(zip(reference.frames, earlier, strict=True))
            counted = [t for t in counted if acted_on[t] >= first and acted_on[t] not in without_forecast]
        return gated_reference(reference, counted, self.sequence.spacing_mm, self.settings.score.margin_mm)

    def _earlier(self, frames: Iterable[int], late: int) -> tuple[int, ...]:
        """Return the frame so many periods before each frame, pauses counted; -1 where none lies there."""
        periods = self.sequence.periods_before_frames
        frame_at = {int(period): t for t, period in enumerate(periods) if period != NONE}
        return tuple(frame_at.get(int(periods[t]) - late, NONE) if periods[t] != NONE else NONE for t in frames)

    def _trusted(self, acted_on: tuple[int, ...], horizon: int) -> tuple[int, ...]:
        """Return the frames whose forecast a beam acts on; -1 where it was issued at a faulty frame: it is off then."""
        if not horizon:
            return acted_on
        issued = self.sequence.instants.issued(horizon)
        return tuple(t if t >= 0 and issued[t] not in self.held else NONE for t in acted_on)

    @cached_property
    def _known_gated(self) -> dict[tuple[frozenset[int], int], tuple[GatedReference, ...]]:
        return {}

    @cached_property
    def _labels(self) -> Mapping[str, Any]:
        return art.load_labels(self.store.path(art.LABELS)) if self.settings.score.labels else {}

    @property
    def _latency(self) -> int:
        return latency_frames(self.settings.score.latency_s, self.sequence.frame_period_s)

    def _dvf(self) -> NDArray[Any]:
        return art.load_array(self.store.path(art.FLOW, "dvf.npy"))


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        _LOG.warning("%s", sentence)


def _per_frame(
    scores: TargetScores, gated: GatedReference, on: NDArray[np.bool_], radii_mm: NDArray[np.float64]
) -> list[list[Cell]]:
    """Return a row for each run and frame; what gating does not count has empty cells."""
    reference, counted, inside = scores.reference, gated.counted, gated.perfect[0]
    return [
        [
            *(run, t, reference.target.name, reference.against, *scores.values[run, i].tolist()),
            float(radii_mm[run, i]),
            int(inside[i]) if counted[i] else None,
            int(on[run, i]) if counted[i] or gated.absent[i] else None,
        ]
        for run in range(len(on))
        for i, t in enumerate(reference.frames)
    ]
