"""What the errors of the centroid cost in dose, as TrackRAD2025 estimates it: D98 delivered over D98 planned.

The plan is a dose of 1 on the target and a margin. In every frame the beam follows the forecast centroid, so the dose
is shifted by its error against the target. The mean over the frames is what the target gets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.rounding import LENGTH_SLACK, within
from cinecast.score.surface_distance import union_box

MARGIN_MM = 3.0
# Width of the penumbra: air lets more of the dose spread.
SIGMA_MM = {"lung": 6.0}
SIGMA_ELSEWHERE_MM = 4.0
# Where the smoothed margin is cut, by the version of the evaluation of TrackRAD2025: published figures need its date.
D98_THRESHOLDS = {"2025-03": 0.25, "2025-09": 0.5}
NEWEST = "2025-09"
_BIN = 0.1
# A plan that covers less of the target has a D98 that is made by the bins alone, far below what is delivered.
_COVERED = 0.98
# A cubic spline between 0 and 1 comes down to less than half of it within so many pixels, and that is rounded to 0.
_SPLINE_REACH = 2


def planned_dose(
    plan: NDArray[np.bool_],
    *,
    spacing_mm: tuple[float, float],
    scanned_region: str | None = None,
    threshold: float = D98_THRESHOLDS[NEWEST],
) -> NDArray[np.bool_]:
    """Return where the planned dose is 1.

    Parameters
    ----------
    plan
        The target in its own frame, shape (H, W).
    spacing_mm
        Pixel spacing along (rows, columns) in mm. At 1 mm the margin is three dilations by the 4-neighbour cross.
    scanned_region
        ``lung`` has a wider penumbra than all others.
    threshold
        Where the smoothed mask is cut.

    Returns
    -------
    NDArray[np.bool_]
        Shape (H, W). A small target may get no dose at all, since smoothing flattens it below the threshold.
    """
    from scipy.ndimage import binary_dilation, gaussian_filter  # type: ignore[import-untyped]

    reach = [int(MARGIN_MM / spacing * (1 + LENGTH_SLACK)) for spacing in spacing_mm]
    rows, columns = np.ogrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    diamond = within(np.abs(rows) * spacing_mm[0] + np.abs(columns) * spacing_mm[1], MARGIN_MM)
    sigma = SIGMA_MM.get(scanned_region or "", SIGMA_ELSEWHERE_MM)
    widened = binary_dilation(plan, structure=diamond).astype(np.float32)
    return np.asarray(gaussian_filter(widened, sigma=[sigma / spacing for spacing in spacing_mm]) >= threshold)


def delivered_dose(planned: NDArray[np.bool_], errors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the mean dose over frames in which the beam was off by known errors.

    Parameters
    ----------
    planned
        Where the planned dose is 1, shape (H, W).
    errors
        Forecast less reference centroid, shape (N, 2), pixels, (rows, columns). NaN where the target was missed: the
        frame delivers nothing.

    Returns
    -------
    NDArray[np.float32]
        Shape (H, W), from 0 to 1.
    """
    from scipy.ndimage import shift

    # Whole numbers, so that what the spline gives between pixels is rounded to 0 or 1.
    whole = planned.astype(np.uint8)
    total = np.zeros(planned.shape, dtype=np.float32)
    for error in errors:
        if np.isfinite(error).all():
            total += shift(whole, error, order=3, mode="nearest")
    total /= len(errors)
    return total


def d98(dose: NDArray[np.floating], target: NDArray[np.bool_]) -> float:
    """Return the dose that 98 % of the target receive, from a cumulative histogram with bins of 0.1.

    Parameters
    ----------
    dose
        Shape (H, W), from 0 to 1.
    target
        Shape (H, W), not empty.

    Returns
    -------
    float
        Interpolated between the centres of the bins; 0 where the whole target lies in the first bin.
    """
    edges = np.arange(-_BIN / 2, dose.max() + _BIN, _BIN)
    counts, edges = np.histogram(dose[target], bins=edges)
    reached = np.cumsum(counts[::-1]) / counts.sum()  # from the highest dose down, so that it rises
    if not counts[1:].any():
        return 0.0
    centres = np.round((edges[1:] + edges[:-1])[::-1].astype(np.float64) / 2, 10)
    return float(np.interp(0.98, reached, centres))


def d98_ratio(
    plan: NDArray[np.bool_],
    errors_mm: NDArray[np.float64],
    *,
    spacing_mm: tuple[float, float],
    scanned_region: str | None = None,
    threshold: float = D98_THRESHOLDS[NEWEST],
) -> float:
    """Return the D98 of the target that is delivered, over the one that is planned.

    Parameters
    ----------
    plan
        The target in its own frame, shape (H, W).
    errors_mm
        Forecast less reference centroid, shape (N, 2), mm, (rows, columns); NaN where the target was missed.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    scanned_region
        ``lung`` has a wider penumbra than all others.
    threshold
        Where the smoothed mask is cut: one of `D98_THRESHOLDS`.

    Returns
    -------
    float
        1 where nothing is lost. NaN without frames, without a target, or where the plan itself does not cover 98 % of
        the target: it is too small for the penumbra, or its pixels are larger than the margin.
    """
    if not (len(errors_mm) and plan.any()):
        return np.nan
    planned = planned_dose(plan, spacing_mm=spacing_mm, scanned_region=scanned_region, threshold=threshold)
    if np.count_nonzero(planned & plan) < _COVERED * np.count_nonzero(plan):
        return np.nan
    # Half a pixel shall be half a pixel, whatever the spacing: there the shifted dose is rounded up or down.
    errors = np.round(errors_mm / np.array(spacing_mm), 9)
    # At the ends of this box, but those of the image, there is no dose to be carried on beyond them.
    box = union_box(plan, planned, margin=_SPLINE_REACH)
    return ratio_of_d98(plan[box], planned[box], errors)


def ratio_of_d98(plan: NDArray[np.bool_], planned: NDArray[np.bool_], errors: NDArray[np.float64]) -> float:
    """Return what `d98_ratio` does, for a dose that is known.

    Parameters
    ----------
    plan
        The target in its own frame, shape (H, W), not empty.
    planned
        Where the planned dose is 1, shape (H, W).
    errors
        Forecast less reference centroid, shape (N, 2), pixels, (rows, columns); NaN where the target was missed.

    Returns
    -------
    float
        NaN where the planned D98 is 0.
    """
    at_best = d98(planned.astype(np.float32), plan)
    return d98(delivered_dose(planned, errors), plan) / at_best if at_best else np.nan
