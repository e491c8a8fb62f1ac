"""What the scripts of the page are given: numbers of the run at once, pictures and weights of an entry on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.headline import MAIN_METRIC, headlines
from cinecast.report.pictures import difference_limit, encode_stack, grey_window, to_levels
from cinecast.report.score_table import Row
from cinecast.report.scripts import call_script, rounded
from cinecast.score import FRAME_METRICS

# Scores of single frames that the player shows, in the order in which its script expects them.
PLAYER_METRICS = ("dvf_error_mean_mm", "dvf_error_p95_mm", "nrmse", "ssim")


def player_positions(data: ReportData) -> range:
    """Return which test frames the player shows, 0 being the first: every one, every 2nd, every 3rd, ...

    A constant step keeps the motion even, where spreading exactly ``max_frames`` frames would make it stutter.
    """
    count = data.sequence.split.test_end - data.sequence.split.validation_end
    return range(0, count, -(-count // data.max_frames))


def data_scripts(data: ReportData, rows: list[Row]) -> dict[str, bytes]:
    """Return the scripts that hold the run's numbers and pictures, by file name."""
    positions = list(player_positions(data))
    split = data.sequence.split
    real = data.sequence.frames[split.validation_end : split.test_end]
    window = grey_window(real)
    real_levels = to_levels(real[positions], window)
    scripts = {"frames_real.js": call_script("cinecast.receive", "real", {"pictures": encode_stack(real_levels)})}
    differences = []
    for number, entry in enumerate(data.entries):
        levels = to_levels(entry.predicted[positions], window)
        missing = _missing(entry, positions, split.validation_end)
        differences.append((levels.astype(np.int16) - real_levels)[~missing])
        content = {"pictures": encode_stack(levels), **_entry_numbers(data, entry, positions, missing)}
        scripts[file_of(number)] = call_script("cinecast.receive", identity(number), content)
    numbers = _numbers(data, rows, positions)
    numbers |= {"window": list(window), "limit_percent": difference_limit(differences)}
    return {"numbers.js": call_script("cinecast.start", numbers)} | scripts


def identity(number: int) -> str:
    """Return the name that scripts know an entry by; no text of the input goes into file names."""
    return f"{number:03d}"


def file_of(number: int) -> str:
    """Return the script file of an entry."""
    return f"frames_{identity(number)}.js"


def _missing(entry: ReportEntry, positions: list[int], first: int) -> NDArray[np.bool_]:
    """Return which shown frames the first run has no forecast for (it diverged): its picture is blank."""
    shown = entry.forecasts[0, first : first + entry.predicted.shape[0]][positions]
    missing: NDArray[np.bool_] = np.asarray(~np.isfinite(shown).all(axis=1))
    return missing


def _entry_numbers(
    data: ReportData, entry: ReportEntry, positions: list[int], missing: NDArray[np.bool_]
) -> dict[str, Any]:
    forecast = _over_runs(entry.forecasts)
    chosen = [FRAME_METRICS.index(metric) for metric in PLAYER_METRICS]
    return {
        "missing": missing.tolist(),
        "scores": rounded(entry.frame_scores[0][positions][:, :, chosen]),
        "measured": rounded(entry.weights.T),
        "forecast": {name: rounded(values.T) for name, values in forecast.items()},
        # Explained variances belong to the motion model of the first entry; another train span gives another one.
        "first_basis": bool(np.array_equal(entry.weights, data.entries[0].weights)),
    }


def _over_runs(forecasts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return mean, minimum and maximum (T, K) over the runs (R, T, K) that did not diverge; NaN where there is none."""
    finite = np.isfinite(forecasts)
    runs = finite.sum(axis=0)
    total = np.where(finite, forecasts, 0.0).sum(axis=0)
    mean = np.divide(total, runs, out=np.full(total.shape, np.nan), where=runs > 0)
    if len(forecasts) == 1:
        return {"mean": mean}
    low = np.where(runs > 0, np.where(finite, forecasts, np.inf).min(axis=0), np.nan)
    high = np.where(runs > 0, np.where(finite, forecasts, -np.inf).max(axis=0), np.nan)
    return {"mean": mean, "low": low, "high": high}


def _numbers(data: ReportData, rows: list[Row], positions: list[int]) -> dict[str, Any]:
    sequence, split = data.sequence, data.sequence.split
    roi = sequence.roi and {"rows": list(sequence.roi.rows), "columns": list(sequence.roi.columns)}
    return {
        "times_s": rounded(sequence.times_s, 7),
        "period_s": sequence.frame_period_s,
        "split": [split.train_end, split.validation_end, split.test_end],
        "player_frames": [split.validation_end + position for position in positions],
        "shape": list(sequence.frames.shape[1:]),
        "spacing_mm": list(sequence.spacing_mm),
        "integer_grey": sequence.frames.dtype.kind in "iu",
        "roi": roi,
        "explained_variance": rounded(data.explained_variance),
        "entries": [_entry(number, entry) for number, entry in enumerate(data.entries)],
        "horizon_errors": _horizon_errors(rows),
        "start": _start(data, rows),
    }


def _entry(number: int, entry: ReportEntry) -> dict[str, Any]:
    over_runs = _over_runs(entry.frame_scores[..., FRAME_METRICS.index(MAIN_METRIC)])["mean"]
    return {
        "id": identity(number),
        "file": f"assets/{file_of(number)}",
        "method": entry.method,
        "title": entry.title,
        "protocol": entry.protocol,
        "horizon_frames": entry.horizon.frames,
        "horizon_s": entry.horizon.seconds,
        "runs": len(entry.forecasts),
        "image_runs": len(entry.frame_scores),
        "errors_mm": {region: rounded(over_runs[:, r]) for r, region in enumerate(entry.regions)},
    }


def _horizon_errors(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the points of the chart of error against horizon."""
    points = []
    for row in rows:
        if MAIN_METRIC in row.cells:
            value, half_range = (rounded(np.array(number)) for number in row.cells[MAIN_METRIC])
            point = {"method": row.method, "region": row.region, "frames": row.horizon_frames, "s": row.horizon_s}
            points.append(point | {"value": value, "half_range": half_range})
    return points


def _start(data: ReportData, rows: list[Row]) -> dict[str, Any]:
    """Return what the page shows first: the best forecaster at the shortest horizon."""
    for headline in headlines(rows):
        for entry in data.entries:
            if entry.method == headline.method and entry.horizon.frames == headline.horizon_frames:
                return {"method": entry.method, "horizon_frames": entry.horizon.frames}
    return {"method": data.entries[-1].method, "horizon_frames": data.entries[-1].horizon.frames}
