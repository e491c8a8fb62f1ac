"""Runs whose scores do not say the same: errors at other landmarks, or over other frames, or another kind of SSIM."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cinecast.report.data import ReportData
from cinecast.report.flat_settings import flat_settings
from cinecast.score.scoring import grey_range_of_test_span


def scored_apart(labels: Sequence[str], runs: Sequence[ReportData]) -> tuple[str, ...]:
    """Return what sets the scores of runs of one sequence apart from those of the first run.

    Parameters
    ----------
    labels
        What the runs are called.
    runs
        Two or more runs with the same test span.

    Returns
    -------
    tuple of str
        Sentences; none where all scores can be held against each other.
    """
    others = list(zip(labels[1:], runs[1:], strict=True))
    said = [
        f"{label} has other landmarks than {labels[0]}: do not compare their errors at landmarks; the same "
        "flow.reference and [landmarks] settings, or one file with --landmarks, give both the same"
        for label, run in others
        if not _same_landmarks(runs[0], run)
    ]
    ranges = [_ssim_range(run) for run in runs]
    said += [
        f"{label} counts SSIM by a range of {own:g} grey values and {labels[0]} by {ranges[0]:g}: do not compare their "
        "SSIM; the same score.ssim_data_range gives both the same"
        for label, own in zip(labels[1:], ranges[1:], strict=True)
        if not np.isclose(own, ranges[0], equal_nan=True)
    ]
    first = scored_frames(runs[0])
    for label, run in others:
        own = scored_frames(run)
        remedy = (
            "where frames are missing, the longest history of a run decides, so give both runs the same methods"
            if _held(run) == _held(runs[0])
            else "one holds its faulty frames, so give both runs the same flow.faulty_frames"
        )
        said += [
            f"{seconds:.2f} s ahead {label} is scored on {len(own[frames, seconds])} test frames and {labels[0]} on "
            f"{len(first[frames, seconds])}, not the same ones: their errors are of other frames; {remedy}"
            for frames, seconds in sorted(own.keys() & first.keys())
            if own[frames, seconds] != first[frames, seconds]
        ]
    return tuple(said)


def _same_landmarks(one: ReportData, other: ReportData) -> bool:
    """Return whether two runs followed the same places; also where one of them has none to compare."""
    mine, yours = one.landmarks, other.landmarks
    if mine is None or yours is None or not (mine.names and yours.names):
        return True
    return np.array_equal(mine.positions, yours.positions) and np.array_equal(
        mine.displacements, yours.displacements, equal_nan=True
    )


def _ssim_range(run: ReportData) -> float:
    """Return the range of grey values that the SSIM of a run is counted by, of one sequence: given, or its own."""
    given = flat_settings(run.settings_text).get("score.ssim_data_range")
    return grey_range_of_test_span(run.sequence, _held(run)) if given is None else float(given)


def _held(run: ReportData) -> frozenset[int]:
    """Return the frames that a run leaves out, as their motion is held."""
    return run.flows[0].held if run.flows else frozenset()


def scored_frames(run: ReportData) -> dict[tuple[int, float], frozenset[int]]:
    """Return which test frames any method is scored on.

    Parameters
    ----------
    run
        What a run holds.

    Returns
    -------
    dict
        Test frames, 0 being the first, by horizon (frames, seconds); none where no frame has been scored.
    """
    found: dict[tuple[int, float], frozenset[int]] = {}
    for entry in run.entries:
        if entry.frame_scores is None or not entry.horizon.frames:
            continue
        frames = np.flatnonzero(np.isfinite(entry.frame_scores).any(axis=(0, 2, 3))).tolist()
        key = entry.horizon.frames, entry.horizon.seconds
        found[key] = found.get(key, frozenset()).union(frames)
    return found
