"""What the page is given of targets: masks of the frames it shows, places and scores of all test frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.landmark_tracks import NOTHING, STEP_MM, shown_axes
from cinecast.report.mask_packing import MaskBox, box_of, pack_masks, unpacked
from cinecast.report.packing import pack_integers
from cinecast.report.score_table import ScoreRow
from cinecast.report.scripts import rounded
from cinecast.report.target_data import SHOWN_METRICS, EntryTarget, ReportTarget
from cinecast.score.mask_scores import centroid_mm
from cinecast.score.target_scores import DICE_METRIC
from cinecast.target import MaskSeries

# Stands for a target that has left the image, or was forecast to, among whole steps; `NOTHING` for no forecast.
MISSED = -32767
# Dice is stored to half of this.
STEP_DICE = 1e-4
_LARGEST = 32766


def target_content(data: ReportData, positions: list[int], rows: list[ScoreRow]) -> dict[str, Any]:
    """Return what the page is given of all targets, whatever the method.

    Parameters
    ----------
    data
        The run, with its targets.
    positions
        Which test frames the player shows.
    rows
        Rows of the table of targets, which charts against horizon are drawn from.

    Returns
    -------
    dict
        Places are those of centroids, in mm from the centroid of the plan, (x, y), in whole steps of ``step_mm``;
        `MISSED` where the mask is empty, `NOTHING` where there is none.
    """
    return {
        "axes": [axis._asdict() for axis in shown_axes(data.sequence)],
        "margin_mm": data.gate.margin_mm if data.gate else None,
        "missed": MISSED,
        "targets": [_target(data, target, place, positions) for place, target in enumerate(data.targets)],
        "horizon_errors": _horizon_errors(rows),
    }


def entry_targets(data: ReportData, entry: ReportEntry, positions: list[int]) -> list[dict[str, Any] | None]:
    """Return what the page is given of targets as one method at one horizon forecast them.

    Parameters
    ----------
    data
        The run, with its targets.
    entry
        The method at the horizon.
    positions
        Which test frames the player shows.

    Returns
    -------
    list
        For each target its masks, places and scores in every run; None where they are missing.
    """
    return [
        None if own is None else _of_entry(data, target, place, own, positions)
        for place, (target, own) in enumerate(zip(data.targets, entry.targets, strict=True))
    ]


def _target(data: ReportData, target: ReportTarget, place: int, positions: list[int]) -> dict[str, Any]:
    box = _box(data, target, place)
    span = data.sequence.split.test_frames
    labels = target.labels
    measured = []
    for flow, series in zip(data.flows, target.measured, strict=True):
        known = np.array([t not in flow.held for t in span])
        measured.append(None if series is None else _followed(data, target, series, known, box, positions))
    return {
        "name": target.name,
        "frame": target.frame,
        "box": list(box),
        "centroid": rounded(_plan_mm(data, target) / data.sequence.spacing_mm[::-1], 7),
        "in_reference": [None if mask is None else pack_masks(mask[np.newaxis], box) for mask in target.in_reference],
        "measured": measured,
        "labels": labels and _followed(data, target, labels.masks, labels.known, box, positions),
    }


def _of_entry(
    data: ReportData, target: ReportTarget, place: int, own: EntryTarget, positions: list[int]
) -> dict[str, Any]:
    box = _box(data, target, place)
    scores = {against: _scores(values) for against, values in own.scores.items()}
    return _followed(data, target, own.masks, own.known, box, positions) | {"scores": scores}


def _followed(
    data: ReportData,
    target: ReportTarget,
    series: MaskSeries,
    known: NDArray[np.bool_],
    box: MaskBox,
    positions: list[int],
) -> dict[str, Any]:
    """Return masks of the frames shown, (..., frames, rows, columns), and places in all, (..., 2, test frames)."""
    masks = unpacked(series)
    places = _places_mm(masks, data.sequence.spacing_mm) - _plan_mm(data, target)
    return {"masks": pack_masks(masks[..., positions, :, :], box), "places": _packed_places(places, known)}


def _packed_places(places_mm: NDArray[np.float64], known: NDArray[np.bool_]) -> dict[str, Any]:
    step = _step(places_mm, STEP_MM)
    steps = np.where(np.isfinite(places_mm), np.rint(places_mm / step), MISSED)
    steps[~known] = NOTHING
    return {"step_mm": step, "values": pack_integers(np.moveaxis(steps, -1, -2).astype(np.int16))}


def _scores(values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return each metric of all runs and test frames, (R, test frames), in steps of its own."""
    packed = []
    for number, metric in enumerate(SHOWN_METRICS):
        own = values[..., number]
        step = _step(own, STEP_DICE if metric == DICE_METRIC else STEP_MM)
        steps = np.where(np.isfinite(own), np.rint(own / step), NOTHING).astype(np.int16)
        packed.append({"metric": metric, "step": step, "values": pack_integers(steps)})
    return packed


def _step(values: NDArray[np.float64], smallest: float) -> float:
    return max(smallest, float(np.abs(values[np.isfinite(values)]).max(initial=0)) / _LARGEST)


def _places_mm(masks: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return centroids (x, y) in mm of masks (..., H, W), shape (..., 2); NaN for an empty one."""
    places = [centroid_mm(mask, spacing_mm=spacing_mm)[::-1] for mask in masks.reshape(-1, *masks.shape[-2:])]
    return np.array(places).reshape(*masks.shape[:-2], 2)


def _plan_mm(data: ReportData, target: ReportTarget) -> NDArray[np.float64]:
    return centroid_mm(target.mask, spacing_mm=data.sequence.spacing_mm)[::-1]


def _box(data: ReportData, target: ReportTarget, place: int) -> MaskBox:
    own = [entry.targets[place] for entry in data.entries if entry.targets]
    series = [each for each in target.measured if each is not None]
    series += [each.masks for each in (*own, target.labels) if each is not None]
    masks = [target.mask, *(mask for mask in target.in_reference if mask is not None)]
    return box_of([*masks, *(_together(each) for each in series)])


def _together(series: MaskSeries) -> NDArray[np.bool_]:
    """Return where any mask of a series is."""
    bits = series.bits.reshape(-1, series.bits.shape[-1])
    return unpacked(MaskSeries(np.bitwise_or.reduce(bits, axis=0), series.shape))


def _horizon_errors(rows: list[ScoreRow]) -> list[dict[str, Any]]:
    points = []
    for row in rows:
        for metric in SHOWN_METRICS:
            if metric in row.cells:
                value, half_range = (rounded(np.array(number)) for number in row.cells[metric])
                where = {"target": row.region, "against": row.against, "metric": metric, "method": row.method}
                when = {"frames": row.horizon_frames, "s": row.horizon_s}
                points.append(where | when | {"value": value, "half_range": half_range})
    return points
