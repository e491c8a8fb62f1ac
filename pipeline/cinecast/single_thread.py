"""Libraries held to one thread: frames and methods run side by side, and their own threads would only compete.

The number of processors would also get into the last bits of the results.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def thread_pools() -> ThreadpoolController:
    """Return the thread pools of all libraries that results are computed with; OpenCV is held to one thread for good.

    scipy brings a BLAS of its own beside numpy's. It is loaded here, since a limit reaches only what is loaded.
    """
    import cv2
    import scipy.linalg  # type: ignore[import-untyped]  # noqa: F401
    from threadpoolctl import ThreadpoolController

    cv2.setNumThreads(1)
    return ThreadpoolController()


@contextmanager
def single_threaded() -> Iterator[None]:
    """Hold all libraries to one thread while the block runs."""
    with thread_pools().limit(limits=1):
        yield
