"""Libraries held to one thread: frames and methods run side by side, and their own threads would only compete.

The number of processors would also get into the last bits of the results.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cinecast_models.single_thread import one_thread as one_thread
from cinecast_models.single_thread import thread_pools as thread_pools


def begin_with_one_thread() -> None:
    """Have OpenBLAS, which numpy and scipy bring, begin with one thread here and in processes that this one starts.

    For whoever owns the process, before numpy is loaded. Whoever has set the number otherwise keeps it. Held later, the
    threads are there already, and wait in a loop for work that never comes.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def hold_opencv() -> None:
    """Hold OpenCV to one thread for good: for whoever owns the process.

    Its threads change no result. They only compete with what runs beside them.
    """
    import cv2

    cv2.setNumThreads(1)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Hold all libraries to one thread while the block runs, and OpenCV for good."""
    hold_opencv()
    pools, torch = thread_pools(), sys.modules.get("torch")
    threads = None if torch is None else torch.get_num_threads()
    try:
        with pools.select(user_api="openmp").limit(limits=1), one_thread(pools):
            yield
    finally:
        if torch is not None:  # a method on torch has set it back to what it found, which is one thread
            torch.set_num_threads(threads)
