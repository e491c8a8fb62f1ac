"""Random runs shared out among threads: each run is computed alone, so no result depends on how they are shared out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from typing import Any

from numba.core import config

# Starting a thread takes about 0.05 ms, in which one thread passes over this many weights.
_WORTH_A_THREAD = 250_000


def over_runs(work: Callable[..., None], runs: int, weights: int, *arguments: Any) -> None:
    """Call ``work(first, last, *arguments)`` for spans that together cover the runs, side by side where it pays.

    As many threads are used as there are processors, or as the environment variable NUMBA_NUM_THREADS says.

    Parameters
    ----------
    work
        Compiled without the interpreter's lock; computes runs first to last - 1, each in the same way whatever the
        span.
    runs
        Number R of runs.
    weights
        Number of weights of all runs together, from which the work is judged.
    *arguments
        What the work takes beside its span.
    """
    if runs == 1 or weights < 2 * _WORTH_A_THREAD:  # soon said: the work may take no longer than the rest of this
        work(0, runs, *arguments)
        return
    threads = max(1, min(runs, _processors(), weights // _WORTH_A_THREAD))
    bounds = [runs * i // threads for i in range(threads + 1)]
    own, *others = pairwise(bounds)
    helpers = [Thread(target=work, args=(*span, *arguments)) for span in others]
    for helper in helpers:
        helper.start()
    work(*own, *arguments)
    for helper in helpers:
        helper.join()


def _processors() -> int:
    # numba's stubs do not know the names of its configuration.
    return int(vars(config)["NUMBA_NUM_THREADS"])
