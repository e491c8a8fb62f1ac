"""The newest moment of a stream, handed from the thread that makes it to those that show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from cinecast.live.page.moment import Moment

# How long the end of a session waits for browsers to be told of it, in s; those that have asked for nothing for as long
# are gone, or stand behind another window and do not ask.
_FAREWELL_S = 5.0
# So many browsers are waited for at most.
_MOST_FOLLOWERS = 32


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
        self._asked_s: dict[str, float] = {}  # when each follower who was not told the end has asked last
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
    def reader(self, follower: str = "") -> Iterator[None]:
        """Count as a reader, whom the end waits for, while a moment is waited for and sent.

        Parameters
        ----------
        follower
            The name of one who asks again as soon as it has drawn a moment: the end waits for that, too. Empty for one
            who asks once.
        """
        with self._changed:
            self._readers += 1
            self._forget_the_silent()
            if follower and (follower in self._asked_s or len(self._asked_s) < _MOST_FOLLOWERS):
                self._asked_s[follower] = monotonic()
        try:
            yield
        except BaseException:  # it takes no answer any more
            self.leave(follower)
            raise
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def leave(self, follower: str) -> None:
        """Wait for this follower no more: it was told of the end, or is gone."""
        with self._changed:
            self._asked_s.pop(follower, None)
            self._changed.notify_all()

    def _forget_the_silent(self) -> None:
        long_ago = monotonic() - _FAREWELL_S
        self._asked_s = {each: asked for each, asked in self._asked_s.items() if asked > long_ago}

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
        """Tell readers that the stream has ended, and give followers a moment to ask for the last moment and get it."""
        with self._changed:
            self.ended = True
            self._forget_the_silent()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._readers == 0 and not self._asked_s, _FAREWELL_S)
