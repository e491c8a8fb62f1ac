"""BLAS held to one thread: on small matrices its threads mostly wait for one another.

The number of processors would also get into the last bits of the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    """Hold BLAS to one thread while the block runs, in this thread or others: the last to leave gives them back.

    Parameters
    ----------
    pools
        From `thread_pools`.
    """
    own = _hold(pools)
    try:
        yield
    finally:
        with _Held.lock, _any_thread_may_set():
            _Held.count -= 1
            if not _Held.count:
                _Held.limiter.restore_original_limits()
            own.restore_original_limits()


def _hold(pools: ThreadpoolController) -> Any:
    """Return what gives this thread back its own: a BLAS on OpenMP counts threads for each thread that calls it.

    The number that all share is that of who came first, so it is restored before that of this thread. OpenMP without a
    BLAS is left alone. It is mostly that of torch, which would keep the one thread for threads of the host to come.
    """
    with _Held.lock, _any_thread_may_set():
        own = pools.select(threading_layer="openmp").limit(limits=1)
        _Held.limiter = _Held.limiter if _Held.count else pools.select(user_api="blas").limit(limits=1)
        _Held.count += 1
    return own


@contextmanager
def _any_thread_may_set() -> Iterator[None]:
    """Let this thread set the threads of OpenBLAS, and any other afterwards.

    From threadpoolctl 3.8 on, only the thread that did so first may, for as long as it lives. Others set nothing, and
    are not told.
    """
    import threadpoolctl

    controller = threadpoolctl.OpenBLASController
    clear: Callable[..., None] = getattr(controller, "clear_controlling_thread", lambda **_: None)
    clear(force=True)
    try:
        yield
    finally:
        clear(force=True)
