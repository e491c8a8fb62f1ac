"""How many threads numpy and scipy have."""

from __future__ import annotations

import scipy.linalg  # type: ignore[import-untyped]  # noqa: F401  # its BLAS is there from here on, not from a first use
from threadpoolctl import threadpool_info


def openblas_threads() -> set[int]:
    """Return the numbers of threads of all OpenBLAS that are loaded: numpy and scipy bring one each."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}
