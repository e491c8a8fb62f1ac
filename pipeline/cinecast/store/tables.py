"""CSV tables that read back to the same bits, names that spreadsheets would take for formulas included."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from cinecast.spreadsheet_cells import as_given, guarded

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
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_rows(file, chain([columns], rows))


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
    _write_rows(text, rows)
    return text.getvalue()


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as dictionaries of text, by column name; names are as `write_table` got them.

    Raises
    ------
    ValueError
        If it is no CSV in UTF-8.
    """
    with path.open(newline="", encoding="utf-8") as file, _whole():
        table = csv.DictReader(file)
        table.fieldnames = list(map(as_given, table.fieldnames or ()))
        return [
            {name: as_given(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in table
        ]


def read_columns(path: Path) -> dict[str, list[str]]:
    """Return the columns of a table as text by name, as `read_table` has the cells, for tables of many rows.

    Raises
    ------
    ValueError
        If it is no CSV in UTF-8, or its rows are not of one length.
    """
    with path.open(newline="", encoding="utf-8") as file, _whole():
        text = file.read()
        names, *rows = list(csv.reader(io.StringIO(text, newline="")))
    cells = zip(*rows, strict=True) if rows else [()] * len(names)
    given = as_given if "'" in text else str  # no cell of a table without an apostrophe was guarded
    return {given(name): list(map(given, own)) for name, own in zip(names, cells, strict=True)}


def read_numbers(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return the column names and the numbers, shape (rows, columns); an empty cell is NaN."""
    with path.open(newline="", encoding="utf-8") as file, _whole():
        rows = csv.reader(file)
        columns = list(map(as_given, next(rows)))
        numbers = _numbers(rows, len(columns))
    return columns, numbers


def read_number_columns(path: Path, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the numbers of some columns of a table that also holds text.

    Parameters
    ----------
    path
        The table.
    names
        Names of the columns.

    Returns
    -------
    NDArray[np.float64]
        Shape (rows, len(names)); an empty cell is NaN.
    """
    with path.open(newline="", encoding="utf-8") as file, _whole():
        rows = csv.reader(file)
        columns = list(map(as_given, next(rows)))
        places = [columns.index(name) for name in names]
        return _numbers(([row[place] for place in places] for row in rows), len(names))


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except csv.Error as error:  # as little a table as one whose text cannot be decoded
        raise ValueError(str(error)) from error


def _numbers(rows: Iterable[Sequence[str]], width: int) -> NDArray[np.float64]:
    """Return cells as numbers, shape (rows, width), of which only these are held at any time."""
    numbers = array("d")
    for row in rows:
        if len(row) != width:
            raise ValueError(f"a row of {len(row)} cells under {width} columns")
        numbers.fromlist(numbers_of(row))
    return np.array(numbers, dtype=np.float64).reshape(-1, width)


def numbers_of(cells: Iterable[str]) -> list[float]:
    """Return cells of a table as numbers; an empty one is NaN."""
    cells = list(cells)
    if "" in cells:
        return [float(cell) if cell else np.nan for cell in cells]
    return list(map(float, cells))  # several times as fast


def _write_rows(file: TextIO, rows: Iterable[Sequence[Cell]]) -> None:
    # Most cells are floats, which csv itself writes by their repr, whole numbers, or None, which it leaves empty. NaN
    # alone differs from itself.
    csv.writer(file, lineterminator="\n").writerows(
        [
            cell if cell is None or ((kind := type(cell)) is float and cell == cell) or kind is int else _text(cell)
            for cell in row
        ]
        for row in rows
    )


def _text(cell: str | float | int) -> str:
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, int | np.integer):
        return str(int(cell))
    return "" if np.isnan(cell) else repr(float(cell))
