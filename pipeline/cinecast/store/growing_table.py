"""A CSV table that grows row by row and is whole at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cinecast.store.tables import Cell, rows_text


def rows_content(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as the file has them."""
    return rows_text(rows).encode()


class GrowingTable:
    """Rows reach the file as they are added; one that does not fit on the disk leaves no trace.

    Parameters
    ----------
    path
        The file, which must not exist.
    columns
        The header.

    Raises
    ------
    OSError
        If it exists or cannot be written.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("xb", buffering=0)
        self._size = 0
        self.add(rows_content([columns]))

    def add(self, content: bytes) -> None:
        """Add rows, all or none.

        Parameters
        ----------
        content
            From `rows_content`.

        Raises
        ------
        OSError
            If the disk is full; the table is as before.
        """
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(content)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
