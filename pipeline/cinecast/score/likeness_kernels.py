"""The inner loops of the other measures of likeness, compiled: sums over two images in two passes.

Sums are kept for each column and added up at the end: such loops become vector instructions, and no order of the
additions is left to the compiler.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled(error_model="numpy")
def likeness_sums(
    predicted: NDArray[np.float64], real: NDArray[np.float64]
) -> tuple[float, float, float, float]:  # pragma: no cover - compiled
    """Return the sums that NRMSE and correlation are made of.

    Parameters
    ----------
    predicted, real
        Grey values, shape (H, W).

    Returns
    -------
    error
        Sum of the squared differences of both.
    of_predicted, of_real
        Sums of the squared deviations of each image from its mean; 0 where it is constant.
    product
        Sum of the products of these deviations.
    """
    height, width = real.shape
    sums = np.zeros((4, width))
    differs = np.zeros(2, np.int64)
    for row in range(height):
        for i in range(width):
            sums[0, i] += predicted[row, i]
            sums[1, i] += real[row, i]
        # Asked of the values, not of their variance: rounding of the mean makes that of a constant non-zero.
        for i in range(width):
            differs[0] |= predicted[row, i] != predicted[0, 0]
            differs[1] |= real[row, i] != real[0, 0]
    of_predicted, of_real = sums[0].sum() / real.size, sums[1].sum() / real.size
    sums[:] = 0.0
    for row in range(height):
        for i in range(width):
            a, b = predicted[row, i], real[row, i]
            sums[0, i] += (a - b) * (a - b)
            sums[1, i] += (a - of_predicted) * (a - of_predicted)
            sums[2, i] += (b - of_real) * (b - of_real)
            sums[3, i] += (a - of_predicted) * (b - of_real)
    error, squares_predicted, squares_real, product = sums[0].sum(), sums[1].sum(), sums[2].sum(), sums[3].sum()
    return error, squares_predicted if differs[0] else 0.0, squares_real if differs[1] else 0.0, product
