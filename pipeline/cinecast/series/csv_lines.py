"""A CSV file as text: comments, header, units, samples; and the numbers in its cells."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.series.recording import listed
from cinecast.series.units import TIME_UNITS

_SEPARATORS = ",;\t"
_LENGTH_UNITS = ("mm", "cm", "m", "um", "a.u.", "au", "v", "mv", "rad", "deg", "-")


class Lines(NamedTuple):
    """What a CSV file holds: names, units where a line has them, and each sample with the number of its line.

    ``empty`` are lines between the first sample and the last whose cells are all empty, ``blank`` the numbers of those
    that have no cells at all. Both tell of nothing where each sample has its time; see `counted_lines`.
    """

    header: list[str]
    units: Mapping[str, str]
    rows: list[tuple[int, list[str]]]
    empty: tuple[tuple[int, list[str]], ...] = ()
    blank: tuple[int, ...] = ()


def read_lines(path: Path) -> Lines:
    """Return header, units and samples of a CSV file, as text.

    Raises
    ------
    ReadError
        If the file cannot be read, or has no header or no samples.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"{path.name} must be text in UTF-8, got other bytes; export it as CSV or NPZ") from error
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read ({error.strerror}); check its permissions and the disk") from error
    whole = text.splitlines()
    # Loggers write who they are before the header.
    comments = next((i for i, line in enumerate(whole) if not line.lstrip().startswith("#")), len(whole))
    lines = whole[comments:]
    if not lines or not lines[0].strip():
        raise ReadError(
            f"a CSV file must begin with a header, got an empty line or file in {path.name}; export it again"
        )
    separator = max(_SEPARATORS, key=lines[0].count)
    try:
        parsed = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        raise ReadError(f"{path.name} must be CSV, got {error}; export it again") from error
    header, *cells = _without_empty_end([[name.strip() for name in parsed[0]], *parsed[1:]])
    _check_header(header, path)
    below = list(enumerate(cells, start=comments + 2))
    rows = [(n, row) for n, row in below if any(cell.strip() for cell in row)]
    units = _units(rows[0][1], header) if rows else {}
    rows = rows[1:] if units else rows
    if not rows:
        raise ReadError(f"a series needs samples below its header, got none in {path.name}; export it again")
    between = [(n, row) for n, row in below if rows[0][0] < n < rows[-1][0] and not any(cell.strip() for cell in row)]
    empty = tuple((n, row) for n, row in between if len(row) == len(header))
    return Lines(header, units, rows, empty, tuple(n for n, row in between if len(row) != len(header)))


def _without_empty_end(lines: list[list[str]]) -> list[list[str]]:
    """Return the lines without the nameless columns at their end, which a comma there makes, if nothing is in them."""
    header = lines[0]
    named = max((place for place, name in enumerate(header, start=1) if name), default=0)
    if not named or any(cell.strip() for row in lines for cell in row[named:]):
        return lines
    return [row[:named] if len(row) <= len(header) else row for row in lines]


def counted_lines(lines: Lines, path: Path) -> Lines:
    """Return the lines of a file whose times are counted: one whose cells are all empty is a sample that is missing.

    Parameters
    ----------
    lines
        The file as text.
    path
        The file, for sentences.

    Returns
    -------
    Lines
        With the empty lines among its rows.

    Raises
    ------
    ReadError
        If there are lines without cells between samples: they may be missing samples, or nothing.
    """
    if lines.blank:
        raise ReadError(
            f"times can be counted where each line is a sample, got {len(lines.blank)} blank line(s) between samples "
            f"of {path.name} (line {listed(lines.blank)}); write nan where nothing was measured, or remove them"
        )
    return lines._replace(rows=sorted([*lines.rows, *lines.empty], key=lambda row: row[0]))


def _check_header(header: list[str], path: Path) -> None:
    if any(number_of(name) is not None for name in header):
        raise ReadError(
            f"a CSV file must begin with a header of names, got the number(s) {', '.join(header)} in {path.name}; add "
            "a first line such as time_s,x1"
        )
    for place, name in enumerate(header, start=1):
        if not name:
            raise ReadError(
                f"every column must have a name, got none for column {place} of {len(header)} in {path.name}; name it "
                "in the header"
            )
        if header.count(name) > 1:
            raise ReadError(f"columns must have different names, got {name!r} twice in {path.name}; rename one of them")


def _units(row: list[str], header: list[str]) -> dict[str, str]:
    """Return the units of columns where the line below the header holds units and no number."""
    cells = [cell.strip().strip("()[]") for cell in row]
    if len(cells) != len(header) or any(number_of(cell) is not None for cell in cells):
        return {}
    known = {*TIME_UNITS, *_LENGTH_UNITS}
    return dict(zip(header, cells, strict=True)) if all(not c or c.lower() in known for c in cells) else {}


MEND_SAMPLES = "mend it, or choose other columns with --column"
MEND_TIMES = "export the times as seconds, name another column with --time-column, or give --sample-rate to count them"


def read_numbers(lines: Lines, columns: Sequence[str], path: Path, remedy: str = MEND_SAMPLES) -> NDArray[np.float64]:
    """Return the numbers of columns, shape (n, columns); an empty cell is NaN.

    Parameters
    ----------
    lines
        The file as text.
    columns
        Names of columns.
    path
        The file, for sentences.
    remedy
        What helps where a cell is no number.

    Returns
    -------
    One row for each sample.

    Raises
    ------
    ReadError
        If a line is too short or too long, or a cell is no number.
    """
    header, rows = lines.header, lines.rows
    numbers = np.empty((len(rows), len(columns)))
    for i, (line, row) in enumerate(rows):
        if len(row) != len(header):
            raise ReadError(
                f"every line must have one cell per column, got {len(row)} for {len(header)} columns in line {line} of "
                f"{path.name}; mend that line"
            )
        for k, name in enumerate(columns):
            cell = row[header.index(name)].strip()
            value = number_of(cell) if cell else np.nan
            if value is None:
                if number_of(cell.replace(",", ".")) is not None:
                    remedy = "write a point for each decimal comma, and leave out commas between thousands"
                raise ReadError(
                    f"cells must be numbers with a decimal point, got {cell!r} in column {name!r}, line {line} of "
                    f"{path.name}; {remedy}"
                )
            numbers[i, k] = value
    return numbers


def number_of(cell: str) -> float | None:
    """Return the number in a cell, None where it holds none."""
    # float() takes 1_000 for a number; a file that holds it means something else.
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
