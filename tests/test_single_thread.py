"""Libraries are held to one thread, also those that a stage loads only when it begins."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import numpy
from cinecast.single_thread import single_threaded
with single_threaded():
    import cv2, scipy.linalg
    from threadpoolctl import threadpool_info
    print(*[pool["num_threads"] for pool in threadpool_info()], cv2.getNumThreads())
"""


def test_every_thread_pool_is_held_to_one_thread() -> None:
    printed = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    threads = printed.split()
    assert len(threads) >= 3  # numpy's, scipy's and OpenCV's
    assert set(threads) == {"1"}
