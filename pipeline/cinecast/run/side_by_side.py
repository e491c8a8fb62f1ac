"""Calls side by side whose results are taken in order, few of them waiting at any time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# Results that wait to be taken, for each worker: a slow disk or a slow frame holds nobody up, and memory stays small.
_WAITING = 4


def side_by_side(pool: Executor, workers: int) -> Callable[..., Iterator[Any]]:
    """Return what calls a function on each of many arguments, as `map` does.

    The pool's own ``map`` takes all arguments at once and keeps every result that is not yet taken: DVFs of a whole
    recording, where the disk is slower than the flow.

    Parameters
    ----------
    pool
        Calls it.
    workers
        How many calls it makes at a time.

    Returns
    -------
    Callable
        Of a function and its arguments; yields the results in their order.
    """

    def apply(function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> Iterator[Result]:
        waiting: deque[Future[Result]] = deque()
        try:
            for argument in arguments:
                waiting.append(pool.submit(function, argument))
                if len(waiting) > _WAITING * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()

    return apply
