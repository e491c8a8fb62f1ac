"""What the scripts of the page are given: numbers of the run at once, arrays in files of their own when needed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE
from cinecast.motion.drift import INTERVAL, STEP_PX, drift_row
from cinecast.pictures import MILLIMETRES, difference_limit, error_limit_mm, good_frames, grey_window
from cinecast.report.breathing import busiest_column, phases_of
from cinecast.report.coverage import coverage_of
from cinecast.report.data import ReportBands, ReportData, ReportEntry
from cinecast.report.few_modes import few_modes
from cinecast.report.headline import headlines
from cinecast.report.landmark_tracks import followed_landmarks, track_content
from cinecast.report.method_look import looks
from cinecast.report.packing import (
    Grey,
    dvf_step_mm,
    grey_scale,
    pack_floats,
    pack_integers,
    pack_shortened,
    pack_steps,
    quantise_dvf,
    quantise_grey,
)
from cinecast.report.random_runs import mean_over_runs
from cinecast.report.score_table import ScoreRow
from cinecast.report.scripts import call_script, rounded, to_decimals
from cinecast.report.target_content import entry_targets, target_content
from cinecast.report.target_table import target_rows
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS, MAIN_METRIC, REGION_PLACES, REGION_TITLES
from cinecast.sequence import Sequence
from cinecast.warp import NARROWEST_SIGMA, black_of

_THREADS = 2  # deflating leaves room for what is not

# Scores of single frames that the player shows, in the order in which its script expects them.
PLAYER_METRICS = ("dvf_error_mean_mm", "dvf_error_p95_mm", "nrmse", "ssim")


def player_positions(data: ReportData) -> range:
    """Return which test frames the player shows, 0 being the first: every one, every 2nd, every 3rd, ...

    A constant step keeps the motion even, where spreading exactly ``max_frames`` frames would make it stutter.
    """
    count = len(data.sequence.split.test_frames)
    return range(0, count, -(-count // data.max_frames))


def data_scripts(data: ReportData, rows: list[ScoreRow]) -> dict[str, bytes]:
    """Return the scripts that hold the run's numbers, frames, motion and forecasts.

    Parameters
    ----------
    data
        What the run, or the runs, measured.
    rows
        The rows of its table of scores, which charts are drawn from.

    Returns
    -------
    Content by file name: ``numbers.js``, and one file for what is shown first, the frames, the landmarks, the
    targets and each flow, model and entry.
    """
    positions = list(player_positions(data))
    grey = grey_scale([data.sequence.frames])
    span = data.sequence.split.test_frames
    phases = phases_of(data)
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "opening": partial(_opening, data, positions, grey),
        "frames": partial(_frames, data, positions, grey),
    }
    if (tracks := track_content(data)) is not None:
        makers["tracks"] = partial(dict, tracks)
    if data.targets:
        shown = target_rows(data.scores, [target.name for target in data.targets])
        makers["masks"] = partial(target_content, data, positions, shown)
    for i, flow in enumerate(data.flows):
        if flow.dvf is not None:
            makers[f"flow_{i}"] = partial(_flow, data.sequence, flow.dvf, positions)
    makers |= {f"model_{i}": partial(_model, data, i) for i in range(len(data.models))}
    for i, entry in enumerate(data.entries):
        makers[identity(i)] = partial(_entry_content, data, entry, positions, phases[span.start : span.stop])

    def script(name: str) -> bytes:
        return call_script("cinecast.receive", name, makers[name]())

    with ThreadPoolExecutor(_THREADS) as pool:
        numbers = pool.submit(_numbers, data, rows, positions, grey, phases)
        scripts = {f"{name}.js": content for name, content in zip(makers, pool.map(script, makers), strict=True)}
        return {"numbers.js": call_script("cinecast.start", numbers.result())} | scripts


def first_data(data: ReportData, rows: list[ScoreRow]) -> list[str]:
    """Return what the first picture needs: its frames, and forecasts and model of the method that the page begins with.

    Parameters
    ----------
    data
        What the run, or the runs, measured.
    rows
        The rows of its table of scores, which choose the method.

    Returns
    -------
    Names of scripts of `data_scripts`, without ``.js``.
    """
    start = _start(data, rows)
    tracks = ([] if followed_landmarks(data) is None else ["tracks"]) + ["masks"] * bool(data.targets)
    if start is None:
        return ["opening", *tracks]
    number = next(i for i, entry in enumerate(data.entries) if _is(entry, start))
    return ["opening", *tracks, identity(number), f"model_{data.entries[number].model}"]


def identity(number: int) -> str:
    """Return the name that scripts know an entry by; no text of the input goes into file names."""
    return f"entry_{number:03d}"


def _opening(data: ReportData, positions: list[int], grey: Grey) -> dict[str, Any]:
    """Return what is shown first: the reference frames, and the first of the real ones, which need not wait for all."""
    references = [pack_floats(data.sequence.frames[flow.reference]) for flow in data.flows]
    return _frames(data, positions[:1], grey) | {"references": references}


def _frames(data: ReportData, positions: list[int], grey: Grey) -> dict[str, Any]:
    first = data.sequence.split.validation_end
    shown = data.sequence.frames[[first + position for position in positions]]
    return {"real": pack_integers(quantise_grey(shown, grey))}


def _flow(sequence: Sequence, dvf: NDArray[Any], positions: list[int]) -> dict[str, Any]:
    step = dvf_step_mm(dvf, sequence.spacing_mm)
    return {"step_mm": step, "dvf": pack_integers(quantise_dvf(dvf, positions, sequence.spacing_mm, step))}


def _model(data: ReportData, number: int) -> dict[str, Any]:
    model, rows = data.models[number], _drift_rows(data, number)
    return {
        "drifts": None if model.drifts is None else pack_integers(quantise_dvf(model.drifts, rows, (1, 1), STEP_PX)),
        "mean": pack_steps(np.moveaxis(model.mean, -1, 0)[np.newaxis]),
        "modes": pack_steps(np.moveaxis(model.modes, -1, 1)),
        "weights": pack_shortened(model.weights.T),
        "reliability": None if model.reliability is None else pack_integers(_percent(model.reliability)),
    }


def _percent(shares: NDArray[Any]) -> NDArray[np.uint16]:
    return np.asarray(np.rint(100 * shares).astype(np.uint16))


def _entry_content(
    data: ReportData, entry: ReportEntry, positions: list[int], phases: NDArray[np.float64]
) -> dict[str, Any]:
    """Return forecasts as (R, K, T), scores of shown frames as (R, frames, regions, metrics), bands, and targets."""
    test = data.sequence.split.test_frames
    chosen = [FRAME_METRICS.index(metric) for metric in PLAYER_METRICS]
    scores = entry.frame_scores
    return {
        "forecasts": pack_shortened(np.moveaxis(entry.forecasts, -1, 1)),
        "scores": None if scores is None else pack_shortened(scores[:, positions][..., chosen]),
        "bands": None if entry.bands is None else _bands(entry, entry.bands, phases, test),
        **({"targets": entry_targets(data, entry, positions)} if entry.targets else {}),
    }


def _bands(entry: ReportEntry, bands: ReportBands, phases: NDArray[np.float64], test: range) -> dict[str, Any]:
    """Return coverage as (metrics, places, test frames or phases), and mean radii of weights as (K, T)."""
    coverage = coverage_of(bands, phases, entry.last_scored)
    return {
        "level": bands.level,
        "places": list(bands.names(entry.regions)),
        "over_time": pack_shortened(coverage.over_time),
        "by_phase": pack_shortened(coverage.by_phase),
        "weight_radius": pack_shortened(mean_over_runs(bands.weight_radius, test[entry.last_scored]).T),
    }


def _numbers(
    data: ReportData, rows: list[ScoreRow], positions: list[int], grey: Grey, phases: NDArray[np.float64]
) -> dict[str, Any]:
    sequence, split = data.sequence, data.sequence.split
    roi = sequence.roi and {"rows": list(sequence.roi.rows), "columns": list(sequence.roi.columns)}
    return {
        "times_s": to_decimals(sequence.times_s, 6),
        "pauses_end": sequence.instants.pauses_end.tolist(),
        "period_s": sequence.frame_period_s,
        "split": [split.train_end, split.validation_end, split.test_end],
        "player_frames": [split.validation_end + position for position in positions],
        "shape": list(sequence.frames.shape[1:]),
        "spacing_mm": list(sequence.spacing_mm),
        "integer_grey": sequence.frames.dtype.kind in "iu",
        "grey": grey._asdict(),
        "roi": roi,
        "region_titles": REGION_TITLES,
        "region_places": REGION_PLACES,
        "flows": [
            {"reference": flow.reference, "has_dvf": flow.dvf is not None, "held": sorted(flow.held)}
            for flow in data.flows
        ],
        "models": [_model_numbers(data, i) for i in range(len(data.models))],
        "entries": [_entry(number, entry, data) for number, entry in enumerate(data.entries)],
        "looks": looks(data),
        "horizon_errors": _horizon_errors(rows),
        "start": _start(data, rows),
        "has_tracks": followed_landmarks(data) is not None,
        "has_targets": bool(data.targets),
        **_scales(data, rows),
        "phases": rounded(phases, 4),
        "line": busiest_column(data.models[0], data.sequence.roi) if data.models else sequence.frames.shape[2] // 2,
    }


def _drift_rows(data: ReportData, number: int) -> range:
    """Return the rows of a model's drifts that forecasts of test frames are made with."""
    test, instants = data.sequence.split.test_frames, data.sequence.instants
    horizons = [entry.horizon.frames for entry in data.entries if entry.model == number and entry.follows_drift]
    issued = np.array([instants.issued(horizon)[test.start : test.stop] for horizon in horizons], dtype=np.int64)
    issued = issued[issued != NONE]
    return range(drift_row(int(issued.min())), drift_row(int(issued.max())) + 1) if len(issued) else range(0)


def _model_numbers(data: ReportData, number: int) -> dict[str, Any]:
    model = data.models[number]
    return {
        "drift": {"interval": INTERVAL, "step_px": STEP_PX, "first_row": _drift_rows(data, number).start},
        "flow": model.flow,
        "train_end": model.train_end,
        "modes": len(model.modes),
        "few": few_modes(model.explained_variance),
        "explained_variance": rounded(model.explained_variance),
        "spread": rounded(model.weights[: model.train_end].std(axis=0)),
    }


def _issued(entry: ReportEntry, sequence: Sequence) -> list[int] | None:
    """Return the frame at which the forecast of each test frame was issued, -1 for none; None where none is missing."""
    if sequence.instants.regular:
        return None
    test = slice(sequence.split.test_frames.start, sequence.split.test_frames.stop)
    forecast = np.isfinite(entry.forecasts[:, test]).all(axis=2).any(axis=0)  # after a pause a history comes first
    return [int(t) for t in np.where(forecast, sequence.instants.issued(entry.horizon.frames)[test], NONE)]


def _entry(number: int, entry: ReportEntry, data: ReportData) -> dict[str, Any]:
    return {
        "id": identity(number),
        "method": entry.method,
        "title": entry.title,
        "protocol": entry.protocol,
        "reference": entry.is_reference,
        "horizon_frames": entry.horizon.frames,
        "horizon_s": entry.horizon.seconds,
        "model": entry.model,
        "follows_drift": entry.follows_drift,
        "issued": _issued(entry, data.sequence),
        "runs": len(entry.forecasts),
        "last_scored": data.sequence.split.test_frames[entry.last_scored],
        "splat": _splat(entry, data),
        "left_out": {frames: np.flatnonzero(~scored).tolist() for frames, scored in entry.beside.items()},
        "regions": list(entry.regions),
        "errors_mm": _errors_over_time(entry),
    }


def _splat(entry: ReportEntry, data: ReportData) -> dict[str, Any]:
    precision = 0.5 / max(entry.warp.sigma, NARROWEST_SIGMA) ** 2
    reference = data.sequence.frames[data.flows[data.models[entry.model].flow].reference]
    return {
        "precision": precision,
        "half": entry.warp.half_window,
        "floors": entry.warp.arithmetic == "published",
        "black": black_of(reference, entry.warp),
    }


def _errors_over_time(entry: ReportEntry) -> dict[str, Any]:
    """Return the error of every test frame, the mean over the runs that did not diverge, by region."""
    if entry.frame_scores is None:
        return {}
    names, errors = list(entry.regions), entry.frame_scores[..., FRAME_METRICS.index(MAIN_METRIC)]
    if entry.landmark_errors is not None:
        names, errors = [*names, LANDMARKS], np.concatenate([errors, entry.landmark_errors[..., np.newaxis]], axis=-1)
    mean = mean_over_runs(errors, entry.last_scored)
    return {name: rounded(mean[:, r]) for r, name in enumerate(names)}


def _horizon_errors(rows: list[ScoreRow]) -> list[dict[str, Any]]:
    """Return the points of the chart of error against horizon, those at the landmarks first."""
    at_landmarks = {(row.method, row.horizon_frames): row for row in rows if LANDMARK_METRIC in row.cells}
    points = [_point(row, LANDMARKS, LANDMARK_METRIC) for row in at_landmarks.values()]
    return points + [_point(row, row.region, MAIN_METRIC) for row in rows if MAIN_METRIC in row.cells]


def _point(row: ScoreRow, region: str, metric: str) -> dict[str, Any]:
    value, half_range = (rounded(np.array(number)) for number in row.cells[metric])
    where = {"method": row.method, "region": region, "frames": row.horizon_frames, "s": row.horizon_s}
    return where | {"value": value, "half_range": half_range}


def _scales(data: ReportData, rows: list[ScoreRow]) -> dict[str, Any]:
    span = data.sequence.split.test_frames
    real = good_frames(data.sequence, span)
    window = grey_window(real)
    reference = data.sequence.frames[data.flows[0].reference if data.flows else 0]
    errors = [row.value("dvf_error_p95_mm") for row in rows if not row.method.endswith("oracle")]
    return {
        "window": list(window),
        "limit_percent": difference_limit(real, reference, window),
        "limits_mm": list(MILLIMETRES),
        "limit_mm": error_limit_mm(errors),
    }


def _is(entry: ReportEntry, start: dict[str, Any]) -> bool:
    return (entry.method, entry.horizon.frames) == (start["method"], start["horizon_frames"])


def _start(data: ReportData, rows: list[ScoreRow]) -> dict[str, Any] | None:
    """Return what the page shows first: the best forecaster at the shortest horizon; None without any forecast."""
    for headline in headlines(rows):
        for entry in data.entries:
            if entry.method == headline.method and entry.horizon.frames == headline.horizon_frames:
                return {"method": entry.method, "horizon_frames": entry.horizon.frames}
    if not data.entries:
        return None
    return {"method": data.entries[-1].method, "horizon_frames": data.entries[-1].horizon.frames}
