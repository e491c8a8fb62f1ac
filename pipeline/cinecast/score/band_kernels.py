"""The inner loops of the scores of bands, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

# Pixels at once, so that their part of all modes stays in the cache while frame after frame is rebuilt.
_BLOCK = 1024


@compiled(error_model="numpy")
def forecast_errors(
    mean: NDArray[np.float64],
    modes: NDArray[np.float64],
    weights: NDArray[np.float64],
    drifts: NDArray[np.floating],
    drift_rows: NDArray[np.int64],
    measured: NDArray[np.floating],
    spacing: tuple[float, float],
    largest: float,
    harder: NDArray[np.float32],
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """Return how far forecast DVFs are from the measured ones, without any of them being written to memory.

    Parameters
    ----------
    mean, modes
        Of the motion model, shapes (2 N,) and (K, 2 N), x and y in turn.
    weights
        Forecast weights of F frames, shape (F, K); where they are not numbers, nor are the errors.
    drifts, drift_rows
        Drifts, shape (D, 2 N), and which of them belongs to each frame, shape (F,); -1 for none.
    measured
        Measured DVFs, shape (F, 2 N), pixels.
    spacing
        Length of a pixel in mm along rows and along columns.
    largest
        What larger distances become.
    harder
        What the distances of each frame are divided by, shape (F,).

    Returns
    -------
    Array of shape (F, N), mm.
    """
    frames, size = measured.shape
    whole = len(modes) - len(modes) % 4
    out, field = np.empty((frames, size // 2), np.float32), np.empty(2 * _BLOCK)
    for first in range(0, size, 2 * _BLOCK):
        last = min(first + 2 * _BLOCK, size)
        own = field[: last - first]
        for t in range(frames):
            # Rows first: of `modes[:, first:last]` the compiler does not know that numbers lie side by side.
            own[:] = mean[first:last]
            for k in range(0, whole, 4):
                a, b, c, d = modes[k], modes[k + 1], modes[k + 2], modes[k + 3]
                _add_four(own, weights[t][k : k + 4], a[first:last], b[first:last], c[first:last], d[first:last])
            for k in range(whole, len(modes)):
                _add_one(own, weights[t, k], modes[k][first:last])
            if drift_rows[t] >= 0:
                _add(own, drifts[drift_rows[t]][first:last])
            _distances(own, measured[t][first:last], spacing, largest, harder[t], out[t][first // 2 : last // 2])
    return out


@compiled(error_model="numpy")
def _add_four(
    out: NDArray[np.float64],
    weights: NDArray[np.float64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    third: NDArray[np.float64],
    fourth: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    a, b, c, d = weights[0], weights[1], weights[2], weights[3]
    for i in range(len(out)):
        out[i] += (a * first[i] + b * second[i]) + (c * third[i] + d * fourth[i])


@compiled(error_model="numpy")
def _add_one(out: NDArray[np.float64], weight: float, mode: NDArray[np.float64]) -> None:  # pragma: no cover - compiled
    for i in range(len(out)):
        out[i] += weight * mode[i]


@compiled(error_model="numpy")
def _add(out: NDArray[np.float64], drift: NDArray[np.floating]) -> None:  # pragma: no cover - compiled
    for i in range(len(out)):
        out[i] += drift[i]


@compiled(error_model="numpy")
def _distances(
    field: NDArray[np.float64],
    measured: NDArray[np.floating],
    spacing: tuple[float, float],
    largest: float,
    harder: np.float32,
    out: NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    for i in range(len(out)):
        x = (np.float64(measured[2 * i]) - field[2 * i]) * spacing[1]
        y = (np.float64(measured[2 * i + 1]) - field[2 * i + 1]) * spacing[0]
        distance = np.sqrt(x * x + y * y)
        out[i] = np.float32(largest if distance > largest else distance) / harder


@compiled(error_model="numpy")
def single_precision(
    distance: NDArray[np.float64], largest: float
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """Return numbers in half their precision.

    Parameters
    ----------
    distance
        Shape (N,).
    largest
        What larger ones become.

    Returns
    -------
    Array of shape (N,); NaN where a number is.
    """
    out = np.empty(len(distance), np.float32)
    for i in range(len(out)):
        out[i] = np.float32(largest if distance[i] > largest else distance[i])
    return out


@compiled(error_model="numpy")
def count_inside(
    distance: NDArray[np.float32], radius: NDArray[np.float32]
) -> tuple[int, int, float]:  # pragma: no cover - compiled
    """Return how many pixels lie within their radius, of how many that count, and the sum of all radii.

    Parameters
    ----------
    distance, radius
        Shape (H, W), mm.

    Returns
    -------
    inside, counted
        Numbers of pixels; one counts where its distance or its radius is above 0.
    total
        Sum of the radii of all pixels, mm; NaN where one is.
    """
    inside, counted, total = 0, 0, 0.0
    for row in range(distance.shape[0]):
        of_row = _count_in_row(distance[row], radius[row])
        inside, counted, total = inside + of_row[0], counted + of_row[1], total + of_row[2]
    return inside, counted, total


@compiled(error_model="numpy", fastmath={"reassoc", "nsz"})  # sums in any order, the same at each call
def _count_in_row(
    distance: NDArray[np.float32], radius: NDArray[np.float32]
) -> tuple[int, int, float]:  # pragma: no cover - compiled
    inside, counted, total = 0, 0, 0.0
    for i in range(len(radius)):
        counts = (distance[i] > 0) | (radius[i] > 0)
        counted += counts
        inside += counts & (distance[i] <= radius[i])
        total += np.float64(radius[i])
    return inside, counted, total
