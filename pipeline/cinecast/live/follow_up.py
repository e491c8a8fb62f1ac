"""Frames are inspected after their forecasts are out; what inspection needs is made beside the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any, NamedTuple

from numpy.typing import NDArray

from cinecast.live.calibration import Calibration
from cinecast.live.inspection import Inspection
from cinecast.live.taken import Taken

# So many frames wait for landmarks to be found, which takes a second or two; older ones are not inspected then.
MOST_WAITING = 64
# So many are inspected after one arrival: those that have waited must not hold back the next frame.
_AT_ONCE = 4


class _Waiting(NamedTuple):
    taken: Taken
    frame: NDArray[Any] | None
    before: NDArray[Any] | None
    learned: Calibration | None


class FollowUp:
    """Inspects the frames of a stream in their order, from the first after its calibration on.

    Parameters
    ----------
    make
        Makes the inspection, in a thread of its own.
    wait
        Whether frames wait for that; else they are kept until it is done.
    """

    def __init__(self, make: Callable[[], Inspection], *, wait: bool) -> None:
        self._make = make
        self._made: Inspection | None = None
        self._waiting: deque[_Waiting] = deque()
        self._thread = Thread(target=self._run, name="cinecast inspection", daemon=True)
        self._thread.start()
        if wait:
            self._thread.join()

    @property
    def inspection(self) -> Inspection | None:
        """What was made; None until it is done."""
        return None if self._thread.is_alive() else self._made

    def take(
        self,
        taken: Taken,
        frame: NDArray[Any] | None,
        before: NDArray[Any] | None,
        learned: Calibration | None = None,
    ) -> list[Taken]:
        """Take in what became of an arrival.

        Parameters
        ----------
        taken
            What became of it.
        frame
            The frame, shape (H, W), which nobody writes on later; None where there is nothing to inspect.
        before
            The frame that came before it, of any shape.
        learned
            What was learned anew, where its forecast is the first that was made with that.

        Returns
        -------
        list[Taken]
            The arrivals of which all is known now, in their order, this one among them or not.
        """
        self._waiting.append(_Waiting(taken, frame, before, learned))
        if self._thread.is_alive():
            return [self._waiting.popleft().taken for _ in range(len(self._waiting) - MOST_WAITING)]
        return [self._inspected(self._waiting.popleft()) for _ in range(min(_AT_ONCE, len(self._waiting)))]

    def finish(self) -> list[Taken]:
        """Wait for the inspection to be made, and return all arrivals that are left."""
        self._thread.join()
        return [self._inspected(self._waiting.popleft()) for _ in range(len(self._waiting))]

    def _run(self) -> None:
        self._made = self._make()

    def _inspected(self, each: _Waiting) -> Taken:
        taken = each.taken
        if self._made is None or each.frame is None or taken.forecast is None:
            return taken
        if each.learned is not None:
            self._made.learn_anew(each.learned)
        found = self._made.inspect(taken.number, each.frame, each.before, taken.forecast)
        said = "the flow does not explain its motion" if found.unexplained else ""
        return replace(taken, inspected=found, reason="; ".join(filter(None, (taken.reason, said))))
