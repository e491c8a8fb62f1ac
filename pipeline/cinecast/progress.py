"""What the runner tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """Hears of work done; this one stays silent, the command line's draws bars."""

    @contextmanager
    def working(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Announce work that is done while the block runs.

        Parameters
        ----------
        what
            One word for people, such as the name of a stage.
        total
            Number of steps.

        Yields
        ------
        Callable[[], None]
            To be called once for each step that is done, from any thread.
        """
        del what, total
        yield lambda: None

    def note(self, message: str) -> None:
        """Pass on a sentence that people should see."""
        del message
