"""How many threads numpy and scipy have."""

from __future__ import annotations

import scipy.linalg  # type: ignore[import-untyped]  # noqa: F401  # its BLAS is there from here on, not from a first use
from threadpoolctl import threadpool_info


def openblas_threads() -> set[int]:
    """Return the numbers of threads of the OpenBLAS that numpy and scipy bring, one each.

    Old versions of OpenCV bring one, too, which nobody can give more threads than it began with.
    """
    pools = [pool for pool in threadpool_info() if pool["internal_api"] == "openblas"]
    return {pool["num_threads"] for pool in pools if "opencv" not in pool["filepath"]}
