"""How alike a predicted and a real frame are, by the measures of arXiv 2410.05882."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SSIM_WINDOW = 11
_SIGMA = 1.5
# Of the range of grey values: K1 and K2 of Wang et al. 2004.
_SHARES = (0.01, 0.03)


def image_nrmse(predicted: NDArray[Any], real: NDArray[Any]) -> float:
    """Return ``|predicted - real| / |real - mean(real)|``, the norms and the mean taken over all pixels given.

    Parameters
    ----------
    predicted, real
        Grey values in the same unit, shape (H, W).

    Returns
    -------
    float
        0 or more, without unit. NaN where the real image is constant: there is nothing to compare the error with.
    """
    return _nrmse_and_correlation(predicted, real)[0]


def cross_correlation(predicted: NDArray[Any], real: NDArray[Any]) -> float:
    """Return Pearson's correlation of the pixels of two images.

    Parameters
    ----------
    predicted, real
        Grey values, shape (H, W).

    Returns
    -------
    float
        -1 to 1; NaN where either image is constant.
    """
    return _nrmse_and_correlation(predicted, real)[1]


def structural_similarity(predicted: NDArray[Any], real: NDArray[Any], *, data_range: float) -> float:
    """Return the mean SSIM: 11 x 11 Gaussian window of sigma 1.5, whole windows only (Wang et al. 2004).

    Parameters
    ----------
    predicted, real
        Shape (H, W).
    data_range
        Range of grey values (255 in the published tables, whatever the data).

    Returns
    -------
    float
        -1 to 1; NaN where the region is smaller than the window.
    """
    if min(real.shape) < SSIM_WINDOW:
        return math.nan
    return float(_similarity(predicted.astype(np.float64), real.astype(np.float64), data_range).mean())


def likeness_in_rectangles(
    predicted: NDArray[Any], real: NDArray[Any], rectangles: Iterable[tuple[slice, slice]], *, data_range: float
) -> list[tuple[float, float, float]]:
    """Return how alike two images are in each of several rectangles; windows of SSIM are filtered once for all.

    Parameters
    ----------
    predicted, real
        Grey values, shape (H, W).
    rectangles
        Rows and columns of each rectangle, slices with a start and a stop.
    data_range
        Range of grey values, of `structural_similarity`.

    Returns
    -------
    list
        `structural_similarity`, `image_nrmse` and `cross_correlation` of each rectangle on its own.
    """
    a, b = predicted.astype(np.float64), real.astype(np.float64)
    similarity = _similarity(a, b, data_range) if min(real.shape) >= SSIM_WINDOW else None
    rows = []
    for rectangle in rectangles:
        # Windows that lie in the rectangle as a whole do not know what is around it.
        whole = tuple(slice(side.start, side.stop - SSIM_WINDOW + 1) for side in rectangle)
        fits = similarity is not None and all(side.stop > side.start for side in whole)
        mean = float(similarity[whole].mean()) if similarity is not None and fits else math.nan
        rows.append((mean, *_nrmse_and_correlation(a[rectangle], b[rectangle])))
    return rows


def _similarity(a: NDArray[np.float64], b: NDArray[np.float64], data_range: float) -> NDArray[np.float64]:
    """Return the SSIM of each whole window, shape (H - 10, W - 10)."""
    from cinecast.score.similarity_kernels import similarity_of_windows  # compiled, which a plan can do without

    window = np.exp(-0.5 * ((np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2) / _SIGMA) ** 2)
    c1, c2 = ((share * data_range) ** 2 for share in _SHARES)
    return similarity_of_windows(np.ascontiguousarray(a), np.ascontiguousarray(b), window / window.sum(), c1, c2)


def _nrmse_and_correlation(predicted: NDArray[Any], real: NDArray[Any]) -> tuple[float, float]:
    from cinecast.score.likeness_kernels import likeness_sums  # compiled, which a plan can do without

    a, b = (np.ascontiguousarray(image, dtype=np.float64) for image in (predicted, real))
    error, of_predicted, of_real, product = likeness_sums(a, b)
    if not of_real:
        return math.nan, math.nan
    correlation = product / math.sqrt(of_predicted * of_real) if of_predicted else math.nan
    return math.sqrt(error / of_real), correlation
