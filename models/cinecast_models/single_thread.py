"""BLAS held to one thread: on small matrices its threads mostly wait for one another.

The number of processors would also get into the last bits of the results.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def thread_pools() -> ThreadpoolController:
    """Return the thread pools of all libraries whose results hang on them; nothing is changed yet.

    scipy brings a BLAS of its own beside numpy's. It is loaded here, since a limit reaches only what is loaded. OpenCV
    has a pool of its own kind, which is not among them.
    """
    import scipy.linalg  # type: ignore[import-untyped]  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _Held:
    """How many hold the pools at the moment, and what gives them back their threads."""

    lock = Lock()
    count = 0
    limiter: Any = None


@contextmanager
def one_thread(pools: ThreadpoolController) -> Iterator[None]:
    """Hold pools to one thread while the block runs, in this thread or others: the last to leave gives them back.

    Parameters
    ----------
    pools
        From `thread_pools`.
    """
    with _Held.lock:
        _Held.limiter = _Held.limiter if _Held.count else pools.limit(limits=1)
        _Held.count += 1
    try:
        yield
    finally:
        with _Held.lock:
            _Held.count -= 1
            if not _Held.count:
                _Held.limiter.restore_original_limits()
