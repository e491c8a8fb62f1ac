"""CSV tables that read back to the same bits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Cell = str | int | float | None


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows under a header; a NaN or None becomes an empty cell.

    Parameters
    ----------
    path
        In an existing folder; an old file is replaced.
    columns
        The header.
    rows
        Cells in the order of the columns; a float is written so that it reads back to the same bits.
    """
    path.write_text(table_text(columns, rows), encoding="utf-8", newline="")


def table_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return the text of a table.

    Parameters
    ----------
    columns
        The header.
    rows
        Cells in the order of the columns; a NaN or None becomes an empty cell.

    Returns
    -------
    str
        Lines that end in a line feed, cells parted by commas.
    """
    return rows_text([columns, *rows])


def rows_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Return the text of rows without a header."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as dictionaries of text, by column name."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_numbers(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return the column names and the numbers, shape (rows, columns); an empty cell is NaN."""
    with path.open(newline="", encoding="utf-8") as file:
        columns, *rows = list(csv.reader(file))
    numbers = [[float(cell) if cell else np.nan for cell in row] for row in rows]
    return columns, np.array(numbers, dtype=np.float64).reshape(len(rows), len(columns))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int | np.integer):
        return str(int(cell))
    return "" if np.isnan(cell) else repr(float(cell))
