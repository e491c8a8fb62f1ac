"""Which method, horizon, run and frame a figure shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.flow.unexplained import UnexplainedShare
from cinecast.flow.unexplained_limit import unexplained_limit
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.report.data import ReportData, ReportEntry, ReportModel
from cinecast.report.headline import headlines
from cinecast.report.random_runs import mean_over_runs
from cinecast.report.score_table import score_rows
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS, MAIN_METRIC, main_metric, main_region, metric_in
from cinecast.warp.predicted import PredictedFrames
from cinecast_models.errors import spelling_hint


@dataclass(frozen=True)
class FigureChoice:
    """What to draw.

    Parameters
    ----------
    method
        Name of the method; None for the best forecaster at the horizon.
    horizon_frames
        Horizon in frames; None for the shortest of the run.
    run
        Random run, 0-based; None for the first.
    frame
        Index of a test frame; None for that of the largest motion which the flow explains.
    region
        A region of the scores, such as ``image`` or ``roi``; None for the landmarks where there are some, else the ROI.
    """

    method: str | None = None
    horizon_frames: int | None = None
    run: int | None = None
    frame: int | None = None
    region: str | None = None


@dataclass(frozen=True, eq=False)
class Shown:
    """One forecast that a figure shows."""

    data: ReportData
    entry: ReportEntry
    run: int

    @property
    def model(self) -> ReportModel:
        """The motion model that the method forecasts."""
        return self.data.models[self.entry.model]

    @property
    def motion(self) -> ForecastMotion:
        """What turns its forecast weights into DVFs."""
        model, entry = self.model, self.entry
        basis = MotionModel(model.mean, model.modes, model.explained_variance)
        instants, horizon = self.data.sequence.instants, entry.horizon.frames
        issued = None if instants.regular else instants.issued(horizon)
        return ForecastMotion(basis, horizon, model.drifts if entry.follows_drift else None, issued)

    def lacks(self, frame: int) -> bool:
        """Return whether no run has a forecast of a frame, as frames are missing before it."""
        regular = self.data.sequence.instants.regular
        return not regular and not np.isfinite(self.entry.forecasts[:, frame]).all(axis=1).any()

    def predicted(self, frame: int) -> NDArray[np.generic]:
        """Return the frame that the warp stage predicts.

        Raises
        ------
        ReportError
            If the run has no forecast for the frame.
        """
        weights = self.entry.forecasts[self.run, frame]
        if not np.isfinite(weights).all():
            raise ReportError(
                f"the run drawn must have a forecast for frame {frame}, got none for run {self.run} of "
                f"{self.entry.method}, which diverged or misses frames before it; choose another --frame, --run or "
                "--method"
            )
        sequence, forecasts = self.data.sequence, self.entry.forecasts[self.run]
        reference = sequence.frames[self.data.flows[self.model.flow].reference]
        return PredictedFrames(reference, self.motion, forecasts, sequence.split.test_frames, self.entry.warp).frame(
            frame
        )


def show(data: ReportData, choice: FigureChoice) -> Shown:
    """Return the forecast that is chosen.

    Parameters
    ----------
    data
        What the run, or the runs compared, measured.
    choice
        Method, horizon in frames and random run; where None, the best forecaster at the shortest horizon, run 0.

    Returns
    -------
    Shown
        The forecast with the run that is drawn.

    Raises
    ------
    ReportError
        If the run holds no such forecast.
    """
    if not data.entries:
        raise ReportError("the figure needs a forecast, got a run without any; run 'cinecast run' to the end")
    horizon = choice.horizon_frames if choice.horizon_frames is not None else _shortest(data)
    at_horizon = [entry for entry in data.entries if entry.horizon.frames in (horizon, 0)]
    if not any(entry.horizon.frames == horizon for entry in at_horizon):
        known = sorted({entry.horizon.frames for entry in data.entries} - {0})
        raise ReportError(
            f"--horizon must be one of {', '.join(map(str, known))} frames, got {horizon}; choose one of these, or add "
            "it with 'cinecast run'"
        )
    method = choice.method or _best(data, at_horizon, horizon)
    entry = next((entry for entry in at_horizon if entry.method == method), None)
    if entry is None:
        known_methods = dict.fromkeys(entry.method for entry in at_horizon)
        hint = spelling_hint(method, known_methods)
        raise ReportError(f"--method must be one of {', '.join(known_methods)}, got {method!r}; {hint}")
    run = choice.run or 0
    if not 0 <= run < len(entry.forecasts):
        raise ReportError(f"--run must be 0 to {len(entry.forecasts) - 1} for {method}, got {run}; choose one of these")
    return Shown(data, entry, run)


def frame_of(shown: Shown, choice: FigureChoice) -> int:
    """Return the chosen test frame, by default the one with a forecast whose weights lie furthest from their mean.

    Left out by default are frames whose motion was not measured but held, and those that the flow does not explain:
    there the measured motion is wrong, and may look like the largest. They count where there are no others.

    Parameters
    ----------
    shown
        The forecast that is drawn.
    choice
        Its ``frame`` counts.

    Returns
    -------
    int
        Index of the frame in the sequence.

    Raises
    ------
    ReportError
        If it is no test frame.
    """
    span = shown.data.sequence.split.test_frames
    if choice.frame is None:
        weights = shown.data.models[0].weights[span.start : span.stop]
        distances = np.linalg.norm(weights - weights.mean(axis=0), axis=1)
        largest_first = [span[int(place)] for place in np.argsort(-distances, kind="stable")]
        wanted = [t for t in largest_first if not shown.lacks(t)] or largest_first
        measured = _measured_well(shown.data)
        return next((t for t in wanted if measured(t)), wanted[0])
    if choice.frame not in span:
        raise ReportError(
            f"--frame must be a test frame, {span.start} to {span.stop - 1}, got {choice.frame}; choose one of these"
        )
    return choice.frame


def region_of(data: ReportData, choice: FigureChoice) -> str:
    """Return the chosen region.

    Parameters
    ----------
    data
        What the run measured.
    choice
        Its ``region`` counts.

    Returns
    -------
    str
        Its name in the scores.

    Raises
    ------
    ReportError
        If the run was not scored in it, or has no error of motion there, as in regions of targets.
    """
    regions = dict.fromkeys(row["region"] for row in data.scores if row["metric"] == metric_in(row["region"]))
    main = LANDMARKS if main_metric([regions]) == LANDMARK_METRIC else main_region([regions])
    region = choice.region or main
    if region not in regions:
        hint = spelling_hint(region, regions)
        raise ReportError(f"--region must be one of {', '.join(regions) or 'none (no scores)'}, got {region!r}; {hint}")
    return region


def _measured_well(data: ReportData) -> Callable[[int], bool]:
    """Return what says of a frame whether its motion was measured and is explained, as the flow stage judges it."""
    model = data.models[0]
    flow, frames, train_end = data.flows[model.flow], data.sequence.frames, data.sequence.split.train_end
    dvf = flow.all_dvf
    if dvf is None:
        return lambda t: t not in flow.held
    share = UnexplainedShare(frames[flow.reference])
    limit = unexplained_limit(np.array([share(frames[t], dvf[t]) for t in range(train_end)]), flow.held)
    return lambda t: t not in flow.held and share(frames[t], dvf[t]) <= limit


def _main_errors(entry: ReportEntry, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    place = entry.regions.index(main_region([entry.regions]))
    return np.asarray(scores[:, :, place, FRAME_METRICS.index(MAIN_METRIC)])


def _mean_known(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else float("inf")


def _shortest(data: ReportData) -> int:
    return min((entry.horizon.frames for entry in data.entries if entry.horizon.frames > 0), default=0)


def _best(data: ReportData, entries: list[ReportEntry], horizon: int) -> str:
    """Return the forecaster that the report calls the best: at the landmarks where there are some.

    Without a table of scores it is the one with the smallest mean geometric error, or the first entry.
    """
    named = {line.horizon_frames: line.method for line in headlines(score_rows(data.scores))}.get(horizon)
    if named in {entry.method for entry in entries}:
        return str(named)
    errors = {
        entry.method: _mean_known(mean_over_runs(_main_errors(entry, entry.frame_scores), entry.last_scored))
        for entry in entries
        if not entry.is_reference and entry.frame_scores is not None
    }
    scored = {method: error for method, error in errors.items() if np.isfinite(error)}
    return min(scored, key=lambda method: scored[method]) if scored else entries[-1].method
