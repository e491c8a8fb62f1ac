"""The factor that is made anew: that of plain numpy, made with one thread."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cinecast_models.kernel.growing_factor import factorise
from helpers.blas_threads import openblas_threads


def test_the_factor_solves_with_one_thread_and_the_program_keeps_its_own(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[int] = set()
    cholesky = np.linalg.cholesky

    def watched(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        seen.update(openblas_threads())
        return cholesky(matrix)

    monkeypatch.setattr(np.linalg, "cholesky", watched)
    places, targets = rng.normal(size=(60, 3)), rng.normal(size=(60, 2))
    kernel = 1 / (1 + ((places[:, None] - places) ** 2).sum(axis=2))
    factor, solved = np.tril(kernel), np.empty((60, 2))
    with threadpool_limits(2):
        factorise(factor, solved, targets, ridge=0.1)
        assert openblas_threads() == {2}
    assert seen == {1}
    upper = np.triu(factor)
    np.testing.assert_allclose(upper.T @ upper, kernel + 0.1 * np.eye(60), atol=1e-12)
    np.testing.assert_allclose(upper.T @ solved, targets, atol=1e-12)
    np.testing.assert_array_equal(np.tril(factor, -1), np.tril(kernel, -1))
