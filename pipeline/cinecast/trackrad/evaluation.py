"""A case scored by the rules of the TrackRAD2025 challenge: those of its code, evaluation/evaluate.py.

Pixels count as 1 mm, whatever the header says. Frames with an empty reference are dropped. Of the others those with an
empty forecast come last, with the worst scores; then the first is dropped, for its mask was given. So where the
forecast of the given frame is empty, that frame counts as missed, and the next one is dropped. The D98 counts all kept
frames, the first too.

One thing is not as there: its code cuts images at column H, so that a target beyond it has infinite distances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import CinecastError
from cinecast.score.delivered_dose import D98_THRESHOLDS, planned_dose, ratio_of_d98
from cinecast.score.mask_scores import MaskSeriesScores, centroid_mm, score_mask_series

PIXEL_MM = (1.0, 1.0)
# The "MASD" of the challenge is directed: from the forecast to the reference.
METRICS = ("dice", "hd95_mm", "surface_mm", "centroid_mm")


class MasksError(CinecastError):
    """Masks cannot be compared."""


@dataclass(frozen=True, eq=False)
class TrackradScores:
    """Scores of one case.

    Attributes
    ----------
    series
        The frames that count, in the order of time.
    d98_ratio
        By version of the challenge's evaluation, of which each has its own threshold.
    """

    series: MaskSeriesScores
    d98_ratio: dict[str, float]


def evaluate(
    forecasts: NDArray[np.bool_], references: NDArray[np.bool_], *, scanned_region: str | None = None
) -> TrackradScores:
    """Return the scores of a case.

    Parameters
    ----------
    forecasts, references
        Masks, shape (T, H, W), True inside.
    scanned_region
        ``lung``, or any other or none.

    Returns
    -------
    TrackradScores
        Distances in mm, with pixels of 1 mm.

    Raises
    ------
    MasksError
        If all forecasts are empty, which the challenge refuses too, or fewer than two references are not.
    """
    if not forecasts.any():
        raise MasksError("a forecast must mark the target in one frame at least, got empty masks alone; check the file")
    kept = np.flatnonzero(references.any(axis=(1, 2)))
    if len(kept) < 2:
        raise MasksError(
            "TrackRAD's rules need two frames with a reference, of which the first was given, "
            f"got {len(kept)} of {len(references)}; check the labels"
        )
    found = forecasts[kept].any(axis=(1, 2))
    first = kept[found][0] if found.any() else kept[0]
    series = score_mask_series(forecasts, references, frames=[int(t) for t in kept if t != first], spacing_mm=PIXEL_MM)
    without = tuple(int(t) for t in np.flatnonzero(~references.any(axis=(1, 2))))
    return TrackradScores(
        MaskSeriesScores(series.frames, series.scores, without),
        _d98_ratios(forecasts[kept], references[kept], scanned_region),
    )


def _d98_ratios(
    forecasts: NDArray[np.bool_], references: NDArray[np.bool_], scanned_region: str | None
) -> dict[str, float]:
    plan = references[0]
    errors = np.array(
        [
            centroid_mm(forecast, spacing_mm=PIXEL_MM) - centroid_mm(reference, spacing_mm=PIXEL_MM)
            for forecast, reference in zip(forecasts, references, strict=True)
        ]
    )
    return {
        version: ratio_of_d98(
            plan,
            planned_dose(plan, spacing_mm=PIXEL_MM, scanned_region=scanned_region, threshold=threshold),
            errors,
        )
        for version, threshold in D98_THRESHOLDS.items()
    }
