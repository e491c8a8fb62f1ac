"""When this machine's memory stalls: what does nothing but read 32 MB, over and over, takes many times its usual time.

A virtual machine whose host takes pages away sees no page fault of its own; whatever it touches next takes longer, by
microseconds a page. No program can help that, so what runs beside one should know of it.
"""

from __future__ import annotations

import time
from collections import deque
from multiprocessing import Process, SimpleQueue
from statistics import median

# A reading that takes so many times the median of those before is a stall.
TIMES = 4.0
_NUMBERS, _PERIOD_S, _KEPT = 4_000_000, 0.125, 200


def _watch(stalls: SimpleQueue[float]) -> None:
    import numpy as np

    numbers, usual = np.ones(_NUMBERS), deque([float("inf")], maxlen=_KEPT)
    while True:
        began, begun = time.time(), time.thread_time()
        numbers.sum()
        took = time.thread_time() - begun  # what other programs take away is no stall
        if took > TIMES * median(usual):
            stalls.put(began)
        usual.append(took)
        time.sleep(_PERIOD_S)


class MemoryStalls:
    """Notes stalls from now on, in a process of its own."""

    def __init__(self) -> None:
        self._found: SimpleQueue[float] = SimpleQueue()
        self._process = Process(target=_watch, args=(self._found,), daemon=True)
        self._process.start()

    def end(self) -> list[float]:
        """Stop, and return when each stall began, in seconds since 1970."""
        self._process.terminate()
        self._process.join()
        stalls = []
        while not self._found.empty():
            stalls.append(self._found.get())
        return stalls
