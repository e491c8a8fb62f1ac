"""Tables of scores as Python and pandas take them: numbers as numbers, rows or columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

_WHOLE = ("horizon_frames", "runs")
_REAL = ("horizon_s", "value", "half_range_95")


def typed_rows(rows: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return rows of ``score/scores.csv`` with numbers in the place of text; NaN for an empty cell."""
    return [{name: _typed(name, cell) for name, cell in row.items()} for row in rows]


def as_columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return a table as columns by name, in the order of the rows, which all have the same names."""
    listed = list(rows)
    return {name: [row[name] for row in listed] for name in (listed[0] if listed else ())}


def _typed(name: str, cell: str) -> Any:
    if name in _WHOLE:
        return int(cell) if cell else 0
    if name in _REAL:
        return float(cell) if cell else math.nan
    return cell
