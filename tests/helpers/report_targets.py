"""Targets of a simulated report: discs at known places, forecast beside them, missed in one frame."""

from __future__ import annotations

from collections.abc import Sequence as Series
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.target_data import SHOWN_METRICS, EntryTarget, ReportLabels, ReportTarget
from cinecast.score.mask_scores import score_mask
from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.target import MaskSeries, pack

PLAN = (11, 7)  # row and column of the centre of the disc as it was given
# Rows and columns that the real disc lies from the plan, and the labelled one from the real one, by test frame.
REAL = np.array([[0, 0], [1, 0], [2, 1], [3, 1], [2, 1], [1, 0], [0, -1], [-1, -1], [-2, 0]])
LABELLED = np.array([0, 1])
WITHOUT_LABEL = 3  # test frame
MISSED = 4  # test frame in which no run of a forecast has the target
OFF = np.array([[1, 0], [0, 2], [-2, 1]])  # rows and columns that each run is off by
NAME = "GTV <1>"


def disc(shape: tuple[int, int], row: float, column: float, radius: float = 3.2) -> NDArray[np.bool_]:
    rows, columns = np.indices(shape)
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2)


def real_masks(data: ReportData, places: Series[tuple[int, int]] | NDArray[np.int_] = REAL) -> NDArray[np.bool_]:
    shape = data.sequence.frames.shape[1:]
    return np.stack([disc((shape[0], shape[1]), PLAN[0] + row, PLAN[1] + column) for row, column in places])


def forecast_masks(data: ReportData, run: int) -> NDArray[np.bool_]:
    masks = real_masks(data, REAL + OFF[run])
    masks[MISSED] = False
    return masks


def with_target(data: ReportData, *, labels: bool = False) -> ReportData:
    """Return a report with one target; ``labels`` gives labels to all test frames but one."""
    masks = real_masks(data)
    shape = masks.shape[1], masks.shape[2]
    rulers = {"measured": (masks, np.ones(len(masks), dtype=bool))}
    given = None
    if labels:
        known = np.arange(len(masks)) != WITHOUT_LABEL
        labelled = real_masks(data, REAL + LABELLED) & known[:, np.newaxis, np.newaxis]
        rulers["labels"] = labelled, known
        given = ReportLabels(pack(labelled, shape), known)
    plan = disc(shape, *PLAN)
    target = ReportTarget(NAME, 2, plan, ("two parts",), (plan,), (pack(masks, shape),), given)
    entries = tuple(replace(entry, targets=(_forecast(data, entry, rulers),)) for entry in data.entries)
    rows = [row for entry in entries for row in _score_rows(entry)]
    return replace(data, targets=(target,), entries=entries, scores=[*data.scores, *rows])


def _forecast(
    data: ReportData, entry: ReportEntry, rulers: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]
) -> EntryTarget:
    span = data.sequence.split.test_frames
    known = np.isfinite(entry.forecasts[:, span.start : span.stop]).all(axis=2)
    masks = np.stack([forecast_masks(data, run) for run in range(len(known))]) & known[..., np.newaxis, np.newaxis]
    scores = {}
    for ruler, (real, labelled) in rulers.items():
        scores[ruler] = np.full((*known.shape, len(SHOWN_METRICS)), np.nan)
        for run, i in np.argwhere(known & labelled):
            score = score_mask(masks[run, i], real[i], spacing_mm=data.sequence.spacing_mm)
            scores[ruler][run, i] = [getattr(score, metric) for metric in SHOWN_METRICS]
    shape = masks.shape[2], masks.shape[3]
    bits = np.stack([pack(run, shape).bits for run in masks])
    return EntryTarget(MaskSeries(bits, shape), known, scores)


def _score_rows(entry: ReportEntry) -> list[dict[str, str]]:
    (own,) = entry.targets
    assert own is not None
    rows = []
    for ruler, values in own.scores.items():
        where = ["simulated", entry.method, entry.protocol, entry.horizon.frames, entry.horizon.seconds]
        finished = values[np.isfinite(values[:, -1, 0])]
        for metric, runs in zip(SHOWN_METRICS, np.moveaxis(np.nanmean(finished, axis=1), 1, 0), strict=True):
            cells = [*where, f"target:{NAME}", ruler, metric, repr(float(runs.mean())), "", len(runs)]
            rows.append(dict(zip(SCORE_COLUMNS, map(str, cells), strict=True)))
    return rows
