"""How well a forecast mask covers the reference mask: overlap, distances of borders, distance of centroids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.score.given_masks import boolean_mask
from cinecast.score.surface_distance import surface_distances

QUANTILE = 0.95


class MaskScore(NamedTuple):
    """Scores of one frame; a missed target has no parts of the centroid's error."""

    dice: float
    hd95_mm: float
    """The larger of the two directed 95 % quantiles."""
    masd_mm: float
    """Mean of the two directed means."""
    surface_mm: float
    """Directed mean: from the border of the forecast to that of the reference."""
    centroid_mm: float
    centroid_rows_mm: float
    """Forecast less reference, from row to row."""
    centroid_columns_mm: float
    missed: bool
    """Whether the forecast mask is empty."""


MASK_METRICS = MaskScore._fields


def score_mask(
    forecast: NDArray[np.bool_], reference: NDArray[np.bool_], *, spacing_mm: tuple[float, float]
) -> MaskScore | None:
    """Return how alike a forecast mask and the reference are.

    Parameters
    ----------
    forecast, reference
        Masks, shape (H, W), True (or 1) inside.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    MaskScore or None
        None where the reference is empty: such a frame is left out. Where the forecast alone is empty, dice is 0 and
        each distance is the larger side of the image.

    Raises
    ------
    ValueError
        If the masks are of two sizes, or of other numbers than 0 and 1.
    """
    reference = boolean_mask(reference)
    forecast = boolean_mask(forecast, reference.shape)
    if not reference.any():
        return None
    if not forecast.any():
        side = float(max(length * spacing for length, spacing in zip(reference.shape, spacing_mm, strict=True)))
        return MaskScore(0.0, side, side, side, side, np.nan, np.nan, missed=True)
    distances = surface_distances(forecast, reference, spacing_mm=spacing_mm)
    directed = [float(each.mean()) for each in distances]
    rows, columns = centroid_mm(forecast, spacing_mm=spacing_mm) - centroid_mm(reference, spacing_mm=spacing_mm)
    return MaskScore(
        dice=dice(forecast, reference),
        hd95_mm=max(float(np.quantile(each, QUANTILE)) for each in distances),
        masd_mm=sum(directed) / 2,
        surface_mm=directed[0],
        centroid_mm=float(np.hypot(rows, columns)),
        centroid_rows_mm=float(rows),
        centroid_columns_mm=float(columns),
        missed=False,
    )


def dice(forecast: NDArray[np.bool_], reference: NDArray[np.bool_]) -> float:
    """Return twice the common pixels over the sum of both.

    Parameters
    ----------
    forecast, reference
        Masks, shape (H, W), not both of them empty.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        As of `score_mask`.
    """
    reference = boolean_mask(reference)
    forecast = boolean_mask(forecast, reference.shape)
    common = int(np.count_nonzero(forecast & reference))
    return 2 * common / int(np.count_nonzero(forecast) + np.count_nonzero(reference))


def centroid_mm(mask: NDArray[np.bool_], *, spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return the centroid of a mask.

    Parameters
    ----------
    mask
        Shape (H, W).
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    NDArray[np.float64]
        Shape (2,), (row, column), mm from the centre of the first pixel; NaN for an empty mask.
    """
    count = np.count_nonzero(mask)
    if count == 0:
        return np.full(2, np.nan)
    sums = [np.count_nonzero(mask, axis=1 - axis) @ np.arange(mask.shape[axis]) for axis in (0, 1)]
    return np.asarray(np.array(sums) / count * np.array(spacing_mm))


@dataclass(frozen=True, eq=False)
class MaskSeriesScores:
    """Scores of the frames of a series that have a reference.

    Attributes
    ----------
    frames
        Their indices, shape (N,).
    scores
        Their scores, N.
    without_reference
        Indices of the frames that were left out because their reference is empty.
    """

    frames: NDArray[np.intp]
    scores: tuple[MaskScore, ...]
    without_reference: tuple[int, ...]

    def values(self, metric: str) -> NDArray[np.float64]:
        """Return one metric of every frame, shape (N,); parts of a missed centroid are NaN."""
        return np.array([getattr(each, metric) for each in self.scores], dtype=np.float64)

    def mean(self, metric: str) -> float:
        """Return the mean over the frames; of `missed` their number, of parts the mean of absolute values.

        NaN where no frame has a value.
        """
        values = np.abs(self.values(metric))
        known = values[np.isfinite(values)]
        if metric == "missed":
            return float(known.sum())
        return float(known.mean()) if known.size else np.nan

    def centroid_errors_mm(self) -> NDArray[np.float64]:
        """Return forecast less reference centroid of every frame, shape (N, 2), (rows, columns); NaN where missed."""
        return np.stack([self.values("centroid_rows_mm"), self.values("centroid_columns_mm")], axis=1)


def score_mask_series(
    forecasts: NDArray[np.bool_],
    references: NDArray[np.bool_],
    *,
    frames: Iterable[int],
    spacing_mm: tuple[float, float],
) -> MaskSeriesScores:
    """Return the scores of the frames of a series.

    Parameters
    ----------
    forecasts, references
        Masks, shape (T, H, W), True inside.
    frames
        Indices of the frames that count: not the one whose mask was given.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    MaskSeriesScores
        Frames in the order given.
    """
    chosen = list(frames)
    found = {t: score_mask(forecasts[t], references[t], spacing_mm=spacing_mm) for t in chosen}
    scored = {t: score for t, score in found.items() if score is not None}
    left_out = tuple(t for t in chosen if found[t] is None)
    return MaskSeriesScores(np.array(list(scored), dtype=np.intp), tuple(scored.values()), left_out)
