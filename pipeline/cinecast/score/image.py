"""How alike a predicted and a real frame are, by the measures of arXiv 2410.05882."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast_models.real_samples import real_samples

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
    return float(LikenessTo(real, [_whole(real)], data_range=1.0)(predicted)[0, 1])


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
    return float(LikenessTo(real, [_whole(real)], data_range=1.0)(predicted)[0, 2])


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
    return float(LikenessTo(real, [_whole(real)], data_range=data_range)(predicted)[0, 0])


class LikenessTo:
    """How alike images are to a real one in each of several rectangles; what the real one alone says is computed once.

    Parameters
    ----------
    real
        Grey values, shape (H, W).
    rectangles
        Rows and columns of each rectangle, slices with a start and a stop.
    data_range
        Range of grey values, of `structural_similarity`.
    """

    def __init__(self, real: NDArray[Any], rectangles: Iterable[tuple[slice, slice]], *, data_range: float) -> None:
        from cinecast.score.likeness_kernels import mean_and_squares  # compiled, which a plan can do without
        from cinecast.score.similarity_kernels import means_of_windows

        self._real = np.ascontiguousarray(real_samples(real))
        corners = [[rows.start, rows.stop, columns.start, columns.stop] for rows, columns in rectangles]
        self._rectangles = np.array(corners, dtype=np.int64).reshape(-1, 4)
        self._of_real = mean_and_squares(self._real, self._rectangles)
        self._constants = (_SHARES[0] * data_range) ** 2, (_SHARES[1] * data_range) ** 2
        self._windows = means_of_windows(self._real, _window()) if min(real.shape) >= SSIM_WINDOW else None
        self._similarity = np.empty_like(self._windows) if self._windows is not None else None

    def __call__(self, predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return how alike an image is.

        Parameters
        ----------
        predicted
            Grey values, shape (H, W).

        Returns
        -------
        NDArray[np.float64]
            Shape (rectangles, 3): `structural_similarity`, `image_nrmse` and `cross_correlation` of each on its own.

        Raises
        ------
        ValueError
            If the image has another size than the real one.
        """
        from cinecast.score.likeness_kernels import likeness_of_rectangles, means_of_parts
        from cinecast.score.similarity_kernels import similarity_of_windows

        image, real = np.ascontiguousarray(real_samples(predicted)), self._real
        if image.shape != real.shape:  # compiled code would read what lies behind the smaller one
            raise ValueError(
                f"images must be of one size to be compared, got {image.shape} and {real.shape}; give those of one "
                "sequence"
            )
        out = np.full((len(self._rectangles), 3), np.nan)
        likeness_of_rectangles(image, real, self._rectangles, self._of_real, out[:, 1:])
        if self._windows is not None and self._similarity is not None:
            similarity_of_windows(image, real, self._windows, _window(), *self._constants, self._similarity)
            # Windows that lie in the rectangle as a whole do not know what is around it.
            means_of_parts(self._similarity, self._rectangles, SSIM_WINDOW - 1, out[:, 0])
        return out


@cache
def _window() -> NDArray[np.float64]:
    """Return the weights of the window of SSIM along one direction."""
    window = np.exp(-0.5 * ((np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2) / _SIGMA) ** 2)
    return np.asarray(window / window.sum())


def _whole(image: NDArray[Any]) -> tuple[slice, slice]:
    rows, columns = image.shape
    return slice(0, rows), slice(0, columns)
