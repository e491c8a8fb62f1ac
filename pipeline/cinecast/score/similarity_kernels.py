"""The inner loops of structural similarity, compiled: windowed means of two images and their products in one pass.

Each row is filtered once, and kept until no window needs it. A mean is written as vector instructions: its pixels are
read once, and its sum is written once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled
from cinecast_models.compiled.vectors import Lanes, array_data, index, load, number_at, store

# Means of the predicted image, of the sum of both images' squares and of their product; that of the real is known.
_MOMENTS = 3
SIZE = 11
# So many windows at once.
_LANES = 16


@compiled(error_model="numpy")
def means_of_windows(
    image: NDArray[np.float64], window: NDArray[np.float64]
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return the mean of each window that lies in the image as a whole.

    Parameters
    ----------
    image
        Shape (H, W), at least `SIZE` in both directions.
    window
        As for `similarity_of_windows`.

    Returns
    -------
    Array of shape (H - 10, W - 10): element (0, 0) is that of the window around pixel (5, 5).
    """
    height, width = image.shape
    wide = width - SIZE + 1
    values, out = image.reshape(image.size), np.empty((height - SIZE + 1) * wide)
    filtered = np.empty(SIZE * wide)
    starts = np.empty(SIZE, np.int64)
    for row in range(height):
        _along_row(starts, row * width)
        _weighted(values, starts, window, filtered, (row % SIZE) * wide, wide)
        if row >= SIZE - 1:
            _along_column(starts, row + 1, wide)
            _weighted(filtered, starts, window, out, (row - SIZE + 1) * wide, wide)
    return out.reshape((height - SIZE + 1, wide))


@compiled(error_model="numpy")
def similarity_of_windows(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    of_b: NDArray[np.float64],
    window: NDArray[np.float64],
    c1: float,
    c2: float,
    out: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Write the SSIM of each window that lies in the image as a whole.

    Parameters
    ----------
    a, b
        Images, shape (H, W), each at least `SIZE` in both directions.
    of_b
        `means_of_windows` of the second, which many images may be compared with.
    window
        Weights along one direction, shape (`SIZE`,), symmetric, with the sum 1; the window is their outer product.
    c1, c2
        The constants of Wang et al. 2004, equation 13, in squared grey levels.
    out
        Shape (H - 10, W - 10): element (0, 0) is that of the window around pixel (5, 5).
    """
    height, width = a.shape
    wide = width - SIZE + 1
    products = np.empty(_MOMENTS * width)
    filtered = np.empty(SIZE * _MOMENTS * wide)
    means = np.empty(_MOMENTS * wide)
    starts = np.empty(SIZE, np.int64)
    for row in range(height):
        _write_products(a, b, row, products)
        for moment in range(_MOMENTS):
            _along_row(starts, moment * width)
            _weighted(products, starts, window, filtered, ((row % SIZE) * _MOMENTS + moment) * wide, wide)
        if row >= SIZE - 1:
            _along_column(starts, row + 1, _MOMENTS * wide)
            _weighted(filtered, starts, window, means, 0, _MOMENTS * wide)
            _similarity(means, of_b, row - SIZE + 1, c1, c2, out)


@compiled(error_model="numpy")
def _write_products(
    a: NDArray[np.float64], b: NDArray[np.float64], row: int, out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write a row of the first image, of the sum of both images' squares and of their product, one after another."""
    # Unsigned: of other numbers it is asked at each index whether they are below 0, and that loop is no vector code.
    at, width = np.uint64(row), np.uint64(a.shape[1])
    sums, both = width, width + width
    for i in range(width):
        out[i] = a[at, i]
        out[sums + i] = a[at, i] * a[at, i] + b[at, i] * b[at, i]
        out[both + i] = a[at, i] * b[at, i]


@compiled(error_model="numpy")
def _along_row(starts: NDArray[np.int64], first: int) -> None:  # pragma: no cover - compiled
    """Write where the pixels of a window lie that begins at a pixel."""
    for place in range(SIZE):
        starts[place] = first + place


@compiled(error_model="numpy")
def _along_column(starts: NDArray[np.int64], oldest: int, length: int) -> None:  # pragma: no cover - compiled
    """Write where the rows of a window lie, which are of a ring: ``oldest % 11`` is the oldest."""
    for place in range(SIZE):
        starts[place] = ((oldest + place) % SIZE) * length


@compiled(error_model="numpy")
def _similarity(
    means: NDArray[np.float64], of_b: NDArray[np.float64], row: int, c1: float, c2: float, out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the SSIM of a row of windows from their means; variances and covariance are those of all pixels."""
    at, wide = np.uint64(row), np.uint64(out.shape[1])
    sums, both = wide, wide + wide
    for i in range(wide):
        product = means[i] * of_b[at, i]
        squares = means[i] * means[i] + of_b[at, i] * of_b[at, i]
        covariance, variances = means[both + i] - product, means[sums + i] - squares
        out[at, i] = ((2.0 * product + c1) * (2.0 * covariance + c2)) / ((squares + c1) * (variances + c2))


def _code(lanes: int) -> Any:
    """Return what writes the code of the weighted means of so many windows at once, without a test of the bounds."""

    def typed(
        typing_context: Any, values: Any, starts: Any, window: Any, out: Any, target: Any, first: Any, end: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            values, starts, window, out = (array_data(context, builder, signature, arguments, n) for n in range(4))
            target, first, end = arguments[4:]
            places = [number_at(builder, starts, index(place)) for place in range(SIZE)]
            weights = [
                Lanes.everywhere(builder, number_at(builder, window, index(place)), lanes)
                for place in range(SIZE // 2 + 1)
            ]
            blocks = builder.sdiv(builder.sub(end, first), index(lanes))
            with cgutils.for_range(builder, blocks) as loop:
                at = builder.add(first, builder.mul(loop.index, index(lanes)))
                own = [load(builder, values, builder.add(place, at), lanes) for place in places]
                mean = weights[-1] * own[SIZE // 2]
                for place in range(SIZE // 2):  # weights at both ends of the window are alike, so pixels are paired
                    mean = mean.plus_product(weights[place], own[place] + own[SIZE - 1 - place])
                store(builder, mean, out, builder.add(target, at))
            return context.get_dummy_value()

        whole = types.intp
        return types.void(values, starts, window, out, whole, whole, whole), generate

    return typed


_of_many: Any = intrinsic(_code(_LANES))
_of_one: Any = intrinsic(_code(1))


@compiled(error_model="numpy")
def _weighted(
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    window: NDArray[np.float64],
    out: NDArray[np.float64],
    target: int,
    count: int,
) -> None:  # pragma: no cover - compiled
    """Write the weighted means of windows whose first pixels lie one after another.

    Parameters
    ----------
    values
        Flat.
    starts
        Where the pixels of the first window lie, shape (`SIZE`,).
    window
        As for `similarity_of_windows`.
    out, target, count
        Flat, where the first mean is written, and how many are.
    """
    whole = _LANES * (count // _LANES)
    _of_many(values, starts, window, out, target, 0, whole)
    _of_one(values, starts, window, out, target, whole, count)
