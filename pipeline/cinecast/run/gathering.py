"""Gather what a report is drawn from out of a run folder; what is missing or damaged is left out and named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.pyramid import pyramid_levels
from cinecast.flow.reference import reference_index
from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion.held import held_frames
from cinecast.references import MEASURED, ORACLE, PERFECT
from cinecast.report.data import ReportBands, ReportData, ReportEntry, ReportFlow, ReportModel, ReportWarning
from cinecast.run.faults import flow_warnings, unexplained_in
from cinecast.run.folding_targets import said_of_folding
from cinecast.run.given_places import given_place_doubts, target_doubts
from cinecast.run.motion_models import fitted_motion
from cinecast.run.plan import Plan
from cinecast.run.stage_steps import drift_followed
from cinecast.run.step import Task
from cinecast.run.target_gathering import TargetGathering
from cinecast.score.bands import BAND_METRICS
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS
from cinecast.score.point_bands import LANDMARK_BAND_METRICS
from cinecast.score.regions import region_names
from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.settings.causality import protocol_of_method
from cinecast.settings.flow_settings import OWN_FLOW
from cinecast.settings.toml_file import settings_text
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.tables import numbers_of, read_columns, read_table
from cinecast_models import METHODS

# Of the oracle's scores where frames are missing: those of each horizon are of other frames.
HORIZON_COLUMN = "horizon_frames"


def protocol_of(task: Task, settings: Settings) -> str:
    """Return the protocol that a task's rows carry in tables.

    Parameters
    ----------
    task
        A method at a horizon.
    settings
        Settings of the run.

    Returns
    -------
    str
        As `cinecast.settings.causality.protocol_of_method` has it.
    """
    return protocol_of_method(task.method, settings)


def combined_scores(
    store: RunFolder, name: str, settings: Settings, plan: Plan, usable: Collection[str] | None = None
) -> list[dict[str, str]]:
    """Return the table of scores of all methods and horizons; the oracle and what is measured stand at every horizon.

    Parameters
    ----------
    store
        The run folder.
    name
        Name of the sequence.
    settings, plan
        Settings and steps of the run.
    usable
        Keys of the artifacts that may be read; None for all.

    Returns
    -------
    list[dict[str, str]]
        One row per method, horizon, region, ruler and metric, in the order of the plan. Its keys are `SCORE_COLUMNS`;
        numbers are text that reads back to the same bits.
    """
    rows = []
    for task in plan.tasks:
        if usable is not None and task.key("score") not in usable:
            continue
        table = read_table(store.path(task.key("score"), "scores.csv"))
        horizons = plan.horizons if task.method == ORACLE else (task.horizon,)
        rows += [
            (name, *_identity(task, row.pop("method"), settings), str(h.frames), repr(h.seconds), *row.values())
            for h in horizons
            for row in map(dict, table)
            if row.pop(HORIZON_COLUMN, str(h.frames)) == str(h.frames)
        ]
    return [dict(zip(SCORE_COLUMNS, row, strict=True)) for row in rows]


def _identity(task: Task, method: str, settings: Settings) -> tuple[str, str]:
    """Return method and protocol of a row: the measured motion and perfect knowledge are scored beside the oracle."""
    return method, method if method in (MEASURED, PERFECT) else protocol_of(task, settings)


@dataclass(frozen=True, eq=False)
class Gathering:
    """One run to draw a report of.

    Parameters
    ----------
    store, sequence, settings, plan
        The run folder, and what it is a run of.
    usable
        Keys of the artifacts that are drawn; all others are left alone.
    missing
        Sentences on what is left out.
    """

    store: RunFolder
    sequence: Sequence
    settings: Settings
    plan: Plan
    usable: Collection[str]
    missing: tuple[str, ...] = ()

    def report_data(self, scores: list[dict[str, str]]) -> ReportData:
        """Gather all of it; ``scores`` are the rows of the table of scores."""
        records = {key: self.store.record(key) for key in [art.FRAMES, *self.usable]}
        return ReportData(
            sequence=self.sequence,
            flows=(self._flow(),),
            models=tuple(self._model(end) for end in self._train_ends),
            entries=tuple(self._entry(task) for task in self.plan.tasks if self._can_show(task)),
            scores=scores,
            settings_text=settings_text(self.settings),
            seconds={key: record["seconds"] for key, record in records.items() if record},
            versions=versions_of(records),
            landmarks=self._landmarks(),
            max_frames=self.settings.report.max_frames,
            missing=self.missing,
            warnings=self._warnings(),
            targets=self._targets.targets(),
            gate=self._targets.gate(),
        )

    @cached_property
    def _targets(self) -> TargetGathering:
        reference = reference_index(self.settings.flow)
        return TargetGathering(self.store, self.sequence, self.settings, self.usable, reference)

    @cached_property
    def _train_ends(self) -> tuple[int, ...]:
        ends = dict.fromkeys(task.train_end for task in self.plan.tasks)
        return tuple(end for end in ends if art.motion_key(end) in self.usable)

    def _can_show(self, task: Task) -> bool:
        drift = not task.follows_drift or art.drift_key(task.train_end) in self.usable
        return drift and task.train_end in self._train_ends and task.key("forecast") in self.usable

    def _flow(self) -> ReportFlow:
        span, flow = self.sequence.split.test_frames, self.settings.flow
        reference, moved = reference_index(flow), flow.takes_brightness_for_motion
        if art.FLOW not in self.usable:
            return ReportFlow(reference, None, takes_brightness_for_motion=moved, held=self._held)
        dvf = art.load_array(self.store.path(art.FLOW, "dvf.npy"))
        own = flow.estimator == OWN_FLOW and not flow.dvf
        levels = pyramid_levels(self.sequence.frames.shape[1:], flow) if own else None
        return ReportFlow(
            reference, dvf[span.start : span.stop], dvf, moved, self._held, self._unexplained, levels=levels
        )

    @cached_property
    def _unexplained(self) -> tuple[int, ...]:
        if art.FLOW not in self.usable:
            return ()
        return unexplained_in(self.store.path(art.FLOW), self.sequence, self.settings.flow)

    def _warnings(self) -> tuple[ReportWarning, ...]:
        """Return what was said of the source when it was read, and what is to be known of its motion."""
        read = art.load_warnings(self.store.path(art.FRAMES)) or ()
        of_flow = flow_warnings(self.sequence, self.settings.flow, self._unexplained)
        run = self.store, self.sequence, self.settings, self.usable
        folding = said_of_folding(self.store, self.plan.tasks, self.usable)
        given = [*target_doubts(*run), *folding, *given_place_doubts(*run)]
        return (*map(ReportWarning, [*read, *given]), *(ReportWarning(*said) for said in of_flow))

    @cached_property
    def _held(self) -> frozenset[int]:
        return held_frames(self.sequence.faults, self.settings.flow)

    def _reliability(self, train_end: int) -> NDArray[np.float32] | None:
        """Return what the pixel weights of a motion model were made from; None without weights or without the flow."""
        if fitted_motion(self.store, train_end).model.pixel_weights is None or art.FLOW not in self.usable:
            return None
        from cinecast.flow.reliability import static_reliability  # compiled

        dvf = art.load_array(self.store.path(art.FLOW, "dvf.npy"))[:train_end]
        reference = reference_index(self.settings.flow)
        return static_reliability(self.sequence.frames[:train_end], dvf, reference, self._held)

    def _landmarks(self) -> Landmarks | None:
        if art.LANDMARKS not in self.usable:
            return None
        return art.load_landmarks(self.store.path(art.LANDMARKS), len(self.sequence.frames))

    def _model(self, train_end: int) -> ReportModel:
        fitted = fitted_motion(self.store, train_end)
        model, weights = fitted.model, fitted.weights
        follows = drift_followed(self.plan.tasks, train_end) and art.drift_key(train_end) in self.usable
        shown = fitted.drifts() if follows else None
        shares, reliability = model.explained_variance, self._reliability(train_end)
        return ReportModel(0, train_end, model.mean, model.modes, shares, weights, shown, reliability)

    def _entry(self, task: Task) -> ReportEntry:
        scored = task.key("score") in self.usable
        table = read_columns(self.store.path(task.key("score"), "per_frame.csv")) if scored else {}
        return ReportEntry(
            method=task.method,
            title="Oracle (measured weights)" if task.method == ORACLE else METHODS[task.method].title,
            protocol=protocol_of(task, self.settings),
            horizon=task.horizon,
            model=self._train_ends.index(task.train_end),
            forecasts=self._forecasts(task),
            warp=self.settings.warp,
            regions=region_names(self.sequence),
            frame_scores=self._per_frame(table, FRAME_METRICS) if scored else None,
            landmark_errors=self._at_landmarks(table) if scored else None,
            bands=self._bands(task, table) if scored and task.method != ORACLE else None,
            follows_drift=task.follows_drift,
            targets=self._targets.of_entry(task),
            last_scored=self._last_scored(task),
            beside={frames: self._scored(frames, history) for frames, history in task.beside},
        )

    def _scored(self, horizon: int, history: int) -> NDArray[np.bool_]:
        """Return which test frames every method has a forecast of, gaps alone considered."""
        test = self.sequence.split.test_frames
        return self.sequence.instants.scored(horizon, history)[test.start : test.stop]

    def _last_scored(self, task: Task) -> int:
        scored, test = self._scored(task.horizon.frames, task.compared_history), self.sequence.split.test_frames
        # An unfinished run may have none.
        return max((place for place, t in enumerate(test) if scored[place] and t not in self._held), default=-1)

    def _forecasts(self, task: Task) -> NDArray[np.float64]:
        """Return the forecasts of all modes; those that a method leaves out at their mean, which is 0."""
        forecasts = art.load_forecast(self.store.path(task.key("forecast")), len(self.sequence.frames))
        padded = np.pad(forecasts, ((0, 0), (0, 0), (0, self._modes(task) - forecasts.shape[2])))
        padded[np.isnan(forecasts).any(axis=2)] = np.nan  # also of left out modes: there is no forecast
        return padded

    def _modes(self, task: Task) -> int:
        return len(fitted_motion(self.store, task.train_end).model.modes)

    def _per_frame(self, table: Mapping[str, list[str]], metrics: tuple[str, ...]) -> NDArray[np.float64]:
        regions = region_names(self.sequence)
        chosen = [region in regions for region in table["region"]]
        numbers = [_numbers(compress(table[metric], chosen)) for metric in metrics]
        shape = (-1, len(self.sequence.split.test_frames), len(regions), len(metrics))
        return np.stack(numbers, axis=-1).reshape(shape)

    def _at_landmarks(self, table: Mapping[str, list[str]]) -> NDArray[np.float64] | None:
        errors = _numbers(compress(table[LANDMARK_METRIC], [region == LANDMARKS for region in table["region"]]))
        return errors.reshape(-1, len(self.sequence.split.test_frames)) if len(errors) else None

    def _bands(self, task: Task, table: Mapping[str, list[str]]) -> ReportBands:
        forecasts = art.load_forecast(self.store.path(task.key("forecast")), len(self.sequence.frames))
        runs, frames, modes = forecasts.shape
        bands = art.load_bands(self.store.path(task.key("score")), (runs, frames, modes))
        left_out = self._modes(task) - modes
        radius = np.pad((bands.high - bands.low) / 2, ((0, 0), (0, 0), (0, left_out)), constant_values=np.nan)
        pixels, landmarks = self._per_frame(table, BAND_METRICS), self._landmark_bands(table)
        return ReportBands(self.settings.score.level, pixels, radius, landmarks)

    def _landmark_bands(self, table: Mapping[str, list[str]]) -> NDArray[np.float64] | None:
        """Return share inside and mean radius of the landmarks; None where none was followed."""
        chosen = [region == LANDMARKS for region in table["region"]]
        if not any(chosen):
            return None
        numbers = [_numbers(compress(table[metric], chosen)) for metric in LANDMARK_BAND_METRICS]
        return np.stack(numbers, axis=-1).reshape(-1, len(self.sequence.split.test_frames), len(numbers))


def _numbers(cells: Iterable[str]) -> NDArray[np.float64]:
    return np.array(numbers_of(cells), dtype=np.float64)


def versions_of(records: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the version of the program and of each library, and which stages had which where they differ.

    Parameters
    ----------
    records
        The record of each artifact by its key, in the order of the stages.
    """
    stages: dict[str, dict[str, list[str]]] = {}
    for key, record in records.items():
        for name, version in record.get("versions", {}).items():
            with_it = stages.setdefault(name, {}).setdefault(version, [])
            if (stage := key.split("/")[0]) not in with_it:
                with_it.append(stage)
    return {name: _versions_text(by_version) for name, by_version in stages.items()}


def _versions_text(by_version: Mapping[str, list[str]]) -> str:
    if len(by_version) == 1:
        return next(iter(by_version))
    return "; ".join(f"{version} ({', '.join(stages)})" for version, stages in by_version.items())


def whole_run(store: RunFolder, sequence: Sequence, settings: Settings, plan: Plan) -> Gathering:
    """Return a run to draw a report of, in which everything before the report has been made.

    Parameters
    ----------
    store
        The run folder.
    sequence
        Its sequence.
    settings, plan
        Settings and steps of the run.

    Returns
    -------
    Gathering
        All artifacts are usable, none is missing; the folder is not looked at.
    """
    keys = [step.key for stage, steps in plan.stages.items() if stage != "report" for step in steps]
    return Gathering(store, sequence, settings, plan, keys)
