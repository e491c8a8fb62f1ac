"""Arrivals that contradict a stream: one is a mistake, several alike in a row are what the stream has become."""

from __future__ import annotations

# So many arrivals in a row that contradict the stream in the same way are believed. One odd frame must not change a
# verdict, and a change that is real should not wait longer than a second or two.
IN_A_ROW = 5


class Contradictions:
    """Counts contradictions in a row."""

    def __init__(self) -> None:
        self._kind: object = None
        self._count = 0

    def observe(self, kind: object) -> bool:
        """Return whether a contradiction has been the same often enough to be believed.

        Parameters
        ----------
        kind
            What tells it from others; None for an arrival that contradicts nothing.
        """
        self._count = self._count + 1 if kind == self._kind else 1
        self._kind = kind
        return kind is not None and self._count >= IN_A_ROW
