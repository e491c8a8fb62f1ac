"""What looks wrong and keeps coming is right, and what came before it was wrong."""

from __future__ import annotations

# So many arrivals in a row that contradict the stream in the same way are the stream.
IN_A_ROW = 5


class Insistence:
    """Counts contradictions in a row."""

    def __init__(self) -> None:
        self._kind: object = None
        self._count = 0

    def arrive(self, kind: object) -> bool:
        """Return whether a contradiction has been the same often enough to be believed.

        Parameters
        ----------
        kind
            What tells it from others; None for an arrival that contradicts nothing.
        """
        self._count = self._count + 1 if kind == self._kind else 1
        self._kind = kind
        return kind is not None and self._count >= IN_A_ROW
