"""The newest moment of a stream, handed from the thread that makes it to those that show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from cinecast.live.page.moment import Moment

# How long the end of a session waits for browsers to be told of it, in s.
_FAREWELL_S = 1.0


class Newest:
    """Holds one moment: putting the next one never waits for a reader, and a slow reader misses those between.

    Attributes
    ----------
    ended
        Whether the stream has ended.
    """

    def __init__(self) -> None:
        self._changed = Condition()  # held only to look at or replace what is below, never while anything is sent
        self._moment: Moment | None = None
        self._readers = 0
        self.ended = False

    @property
    def moment(self) -> Moment | None:
        """The moment; None before there is any."""
        return self._moment

    def put(self, moment: Moment) -> None:
        """Replace the moment."""
        with self._changed:
            self._moment = moment
            self._changed.notify_all()

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count as a reader, whom the end waits for, while a moment is waited for and sent."""
        with self._changed:
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def after(self, number: int, longest_s: float) -> tuple[Moment | None, bool]:
        """Return a moment newer than one, or the newest there is when the stream ended or the time is over.

        Parameters
        ----------
        number
            Number of the moment that is known, -1 for none.
        longest_s
            Longest time to wait in s.

        Returns
        -------
        moment, ended
            None before there is any; whether the stream has ended.
        """

        def is_there() -> bool:
            return self.ended or (self._moment is not None and self._moment.number > number)

        with self._changed:
            self._changed.wait_for(is_there, longest_s)
            return self._moment, self.ended

    def end(self) -> None:
        """Tell readers that the stream has ended, and give those who wait a moment to pass it on."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._readers == 0, _FAREWELL_S)
