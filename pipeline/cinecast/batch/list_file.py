"""A CSV list of sequences, with settings of their own."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cinecast.batch.inputs import Entry
from cinecast.errors import CinecastError
from cinecast.frames.detect import detect_format, readable_name
from cinecast.settings.toml_file import build_settings, merge, parse_assignment, with_absolute_paths
from cinecast.spreadsheet_cells import as_given
from cinecast_models import ForecastingError

PATH, NAME = "path", "name"
# Columns with names of their own, and the settings that they are. A cell is one text, or a number, not a list.
_SHORT = {
    "target": ("target", "files"),
    "target_label": ("target", "labels"),
    "target_name": ("target", "names"),
    "target_frame": ("target", "frame"),
    "labels": ("score", "labels"),
}


def read_list(file: Path, faults: list[str]) -> list[Entry]:
    """Return the sequences of a list: columns ``path``, optionally ``name``, and settings such as ``flow.levels``.

    Targets and reference masks have short columns: ``target``, ``target_label``, ``target_name``, ``target_frame`` and
    ``labels``. Paths are relative to the list; an empty cell leaves the setting as it is for the cohort.

    Parameters
    ----------
    file
        The list: CSV in UTF-8 with a header, cells separated by comma or semicolon.
    faults
        Gets a sentence for each fault.

    Returns
    -------
    list[Entry]
        In the order of the list, without lines that have a fault in their path.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{file.name}: the list must be text in UTF-8 that can be read, got {error}")
        return []
    header = text.partition("\n")[0]
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ","
    )
    try:
        columns = [column.strip() for column in rows.fieldnames or ()]
        found = _check_header(file.name, columns)
        faults += found
        if found:
            return []
        rows.fieldnames = columns
        return [entry for row in rows if (entry := _entry(file, f"{file.name} line {rows.line_num}", row, faults))]
    except csv.Error as error:
        faults.append(f"{file.name} after line {rows.line_num}: the list must be CSV, got {error}")
        return []


def _check_header(name: str, columns: list[str]) -> list[str]:
    faults = []
    if PATH not in columns:
        faults.append(f"{name}: the list needs a column {PATH!r}, got the columns {', '.join(columns) or 'none'}")
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1:
            faults.append(f"{name}: the column {column!r} is there twice")
        if column not in (PATH, NAME, *_SHORT) and "." not in column:
            known = ", ".join((PATH, NAME, *_SHORT))
            faults.append(f"{name}: a column must be {known} or a setting such as flow.levels, got {column!r}")
    return faults


def _entry(file: Path, where: str, row: Mapping[str | None, Any], faults: list[str]) -> Entry | None:
    if None in row:
        faults.append(f"{where}: the line has more cells than the header has columns")
        return None
    cells = {str(column): as_given((cell or "").strip()) for column, cell in row.items()}
    if not any(cells.values()):
        return None
    path = Path(os.path.abspath(file.parent / cells[PATH])) if cells[PATH] else None
    wrong = _path_faults(path)
    faults += [f"{where}: {fault}" for fault in wrong]
    tables: dict[str, Any] = {}
    for column, cell in cells.items():
        if column not in (PATH, NAME) and cell:
            tables = _with_setting(tables, column, cell, where, faults)
    if path is None or wrong:
        return None
    return Entry(cells.get(NAME) or readable_name(path), path, with_absolute_paths(tables, file.parent))


def _path_faults(path: Path | None) -> list[str]:
    if path is None:
        return [f"the cell {PATH!r} is empty"]
    try:
        detect_format(path)
    except CinecastError as error:
        return [str(error)]
    return []


def _with_setting(tables: dict[str, Any], column: str, cell: str, where: str, faults: list[str]) -> dict[str, Any]:
    try:
        table = _table(column, cell)
        build_settings(table)
    except (CinecastError, ForecastingError) as error:
        faults.append(f"{where}: {error}")
        return tables
    return merge(tables, table)


def _table(column: str, cell: str) -> dict[str, Any]:
    if column not in _SHORT:
        return parse_assignment(f"{column}={cell}")
    stage, setting = _SHORT[column]
    if setting == "frame":
        return parse_assignment(f"{stage}.{setting}={cell}")
    # Text as it stands: a label is called 1, a file may be.
    return {stage: {setting: [cell] if stage == "target" else cell}}
