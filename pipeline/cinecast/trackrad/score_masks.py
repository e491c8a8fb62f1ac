"""A label series that somebody forecast, scored against the reference labels: frame by frame and in the mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cinecast.frames.mask_edges import sides_reached
from cinecast.score.delivered_dose import D98_THRESHOLDS, NEWEST, d98_ratio
from cinecast.score.mask_scores import MASK_METRICS, MaskSeriesScores, score_mask_series
from cinecast.trackrad.evaluation import METRICS as TRACKRAD_METRICS
from cinecast.trackrad.evaluation import MasksError, evaluate
from cinecast.trackrad.label_series import (
    LabelSeries,
    check_same_geometry,
    check_time_first,
    find_scanned_region,
    read_label_series,
)

Row = tuple[str, int | None, str, float]
COLUMNS = ("rules", "frame", "metric", "value")


@dataclass(frozen=True, eq=False)
class MaskComparison:
    """Scores of a label series.

    Attributes
    ----------
    rules
        ``cinecast`` or ``trackrad``.
    metrics
        What is known of every frame, in the order in which it is shown.
    series
        The frames that count.
    d98_ratios
        Of the whole series, by the version of the rule.
    notes
        What a reader of the numbers should know, one sentence each.
    """

    rules: str
    metrics: tuple[str, ...]
    series: MaskSeriesScores
    d98_ratios: dict[str, float]
    notes: tuple[str, ...]

    def rows(self) -> list[Row]:
        """Return rules, frame, metric and value of each number; no frame for those of the whole series."""
        means: list[Row] = [(self.rules, None, metric, self.series.mean(metric)) for metric in self.metrics]
        ratios: list[Row] = [(self.rules, None, d98_name(each), value) for each, value in self.d98_ratios.items()]
        frames: list[Row] = [
            (self.rules, int(t), metric, float(getattr(score, metric)))
            for t, score in zip(self.series.frames, self.series.scores, strict=True)
            for metric in self.metrics
        ]
        return [*means, *ratios, *frames]


def d98_name(version: str) -> str:
    """Return the name of a D98 ratio, which says the version of its rule and so the threshold."""
    return f"d98_ratio_{version}"


def compare_masks(
    forecasts: Path,
    references: Path,
    *,
    trackrad: bool = False,
    target_frame: int | None = None,
    scanned_region: str | None = None,
) -> MaskComparison:
    """Read two label series and score the first against the second.

    Parameters
    ----------
    forecasts, references
        MHA or MHD in the layout of TrackRAD2025.
    trackrad
        Whether the rules of the challenge hold instead of cinecast's own.
    target_frame
        The frame whose mask was given, which does not count: the first without a word. The challenge has its own rule.
    scanned_region
        ``lung``, or any other; None takes that of the case's ``scanned-region.json``.

    Returns
    -------
    MaskComparison
        With notes on what was left out.

    Raises
    ------
    ReadError
        If a file cannot be read or is no label series.
    MasksError
        If the series do not lie on each other, or nothing is there to compare.
    """
    if trackrad and target_frame is not None:
        raise MasksError(
            "--target-frame goes with cinecast's own rules, since TrackRAD's choose the frame to leave out, "
            f"got {target_frame}; leave it out"
        )
    forecast, reference = read_label_series(forecasts), read_label_series(references)
    check_same_geometry(forecast, reference)
    check_time_first(forecast, reference)
    region = find_scanned_region(references) if scanned_region is None else scanned_region
    if trackrad:
        return compare_by_trackrad(forecast, reference, region)
    return compare_by_cinecast(forecast, reference, region, target_frame or 0)


def compare_by_trackrad(forecast: LabelSeries, reference: LabelSeries, region: str | None) -> MaskComparison:
    """Score a label series by the rules of the challenge.

    Parameters
    ----------
    forecast, reference
        Of the same geometry.
    region
        The scanned region, where it is known.

    Returns
    -------
    MaskComparison
        With pixels of 1 mm.

    Raises
    ------
    MasksError
        If all forecasts are empty, or fewer than two references are not.
    """
    scores = evaluate(forecast.masks, reference.masks, scanned_region=region)
    pixels = "Distances take pixels for 1 mm, as the challenge does"
    spacing = f"; the files say {reference.spacing_mm[0]:g} x {reference.spacing_mm[1]:g} mm"
    notes = (
        pixels + ("." if np.allclose(reference.spacing_mm, 1) else f"{spacing}."),
        *_notes(scores.series, reference, region),
    )
    return MaskComparison("trackrad", (*TRACKRAD_METRICS, "missed"), scores.series, scores.d98_ratio, notes)


def compare_by_cinecast(
    forecast: LabelSeries, reference: LabelSeries, region: str | None, target_frame: int, *, begin: int = 0
) -> MaskComparison:
    """Score a label series by cinecast's own rules.

    Parameters
    ----------
    forecast, reference
        Of the same geometry.
    region
        The scanned region, where it is known.
    target_frame
        The frame whose mask was given.
    begin
        The first frame that counts: a tracker knows nothing of those before the target's.

    Returns
    -------
    MaskComparison
        Distances in mm.

    Raises
    ------
    MasksError
        If there is no such frame, or no frame beside it has a reference.
    """
    count = len(reference.masks)
    if not 0 <= target_frame < count:
        raise MasksError(
            f"--target-frame must be one of the {count} frames, counted from 0, got {target_frame}; choose another"
        )
    others = [t for t in range(begin, count) if t != target_frame]
    series = score_mask_series(forecast.masks, reference.masks, frames=others, spacing_mm=reference.spacing_mm)
    if not series.scores:
        raise MasksError(
            f"a frame beside the given one, {target_frame}, must have a reference, got none in {reference.name}; "
            "check the labels"
        )
    ratio = d98_ratio(
        reference.masks[target_frame],
        series.centroid_errors_mm(),
        spacing_mm=reference.spacing_mm,
        scanned_region=region,
    )
    left_out = "is left out" if begin == 0 else "and those before it are left out"
    notes = (f"Frame {target_frame}, whose mask was given, {left_out}.", *_notes(series, reference, region))
    if np.isnan(ratio):
        why = "the plan with its margin covers less than 98 % of the target"
        if not reference.masks[target_frame].any():
            why = f"the plan is the reference of frame {target_frame}, which is empty"
        notes = (*notes, f"There is no D98 ratio: {why}.")
    return MaskComparison("cinecast", MASK_METRICS, series, {NEWEST: ratio}, notes)


def _notes(series: MaskSeriesScores, reference: LabelSeries, region: str | None) -> tuple[str, ...]:
    known = "no scanned region is known" if region is None else f"the scanned region is {region}"
    notes = [f"D98 with the penumbra of {'lung' if region == 'lung' else 'other regions than lung'}: {known}."]
    if series.without_reference:
        rest = len(series.without_reference) - 8
        shown = ", ".join(map(str, series.without_reference[:8])) + (f" and {rest} more" if rest > 0 else "")
        notes.append(f"Left out, because the reference is empty: {len(series.without_reference)} frame(s), {shown}.")
    cut = [t for t in series.frames if sides_reached(reference.masks[t])]
    if cut:
        notes.append(
            f"The reference reaches the edge of the image in {len(cut)} frame(s), first in frame {cut[0]}: its "
            "centroid is that of the part that is seen."
        )
    return tuple(notes)


def d98_title(version: str) -> str:
    """Return how a table calls a D98 ratio."""
    return f"D98 delivered / planned ({version}, {D98_THRESHOLDS[version]:g})"
