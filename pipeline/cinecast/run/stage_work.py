"""The work of each stage on a run folder: load its inputs, call the stage's function, write its artifact."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.reference import reference_index
from cinecast.forecast import forecast_weights
from cinecast.forecast.modes import fitted_modes
from cinecast.landmarks.finding import find_landmarks
from cinecast.landmarks.landmarks import Landmarks
from cinecast.landmarks.summary import summarise_landmarks
from cinecast.motion import fit_train_span
from cinecast.motion.drift import ForecastMotion, drift_shape, each_drift
from cinecast.motion.held import held_frames, hold
from cinecast.references import MEASURED, ORACLE
from cinecast.report.data import ReportData
from cinecast.run.faults import warn_of_brightness, warn_of_clipping, warn_of_faults, warn_of_flow
from cinecast.run.gathering import HORIZON_COLUMN, combined_scores, whole_run
from cinecast.run.given_places import warn_of_given_places
from cinecast.run.motion_models import FittedMotion, fitted_motion
from cinecast.run.own_dvf import CAUSALITY_UNKNOWN, own_dvf
from cinecast.run.own_landmarks import own_landmarks
from cinecast.run.plan import Plan
from cinecast.run.side_by_side import side_by_side
from cinecast.run.step import Task
from cinecast.run.target_work import TargetWork
from cinecast.score.band_scores import conditions_of, summarise_bands, weight_bands
from cinecast.score.bands import BAND_METRICS
from cinecast.score.frame_scores import FRAME_METRICS, FrameScores, score_frames, summarise_frames
from cinecast.score.landmark_scores import measured_differences, per_frame_errors, summarise_errors
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS
from cinecast.score.point_bands import LANDMARK_BAND_METRICS, landmark_coverage, summarise_landmark_bands
from cinecast.score.regions import masks_of
from cinecast.score.scoring import SCORE_COLUMNS, Score, Truth, grey_range_of_test_span, score_series
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.tables import Cell, table_text, write_table
from cinecast.warp import PushForward, black_of
from cinecast_models import Bands, Conditions

_LOG = logging.getLogger(__name__)

Advance = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Work:
    """What every stage works with."""

    store: RunFolder
    sequence: Sequence
    settings: Settings
    workers: int

    def flow(self, folder: Path, advance: Advance) -> None:
        """Write the DVF of every frame against the reference frame, ``dvf.npy``; warn of what it cannot be right for.

        How much of each frame it does not explain is written beside it, ``unexplained_shares.json``.
        Warnings name frames that are faulty, cut off at their brightest or not explained, and say that brightness
        flickers.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        advance
            Called for each frame.
        """
        # Compiled, and not needed where the DVFs are up to date.
        from cinecast.flow import estimate_flow
        from cinecast.flow.unexplained import unexplained_shares

        self._say_of_frames()
        frames, settings = self.sequence.frames, self.settings.flow

        def counted(fields: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
            for field in fields:
                advance()
                yield field

        with ThreadPoolExecutor(self.workers) as pool:
            if settings.dvf:
                fields: Iterable[NDArray[np.float32]] = own_dvf(self.sequence, self.settings)
            else:
                fields = estimate_flow(frames, settings, apply=side_by_side(pool, self.workers))
            held = hold(counted(fields), self._held)
            art.save_dvf(folder, held, (len(frames), *frames.shape[1:]))
            measured, reference = art.load_array(folder / "dvf.npy"), frames[reference_index(settings)]
            shares = unexplained_shares(reference, frames, measured, apply=side_by_side(pool, self.workers))
        art.save_unexplained(folder, shares)
        warn_of_flow(folder, self.sequence, settings)

    def say_of_kept_flow(self) -> None:
        """Say again what was said when the flow was made, which is kept; it must have been made."""
        self._say_of_frames()
        warn_of_flow(self.store.path(art.FLOW), self.sequence, self.settings.flow)

    def _say_of_frames(self) -> None:
        """Say what is known of a flow by its frames and settings alone."""
        sequence, settings = self.sequence, self.settings.flow
        warn_of_faults(sequence, settings)
        warn_of_brightness(sequence, settings)
        warn_of_clipping(sequence)
        if settings.dvf:
            _LOG.warning("%s: DVFs of your own are taken, so %s", sequence.name, CAUSALITY_UNKNOWN)

    def motion(self, folder: Path, train_end: int) -> None:
        """Fit the motion model to the train span, project every frame on it, and write both.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        train_end
            Number of frames that the model is fitted to, the first ones.
        """
        dvf, frames, settings = self._dvf(), self.sequence.frames, self.settings
        model = fit_train_span(frames[:train_end], dvf[:train_end], settings, fitted_modes(settings), self._held)
        art.save_motion(folder, model, model.project(dvf), self.sequence.times_s)

    def drifts(self, folder: Path, train_end: int) -> None:
        """Write the drifts of the mean of a motion model, ``drifts.npy``.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        train_end
            Number of frames that the model was fitted to; it must have been made.
        """
        fitted = fitted_motion(self.store, train_end)
        dvf = self._dvf()
        art.save_drifts(folder, each_drift(dvf, fitted.model, fitted.weights, self._held), drift_shape(dvf))

    def forecast(self, folder: Path, task: Task) -> None:
        """Write the weights that one method forecasts at one horizon, ``weights.csv`` and ``step_times.csv``.

        A warning says how many random runs diverged.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method, horizon and settings; its motion model must have been made.
        """
        result = forecast_weights(
            self._fitted(task).weights[:, : task.modes],
            method=task.method,
            horizon=task.horizon.frames,
            train_end=task.train_end,
            settings=self.settings.forecast,
            instants=self.sequence.instants,
            own=task.own,
            held=self._held,
        )
        art.save_forecast(folder, result.forecasts, result.step_time_ms, self.sequence.times_s)
        # A run may also diverge after its last forecast of a frame of this sequence.
        newest = np.flatnonzero(np.isfinite(result.forecasts).all(axis=2).any(axis=0))[-1:]
        lost = int(np.isnan(result.forecasts[:, newest]).any(axis=(1, 2)).sum())
        if lost:
            _LOG.warning(
                "%d of %d random runs of %s diverged at a horizon of %d frames; the scores are those of the others",
                lost,
                len(result.forecasts),
                task.method,
                task.horizon.frames,
            )

    def landmarks(self, folder: Path) -> None:
        """Write landmarks and their tracks, ``landmarks.csv`` and ``tracks.csv``: the user's own, or what is found.

        How many there are is logged, as a warning where there is none.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        """
        sequence, settings = self.sequence, self.settings
        train_end = sequence.split.train_end
        if settings.landmarks.file:
            landmarks = own_landmarks(sequence, settings)
        else:
            reference, own = reference_index(settings.flow), settings.landmarks
            with ThreadPoolExecutor(self.workers) as pool:
                apply = side_by_side(pool, self.workers)
                landmarks = find_landmarks(
                    sequence.frames, sequence.spacing_mm, reference, train_end, own, apply=apply, faulty=self._held
                )
        summary = summarise_landmarks(landmarks, sequence.spacing_mm, train_end)
        art.save_landmarks(folder, landmarks, summary, sequence.times_s)
        _LOG.log(logging.INFO if landmarks.names else logging.WARNING, "%s: %s", sequence.name, summary.sentence)

    def target(self, folder: Path, task: Task | None) -> None:
        """Write the masks of all targets along the measured motion, or along one method's forecasts at one horizon.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method and horizon, of which motion model and forecast must have been made; None for the measured motion.
        """
        if task is None:
            return self.targets.measured(folder)
        forecasts = self._forecasts(task)
        followed = forecasts[: self._image_runs(forecasts)]
        return self.targets.forecast(folder, task, self._motion(task), followed)

    def labels(self, folder: Path) -> None:
        """Write the reference masks of the targets, which the scores alone look at, ``labels.npz``."""
        self.targets.labels(folder)

    def score(self, folder: Path, task: Task) -> None:
        """Write the scores of one method at one horizon: in all, frame by frame, and the bands of its weights.

        Beside the oracle stands what the measured motion itself scores at the landmarks. Where frames are missing, each
        horizon has rows of its own there: of the frames that the methods at it are scored on.

        Parameters
        ----------
        folder
            An existing folder, given by `RunFolder.commit`.
        task
            Method and horizon, of which all stages before must have been made.
        """
        if task.method == ORACLE:
            warn_of_given_places(self.store, self.sequence, self.settings)
        truth = self._truth(task)
        forecasts = self._forecasts(task)
        level = self.settings.score.level
        # Warped here and now, and not kept: the forecast says them to the bit (`cinecast.run.predicted`).
        warp = PushForward(self.sequence.frames[reference_index(self.settings.flow)], self.settings.warp)
        warped = forecasts[: self._image_runs(forecasts)]
        known = conditions_of(truth, forecasts) if truth.motion.horizon else None  # the oracle forecasts nothing
        own = None if known is None else Conditions(*(each[: len(warped)] for each in known))
        scores = score_frames(truth, warped, lambda run, t, dvf: warp.grey_values(dvf), level=level, conditions=own)
        step_times = art.load_step_times(self.store.path(task.key("forecast")))
        bands = weight_bands(truth, forecasts, level=level, conditions=known)
        made = _Made(forecasts, step_times, scores, bands)
        of_targets = self.targets.score(folder, task, scores.target_radii, truth.without_forecast)
        heads = [*([HORIZON_COLUMN] if task.beside else []), "method", *Score._fields]
        table: list[list[Cell]] = []
        if not task.beside:
            table.extend([*row] for row in self._summary(task, truth, made, of_targets))
        for horizon, history in task.beside:
            there = replace(truth, without_forecast=self._without_forecast(horizon, history))
            of_targets = self.targets.score_beside(task, scores.target_radii, there.without_forecast, horizon)
            table += [[horizon, *row] for row in self._summary(task, there, made, of_targets)]
        write_table(folder / "scores.csv", heads, table)
        columns = ["run", "frame", "region", *FRAME_METRICS, *BAND_METRICS, LANDMARK_METRIC, *LANDMARK_BAND_METRICS]
        write_table(folder / "per_frame.csv", columns, _per_frame(truth, scores))
        art.save_bands(folder, bands, self.sequence.times_s)
        names = truth.landmarks.names if truth.landmarks else ()
        art.save_landmark_radii(folder, names, scores.landmark_radii, truth.test_frames, self.sequence.times_s)

    def _summary(
        self, task: Task, truth: Truth, made: _Made, of_targets: list[tuple[str, Score]]
    ) -> list[tuple[str | float | int, ...]]:
        """Return the rows of a task over the frames that ``truth`` has scored, each with its method."""
        # All methods are compared by the modes that were asked for: one that forecasts fewer has the others at their
        # mean, which is 0, as its DVFs have.
        asked = slice(self.settings.motion.modes)
        compared = replace(truth, weights=truth.weights[:, asked])
        whole = replace(truth, weights=self._fitted(task).weights[:, asked])
        forecasts = made.forecasts[..., asked]
        forecasts = np.pad(forecasts, ((0, 0), (0, 0), (0, whole.weights.shape[1] - forecasts.shape[2])))
        scores, bands = made.scores, made.bands
        rows = [*summarise_errors(truth, scores.landmarks), *summarise_frames(truth, scores.errors)]
        rows += summarise_landmark_bands(truth, scores.landmarks, scores.landmark_radii)
        rows += score_series(whole, forecasts, made.step_times)
        rows += summarise_bands(compared, scores.bands, Bands(bands.low[..., asked], bands.high[..., asked]))
        measured = summarise_errors(truth, measured_differences(truth)) if task.method == ORACLE else []
        table = [(MEASURED, *row) for row in measured] + [(task.method, *row) for row in rows]
        return [*table, *((method, *row) for method, row in of_targets)]

    def combine_scores(self, plan: Plan) -> list[dict[str, str]]:
        """Write and return the table of all methods and horizons."""
        scores = combined_scores(self.store, self.sequence.name, self.settings, plan)
        rows = [tuple(score.values()) for score in scores]
        self.store.write_file(art.SCORES_FILE, table_text(SCORE_COLUMNS, rows).encode())
        return scores

    def report_data(self, plan: Plan, scores: list[dict[str, str]]) -> ReportData:
        """Gather what the report is drawn from, out of a run in which all stages before have been made.

        Parameters
        ----------
        plan
            All steps of the run.
        scores
            Rows of the table of scores, from `combine_scores`.

        Returns
        -------
        ReportData
            Its DVFs are memory-mapped files of the run.
        """
        return whole_run(self.store, self.sequence, self.settings, plan).report_data(scores)

    def _truth(self, task: Task) -> Truth:
        fitted = self._fitted(task)
        weights = fitted.weights[:, : task.modes]
        motion = self._motion(task)
        return Truth(
            self.sequence,
            self._dvf(),
            motion,
            weights,
            self._data_range,
            self._held,
            masks=self._masks,
            landmarks=self._landmarks,
            targets=self.targets.propagators,
            without_forecast=self._without_forecast(task.horizon.frames, task.compared_history),
            black=black_of(self.sequence.frames[reference_index(self.settings.flow)], self.settings.warp),
            train_end=task.train_end,
        )

    @cached_property
    def targets(self) -> TargetWork:
        """The same of targets."""
        reference = reference_index(self.settings.flow)
        return TargetWork(self.store, self.sequence, self.settings, reference, self._held)

    @cached_property
    def _data_range(self) -> float:
        return self.settings.score.ssim_data_range or grey_range_of_test_span(self.sequence, self._held)

    @cached_property
    def _masks(self) -> dict[str, NDArray[np.bool_]]:
        return masks_of(self.sequence, reference_index(self.settings.flow), self._held)

    @cached_property
    def _landmarks(self) -> Landmarks:
        return art.load_landmarks(self.store.path(art.LANDMARKS), len(self.sequence.frames))

    @property
    def _held(self) -> frozenset[int]:
        return held_frames(self.sequence.faults, self.settings.flow)

    def _fitted(self, task: Task) -> FittedMotion:
        return fitted_motion(self.store, task.train_end)

    def _motion(self, task: Task) -> ForecastMotion:
        return self._fitted(task).forecast_motion(task, self.sequence.instants)

    def _without_forecast(self, horizon: int, history: int) -> frozenset[int]:
        """Return the frames that not every method has a forecast of, as frames are missing before them."""
        scored = self.sequence.instants.scored(horizon, history)
        return frozenset(np.flatnonzero(~scored).tolist())

    def _dvf(self) -> NDArray[Any]:
        return art.load_array(self.store.path(art.FLOW, "dvf.npy"))

    def _forecasts(self, task: Task) -> NDArray[np.float64]:
        return art.load_forecast(self.store.path(task.key("forecast")), len(self.sequence.frames))

    def _image_runs(self, forecasts: NDArray[np.float64]) -> int:
        return min(len(forecasts), self.settings.warp.image_runs)


class _Made(NamedTuple):
    """Forecasts (R, T, K) with their times per step, and what was found of them frame by frame."""

    forecasts: NDArray[np.float64]
    step_times: NDArray[np.float64]
    scores: FrameScores
    bands: Bands


def _per_frame(truth: Truth, scores: FrameScores) -> Iterator[list[Cell]]:
    """Yield a row for each run, frame and region, the landmarks as the last where there are any."""
    regions, errors = list(truth.regions), per_frame_errors(scores.landmarks)
    covered = landmark_coverage(scores.landmarks, scores.landmark_radii)
    numbers = np.concatenate([scores.errors, scores.bands], axis=-1)
    for run, i in np.ndindex(numbers.shape[:2]):
        start: list[Cell] = [run, truth.test_frames[i]]
        for region, own in zip(regions, numbers[run, i].tolist(), strict=True):
            yield [*start, region, *own, None, *[None] * covered.shape[-1]]
        if scores.landmarks.size:
            yield [*start, LANDMARKS, *[None] * numbers.shape[-1], float(errors[run, i]), *covered[run, i].tolist()]
