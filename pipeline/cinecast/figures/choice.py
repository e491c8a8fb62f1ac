"""Which method, horizon, run and frame a figure shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.report.data import ReportData, ReportEntry, ReportModel
from cinecast.report.random_runs import mean_over_runs
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import MAIN_METRIC, main_region
from cinecast.warp import warp
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
        Index of a test frame; None for the test frame with the largest motion.
    region
        A region of the scores, such as ``image`` or ``landmarks``; None for the ROI where there is one.
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
        dvf = self.motion.dvf(frame, weights)
        reference = self.data.sequence.frames[self.data.flows[self.model.flow].reference]
        return np.asarray(warp(reference, dvf, self.entry.warp))


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
        raise ReportError(f"--horizon must be one of {', '.join(map(str, known))} frames, got {horizon}")
    method = choice.method or _best(at_horizon)
    entry = next((entry for entry in at_horizon if entry.method == method), None)
    if entry is None:
        known_methods = dict.fromkeys(entry.method for entry in data.entries)
        hint = spelling_hint(method, known_methods)
        raise ReportError(f"--method must be one of {', '.join(known_methods)}, got {method!r}; {hint}")
    run = choice.run or 0
    if not 0 <= run < len(entry.forecasts):
        raise ReportError(f"--run must be 0 to {len(entry.forecasts) - 1} for {method}, got {run}")
    return Shown(data, entry, run)


def frame_of(shown: Shown, choice: FigureChoice) -> int:
    """Return the chosen test frame, by default the one with a forecast whose weights lie furthest from their mean.

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
        return span[int(np.argmax(np.where([shown.lacks(t) for t in span], -1.0, distances)))]
    if choice.frame not in span:
        raise ReportError(f"--frame must be a test frame, {span.start} to {span.stop - 1}, got {choice.frame}")
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
        If the run was not scored in it.
    """
    regions = dict.fromkeys(row["region"] for row in data.scores)
    region = choice.region or main_region([regions])
    if region not in regions:
        hint = spelling_hint(region, regions)
        raise ReportError(f"--region must be one of {', '.join(regions) or 'none (no scores)'}, got {region!r}; {hint}")
    return region


def _main_errors(entry: ReportEntry, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    place = entry.regions.index(main_region([entry.regions]))
    return np.asarray(scores[:, :, place, FRAME_METRICS.index(MAIN_METRIC)])


def _mean_known(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else float("inf")


def _shortest(data: ReportData) -> int:
    return min((entry.horizon.frames for entry in data.entries if entry.horizon.frames > 0), default=0)


def _best(entries: list[ReportEntry]) -> str:
    """Return the forecaster with the smallest mean geometric error, or the first entry where there is none."""
    errors = {
        entry.method: _mean_known(mean_over_runs(_main_errors(entry, entry.frame_scores), entry.last_scored))
        for entry in entries
        if not entry.is_reference and entry.frame_scores is not None
    }
    scored = {method: error for method, error in errors.items() if np.isfinite(error)}
    return min(scored, key=lambda method: scored[method]) if scored else entries[-1].method
