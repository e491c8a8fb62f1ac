"""How many threads numpy and scipy have."""

from __future__ import annotations

from threadpoolctl import threadpool_info


def openblas_threads() -> set[int]:
    """Return the numbers of threads of all OpenBLAS that are loaded: numpy and scipy bring one each."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}
