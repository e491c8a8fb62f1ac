"""From what a session says to what its folder keeps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from cinecast.live.inspection import Inspected
from cinecast.live.session import LiveSession
from cinecast.live.sources import FrameSource
from cinecast.live.taken import Taken
from cinecast.live.target_cells import forecast_cells, measured_cells, target_summaries
from cinecast.store.live_folder import LiveFolder
from cinecast.store.tables import Cell


def record_forecast(folder: LiveFolder, session: LiveSession, source: FrameSource, taken: Taken) -> None:
    """Write the forecast that an arrival brought; a full disk is counted by the folder.

    Parameters
    ----------
    folder
        Where to.
    session, source
        The session that took the arrival, and where it came from.
    taken
        What became of it.
    """
    forecast = taken.forecast
    learned = session.forecaster.calibration
    if taken.state in ("calibrated", "recalibrated") and learned is not None:
        picture = {"spacing_mm": source.spacing_mm(), "frame_period_s": learned.period_s, "affine": source.affine()}
        folder.calibrated(learned.reference, learned.model, learned.weights, learned.times_s, **picture)
    for target in session.forecaster.targets:
        folder.add_target(target.number, target.target)
    if forecast is not None and taken.state not in ("skipped", "passed over"):
        targets = forecast_cells(session, forecast, source.axes()) if session.intake else []
        folder.add_forecast(
            forecast.name,
            forecast.issued_s,
            forecast.time_s,
            forecast.weights,
            forecast.radius,
            forecast.run,
            forecast.frame,
            forecast.drift,
            targets=targets,
            masks={target.number: target.mask for target in forecast.targets},
        )


def record_arrivals(folder: LiveFolder, session: LiveSession, arrivals: Iterable[Taken]) -> None:
    """Write what became of arrivals of which all is known, and the landmarks once they have been found.

    Parameters
    ----------
    folder
        Where to.
    session
        The session that took the arrivals.
    arrivals
        From `LiveSession.follow_up` or `LiveSession.finish`.
    """
    inspection, calibration = session.inspection, session.calibration
    if inspection is not None and calibration is not None and not folder.has_landmarks:
        folder.add_landmarks(inspection.landmarks, inspection.summary, calibration.times_s)
    for taken in arrivals:
        forecast, found = taken.forecast, taken.inspected
        timed = forecast is not None and not math.isnan(taken.latency_ms)
        steps = forecast.steps if forecast is not None and timed else (None,) * 5
        targets = measured_cells(session, taken.measured_targets)
        start = taken.name, taken.time_s, taken.state, taken.latency_ms, *steps, taken.error_mm
        folder.add_frame((*start, *_inspected_cells(found), *targets, taken.reason or None))


def _inspected_cells(found: Inspected | None) -> tuple[Cell, ...]:
    if found is None:
        return (None,) * 4
    return found.landmark_error_mm, found.measured_landmark_error_mm, found.found, found.unexplained_share


def summary_of(session: LiveSession, method: str, horizon: str) -> dict[str, Any]:
    """Return the figures of a session, as ``summary.json`` has them.

    Parameters
    ----------
    session
        The session, at any time of it.
    method, horizon
        What is forecast, as people gave it.

    Returns
    -------
    Counts, latencies in ms, mean errors in mm, the reference frame, the frames whose motion is not explained and the
    figures of each target, by name; None for a figure that there is not yet.
    """
    latencies, errors, inspection = session.latencies, session.errors, session.inspection
    reference = session.calibration.reference_label if session.calibration else None
    found = {
        "method": method,
        "horizon": horizon,
        "forecasts": session.forecasts,
        "skipped": session.skipped,
        "pauses": session.overdue.pauses,
        "passed_over": session.passed_over,
        "calibration_s": session.forecaster.calibration_s,
        "late": session.late,
        "way_median_ms": session.lead.ways.percentile(50),
        "latency_median_ms": latencies.percentile(50),
        "latency_p95_ms": latencies.percentile(95),
        "latency_p99_ms": latencies.percentile(99),
        "latency_worst_ms": latencies.worst,
        "error_mm": errors.mean_mm if errors else math.nan,
        "error_forecasts": errors.count if errors else 0,
        "reference_frame": reference.number if reference else None,
        "reference_name": reference.name if reference else None,
        "landmarks": len(inspection.landmarks.names) if inspection else None,
        "landmark_error_mm": inspection.errors.forecast.mean if inspection else math.nan,
        "measured_landmark_error_mm": inspection.errors.measured.mean if inspection else math.nan,
        "landmark_places": inspection.errors.forecast.count if inspection else 0,
        "unexplained_frames": list(inspection.unexplained) if inspection else None,
        "targets": target_summaries(session),
    }
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()}
