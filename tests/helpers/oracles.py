"""Plain, slow forms of the numerics, written from the published formulas for comparison with the fast ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.settings import FlowSettings

Array = NDArray[np.float64]


def bilinear(image: Array, x: float, y: float) -> float:
    """Return the image at (x, y); pixels outside, and what is not a number, count as 0."""
    rows, columns = image.shape
    if not (abs(x) < 1e9 and abs(y) < 1e9):
        return 0.0
    total = 0.0
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < rows and 0 <= column < columns:
                total += (1 - abs(x - column)) * (1 - abs(y - row)) * image[row, column]
    return total


def pulled_back(frame: Array, dvf: Array) -> Array:
    rows, columns = frame.shape
    return np.array(
        [[bilinear(frame, x + dvf[y, x, 0], y + dvf[y, x, 1]) for x in range(columns)] for y in range(rows)]
    )


def correlate(image: Array, kernel: Array, *, padding: str) -> Array:
    """Sum kernel[i, j] * image[y + i - r, x + j - s] over the kernel, beyond the edge as the padding says."""
    r, s = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = np.pad(image, ((r, r), (s, s)), mode="edge" if padding == "edge" else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.asarray((windows * kernel).sum(axis=(2, 3)))


def gaussian(image: Array, sigma: float) -> Array:
    r = math.ceil(2 * sigma)
    i, j = np.mgrid[-r : r + 1, -r : r + 1]
    kernel = np.exp(-(i * i + j * j) / (2 * sigma * sigma))
    return correlate(image, kernel / kernel.sum(), padding="edge")


def scharr(image: Array) -> tuple[Array, Array]:
    kernel = 0.1 * np.array([[-1.0, 0.0, 1.0], [-3.0, 0.0, 3.0], [-1.0, 0.0, 1.0]])
    return correlate(image, kernel, padding="zero"), correlate(image, kernel.T, padding="zero")


def lucas_kanade(reference: NDArray[Any], frame: NDArray[Any], settings: FlowSettings) -> Array:
    """Return the flow of the published method, without any of the shortcuts of the fast one."""
    references, frames = _pyramid(reference, settings), _pyramid(frame, settings)
    flow = np.zeros((*frames[-1].shape, 2))
    for level in reversed(range(settings.levels)):
        if level < settings.levels - 1:
            i, j = np.indices(frames[level].shape)
            flow = 2 * flow[i // 2, j // 2]
        for _ in range(settings.iterations):
            flow = flow + _increment(references[level], frames[level], flow, settings)
            flow[[0, -1]] = 0
            flow[:, [0, -1]] = 0
            if settings.arithmetic == "unit_free":
                flow = np.stack(
                    [gaussian(flow[..., component], settings.sigma_motion) for component in (0, 1)], axis=-1
                )
    return flow


def _pyramid(image: NDArray[Any], settings: FlowSettings) -> list[Array]:
    def finished(smoothed: Array) -> Array:
        return np.floor(smoothed + 1e-9) if settings.arithmetic == "published" else smoothed

    levels = [finished(gaussian(image.astype(float), settings.sigma_init))]
    for _ in range(settings.levels - 1):
        levels.append(finished(gaussian(levels[-1], settings.sigma_subsampling))[::2, ::2])
    return levels


def _increment(reference: Array, frame: Array, flow: Array, settings: FlowSettings) -> Array:
    gradient_x, gradient_y = scharr(reference)
    difference = reference - pulled_back(frame, flow)

    def averaged(product: Array) -> Array:
        return gaussian(product, settings.sigma_window)

    matrices = np.empty((*reference.shape, 2, 2))
    matrices[..., 0, 0] = averaged(gradient_x * gradient_x)
    matrices[..., 0, 1] = matrices[..., 1, 0] = averaged(gradient_x * gradient_y)
    matrices[..., 1, 1] = averaged(gradient_y * gradient_y)
    moments = np.stack([averaged(gradient_x * difference), averaged(gradient_y * difference)], axis=-1)
    if settings.arithmetic == "unit_free":
        energy = 0.5 * (matrices[..., 0, 0] + matrices[..., 1, 1]).mean()
        matrices = matrices + settings.ridge * energy * np.eye(2)
    singular = np.abs(np.linalg.det(matrices)) <= (1e-3 if settings.arithmetic == "published" else np.inf)
    inverses = np.empty_like(matrices)
    inverses[~singular] = np.linalg.inv(matrices[~singular])
    inverses[singular] = np.linalg.pinv(matrices[singular], rcond=1e-12, hermitian=True)
    return np.einsum("yxij,yxj->yxi", inverses, moments)


def splat(reference: NDArray[Any], dvf: Array, *, sigma: float, half_window: int) -> Array:
    """Return the normalised push-forward, one pixel and one tap after the other."""
    rows, columns = reference.shape
    sums, weights = np.zeros((rows, columns)), np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            x, y = column + dvf[row, column, 0], row + dvf[row, column, 1]
            if not (abs(x) < 1e9 and abs(y) < 1e9):
                continue
            for i in range(math.floor(y) - half_window + 1, math.floor(y) + half_window + 1):
                for j in range(math.floor(x) - half_window + 1, math.floor(x) + half_window + 1):
                    if 0 <= i < rows and 0 <= j < columns:
                        weight = math.exp(-((j - x) ** 2 + (i - y) ** 2) / (2 * sigma * sigma))
                        sums[i, j] += weight * float(reference[row, column])
                        weights[i, j] += weight
    return np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)


def ssim(a: Array, b: Array, *, data_range: float) -> float:
    """Return the mean SSIM of Wang et al. 2004, from windowed means and (co)variances."""
    i, j = np.mgrid[-5:6, -5:6]
    window = np.exp(-(i * i + j * j) / (2 * 1.5**2))
    window /= window.sum()
    view = np.lib.stride_tricks.sliding_window_view
    windows_a, windows_b = view(a, (11, 11)), view(b, (11, 11))
    mean_a, mean_b = (windows_a * window).sum(axis=(2, 3)), (windows_b * window).sum(axis=(2, 3))
    off_a, off_b = windows_a - mean_a[..., None, None], windows_b - mean_b[..., None, None]
    variance_a = (window * off_a * off_a).sum(axis=(2, 3))
    variance_b = (window * off_b * off_b).sum(axis=(2, 3))
    covariance = (window * off_a * off_b).sum(axis=(2, 3))
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    similarity /= (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    return float(similarity.mean())
