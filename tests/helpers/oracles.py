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


def published_flow(reference: NDArray[Any], frame: NDArray[Any], settings: FlowSettings, levels: int) -> Array:
    """Return the flow of the published method, without any of the shortcuts of the fast one."""

    def pyramid(image: NDArray[Any]) -> list[Array]:
        images = [np.floor(gaussian(image.astype(float), settings.sigma_init) + 1e-9)]
        for _ in range(levels - 1):
            images.append(np.floor(gaussian(images[-1], settings.sigma_subsampling) + 1e-9)[::2, ::2])
        return images

    references, frames = pyramid(reference), pyramid(frame)
    flow = np.zeros((*frames[-1].shape, 2))
    for level in reversed(range(levels)):
        if level < levels - 1:
            i, j = np.indices(frames[level].shape)
            flow = 2 * flow[i // 2, j // 2]
        x, y = scharr(references[level])
        for _ in range(settings.iterations):
            difference = references[level] - pulled_back(frames[level], flow)
            products = [gaussian(each, settings.sigma_window) for each in (x * x, x * y, y * y)]
            moments = [gaussian(each, settings.sigma_window) for each in (x * difference, y * difference)]
            flow = flow + _solved(products, moments, ridge=0.0, limit=1e-3)
            flow[[0, -1]] = 0
            flow[:, [0, -1]] = 0
    return flow


def cell_flow(reference: Array, frame: Array, settings: FlowSettings, levels: int) -> Array:
    """Return the default flow of two frames that are freed of brightness already, without any shortcut."""

    def pyramid(image: Array) -> list[Array]:
        images = [gaussian(image, settings.sigma_init)]
        for _ in range(levels - 1):
            images.append(gaussian(images[-1], settings.sigma_subsampling)[::2, ::2])
        return images

    references, frames = pyramid(reference), pyramid(frame)
    cells: Array | None = None
    for level in reversed(range(levels)):
        rows, columns = references[level].shape
        shape = (rows + 1) // 2, (columns + 1) // 2
        cells = np.zeros((*shape, 2)) if cells is None else _to_finer(cells, shape)
        padded = np.pad(references[level], 1, mode="edge")
        x, y = (each[1:-1, 1:-1] for each in scharr(padded))
        products = [gaussian(_cell_sums(each), settings.sigma_window / 2) for each in (x * x, x * y, y * y)]
        for _ in range(settings.iterations if level else settings.finest_iterations):
            flow = _to_pixels(cells, (rows, columns))
            difference = references[level] - pulled_back(frames[level], flow)
            difference[~_stays_inside(flow)] = 0
            sums = [_cell_sums(each) for each in (x * difference, y * difference)]
            moments = [gaussian(each, settings.sigma_window / 2) for each in sums]
            cells = cells + _solved(products, moments, ridge=settings.ridge, limit=np.inf)
            cells = np.stack([gaussian(cells[..., c], settings.sigma_motion / 2) for c in (0, 1)], axis=-1)
    assert cells is not None
    return _to_pixels(cells, references[0].shape)


def _solved(products: list[Array], moments: list[Array], *, ridge: float, limit: float) -> Array:
    xx, xy, yy = products
    energy = ridge * 0.5 * (xx + yy).mean()
    matrices = np.stack([np.stack([xx + energy, xy], axis=-1), np.stack([xy, yy + energy], axis=-1)], axis=-1)
    singular = np.abs(np.linalg.det(matrices)) <= limit
    inverses = np.empty_like(matrices)
    inverses[~singular] = np.linalg.inv(matrices[~singular])
    inverses[singular] = np.linalg.pinv(matrices[singular], rcond=1e-12, hermitian=True)
    return np.asarray(np.einsum("yxij,yxj->yxi", inverses, np.stack(moments, axis=-1)))


def _cell_sums(image: Array) -> Array:
    rows, columns = ((length + 1) // 2 for length in image.shape)
    return np.array([[image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].sum() for j in range(columns)] for i in range(rows)])


def _at(cells: Array, x: float, y: float) -> Array:
    """Return the motion at the place (x, y) between the middles of cells, beyond them that of the nearest."""
    x, y = min(max(x, 0.0), cells.shape[1] - 1.0), min(max(y, 0.0), cells.shape[0] - 1.0)
    return np.array([bilinear(cells[..., component], x, y) for component in (0, 1)])


def _to_finer(cells: Array, shape: tuple[int, int]) -> Array:
    """Return the motion of the finer level's cells; their middles are at 2 j + 0.5, that of the coarser at 4 j + 1."""
    places = [[((j - 0.25) / 2, (i - 0.25) / 2) for j in range(shape[1])] for i in range(shape[0])]
    return np.array([[2 * _at(cells, *place) for place in row] for row in places])


def _to_pixels(cells: Array, shape: tuple[int, ...]) -> Array:
    """Return the motion of pixels; the middle of cell j is at pixel 2 j + 0.5."""
    return np.array([[_at(cells, (x - 0.5) / 2, (y - 0.5) / 2) for x in range(shape[1])] for y in range(shape[0])])


def _stays_inside(flow: Array) -> NDArray[np.bool_]:
    rows, columns = flow.shape[:2]
    y, x = np.mgrid[:rows, :columns]
    at_x, at_y = x + flow[..., 0], y + flow[..., 1]
    return np.asarray((at_x >= 0) & (at_x < columns - 1) & (at_y >= 0) & (at_y < rows - 1))


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
