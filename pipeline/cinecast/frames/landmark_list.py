"""A user's own landmarks: a CSV file with the columns name, frame, row and column."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import NamedTuple

from cinecast.errors import ReadError
from cinecast.spreadsheet_cells import as_given

_COLUMNS = ("name", "frame", "row", "column")


class ListedPlace(NamedTuple):
    """One line: where a landmark is in a frame, in pixels that count from 0."""

    name: str
    frame: int
    row: float
    column: float


def read_landmark_list(path: Path) -> tuple[ListedPlace, ...]:
    """Read a list of landmarks: CSV in UTF-8 with a header, cells separated by comma or semicolon.

    Raises
    ------
    ReadError
        If the file cannot be read, lacks a column or a row, or a cell is not what its column holds.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ReadError(
            f"the list of landmarks must be readable, got {error.strerror} for {path}; check --landmarks"
        ) from error
    except UnicodeDecodeError as error:
        raise ReadError(
            f"the list of landmarks must be text in UTF-8, got other bytes in {path.name}; save it as CSV in UTF-8"
        ) from error
    try:
        return _places(path.name, lines)
    except csv.Error as error:
        raise ReadError(f"the list of landmarks must be CSV, got {error} in {path.name}; mend it") from error


def _places(file: str, lines: list[str]) -> tuple[ListedPlace, ...]:
    header = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=";" if header.count(";") > header.count(",") else ",")
    rows.fieldnames = columns = [name.strip() for name in rows.fieldnames or ()]
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise ReadError(
            f"a list of landmarks needs the columns {', '.join(_COLUMNS)}, got no {', '.join(missing)} in {file}; "
            "name them in its first line"
        )
    places = tuple(_place(row, f"{file} line {rows.line_num}") for row in rows if any(row.values()))
    if not places:
        raise ReadError(f"a list of landmarks needs at least one, got none in {file}; add a line for each")
    return places


def _place(row: dict[str, str | None], where: str) -> ListedPlace:
    cells = {name: as_given((row[name] or "").strip()) for name in _COLUMNS}
    if not cells["name"]:
        raise ReadError(f"every landmark needs a name, got none in {where}; fill the cell")
    frame, y, x = (_number(cells[name], name, where) for name in _COLUMNS[1:])
    if frame != int(frame):
        raise ReadError(f"a frame is a whole number, counted from 0, got {cells['frame']} in {where}; mend it")
    return ListedPlace(cells["name"], int(frame), y, x)


def _number(cell: str, name: str, where: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ReadError(f"the {name} of a landmark must be a number, got {cell!r} in {where}; mend that cell")
    return number
