"""How alike a predicted and a real frame are, by the measures of arXiv 2410.05882."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

SSIM_WINDOW = 11


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
    if _is_constant(real):
        return math.nan
    truth = real.astype(np.float64)
    return float(np.linalg.norm(predicted - truth) / np.linalg.norm(truth - truth.mean()))


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
    if _is_constant(predicted) or _is_constant(real):
        return math.nan
    a, b = _centred(predicted), _centred(real)
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


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
    from skimage.metrics import structural_similarity as similarity  # it loads half of scipy

    if min(real.shape) < SSIM_WINDOW:
        return math.nan
    a, b = predicted.astype(np.float64), real.astype(np.float64)
    mean_similarity: Any = similarity(
        a, b, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(mean_similarity)


def _is_constant(image: NDArray[Any]) -> bool:
    # Asked of the values, not of their variance: rounding of the mean makes the variance of a constant non-zero.
    return bool(image.min() == image.max())


def _centred(image: NDArray[Any]) -> NDArray[np.float64]:
    values = image.astype(np.float64)
    return np.asarray(values - values.mean())
