"""From what a session says to what its folder keeps."""

from __future__ import annotations

import math
from typing import Any

from cinecast.live.session import LiveSession, Taken
from cinecast.live.sources import FrameSource
from cinecast.store.live_folder import LiveFolder


def record(folder: LiveFolder, session: LiveSession, source: FrameSource, taken: Taken) -> None:
    """Write what became of one arrival; a full disk is counted by the folder.

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
    timed = forecast is not None and taken.state in ("forecast", "recalibrated", "stale")
    steps = forecast.steps if forecast is not None and timed else (None,) * 5
    folder.add_frame(
        (taken.name, taken.time_s, taken.state, taken.latency_ms, *steps, taken.error_mm, taken.reason or None)
    )
    if forecast is not None and taken.state != "skipped":
        folder.add_forecast(
            forecast.name,
            forecast.issued_s,
            forecast.time_s,
            forecast.weights,
            forecast.radius,
            forecast.run,
            forecast.frame,
            forecast.drift,
        )


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
    Counts, latencies in ms and the mean error in mm by name; None for a figure that there is not yet.
    """
    latencies, errors = session.latencies, session.errors
    found = {
        "method": method,
        "horizon": horizon,
        "forecasts": latencies.count,
        "skipped": session.skipped,
        "late": session.late,
        "latency_median_ms": latencies.percentile(50),
        "latency_p95_ms": latencies.percentile(95),
        "latency_p99_ms": latencies.percentile(99),
        "latency_worst_ms": latencies.worst,
        "error_mm": errors.mean_mm if errors else math.nan,
        "error_forecasts": errors.count if errors else 0,
    }
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()}
