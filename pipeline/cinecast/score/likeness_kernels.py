"""The inner loops of the other measures of likeness, compiled: sums over the pixels of rectangles.

Sums may be reordered, which makes vector instructions of them; NaN and infinity keep their meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Rectangles = NDArray[np.int64]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _sums(function: _Function) -> _Function:
    return compiled(error_model="numpy", fastmath={"reassoc", "nsz"})(function)


@compiled(error_model="numpy")
def mean_and_squares(image: NDArray[np.float64], rectangles: Rectangles) -> NDArray[np.float64]:  # pragma: no cover
    """Return the mean grey value of each rectangle, and the sum of the squared deviations from it.

    Parameters
    ----------
    image
        Grey values, shape (H, W).
    rectangles
        First row, row after the last, first column, column after the last; shape (R, 4).

    Returns
    -------
    NDArray[np.float64]
        Shape (R, 2). The second number is 0 where all values are the same, and only there.
    """
    out = np.empty((len(rectangles), 2))
    for number in range(len(rectangles)):
        top, bottom, left, right = rectangles[number]
        total, squares, differs = 0.0, 0.0, 0
        for row in range(top, bottom):
            total += _total(image[row, left:right])
            differs += _different(image[row, left:right], image[top, left])
        mean = total / ((bottom - top) * (right - left))
        for row in range(top, bottom):
            squares += _squares(image[row, left:right], mean)
        # Asked of the values, not of their squares: rounding of the mean makes those of a constant non-zero.
        out[number, 0], out[number, 1] = mean, squares if differs else 0.0
    return out


@compiled(error_model="numpy")
def likeness_of_rectangles(
    predicted: NDArray[np.float64],
    real: NDArray[np.float64],
    rectangles: Rectangles,
    of_real: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Write NRMSE and correlation in each rectangle.

    Parameters
    ----------
    predicted, real
        Grey values, shape (H, W).
    rectangles
        As for `mean_and_squares`.
    of_real
        What that function returns of the real image.
    out
        Shape (R, 2): ``|predicted - real| / |real - mean(real)|``, left alone where the real image is constant;
        Pearson's correlation, left alone where either is.
    """
    for number in range(len(rectangles)):
        top, bottom, left, right = rectangles[number]
        mean, squares = of_real[number]
        if squares == 0.0:
            continue
        total, differs, sums = 0.0, 0, np.zeros(3)
        for row in range(top, bottom):
            total += _total(predicted[row, left:right])
            differs += _different(predicted[row, left:right], predicted[top, left])
        own_mean = total / ((bottom - top) * (right - left))
        for row in range(top, bottom):
            _add_products(predicted[row, left:right], real[row, left:right], own_mean, mean, sums)
        out[number, 0] = np.sqrt(sums[0] / squares)
        if differs:
            out[number, 1] = sums[2] / np.sqrt(sums[1] * squares)


@compiled(error_model="numpy")
def means_of_parts(
    values: NDArray[np.float64], rectangles: Rectangles, shorter: int, out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the mean of the values that begin in each rectangle and reach so far that they end in it.

    Parameters
    ----------
    values
        Shape (H - shorter, W - shorter).
    rectangles
        As for `mean_and_squares`.
    shorter
        How many rows and columns fewer than the rectangle their part has.
    out
        Shape (R,); left alone where no value is left.
    """
    for number in range(len(rectangles)):
        top, bottom, left, right = rectangles[number]
        height, width = bottom - top - shorter, right - left - shorter
        if height < 1 or width < 1:
            continue
        total = 0.0
        for row in range(top, top + height):
            total += _total(values[row, left : left + width])
        out[number] = total / (height * width)


@_sums
def _total(values: NDArray[np.float64]) -> float:  # pragma: no cover - compiled
    total = 0.0
    for i in range(len(values)):
        total += values[i]
    return total


@_sums
def _squares(values: NDArray[np.float64], mean: float) -> float:  # pragma: no cover - compiled
    total = 0.0
    for i in range(len(values)):
        total += (values[i] - mean) * (values[i] - mean)
    return total


@_sums
def _different(values: NDArray[np.float64], value: Any) -> int:  # pragma: no cover - compiled
    """Return how many values are not the one given."""
    count = 0
    for i in range(len(values)):
        count += values[i] != value
    return count


@_sums
def _add_products(
    predicted: NDArray[np.float64],
    real: NDArray[np.float64],
    of_predicted: float,
    of_real: float,
    sums: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Add the squared differences, the squared deviations of the predicted from its mean, and products of both."""
    error, squares, product = 0.0, 0.0, 0.0
    for i in range(len(real)):
        deviation = predicted[i] - of_predicted
        error += (predicted[i] - real[i]) * (predicted[i] - real[i])
        squares += deviation * deviation
        product += deviation * (real[i] - of_real)
    sums[0] += error
    sums[1] += squares
    sums[2] += product
