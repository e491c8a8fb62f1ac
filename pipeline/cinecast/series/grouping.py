"""Which columns together are one object: three coordinates are one marker in 3D."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from cinecast.errors import SettingsError

Grouping = Literal["auto", "3d", "none"]
_AXES = "xyz"
# x1 or X_1; marker1_x or apex.X.
_AXIS_FIRST = re.compile(r"([xyz])[ _.-]?(\d+)", re.IGNORECASE)
_AXIS_LAST = re.compile(r"(.+?)[ _.-]([xyz])", re.IGNORECASE)


@dataclass(frozen=True)
class Objects:
    """The objects whose distances are scored.

    Parameters
    ----------
    names
        Name of each object.
    members
        Number of the object that each column belongs to, K of them.
    columns
        Name of each column.
    named
        Whether the columns have names of their own; coordinates of markers are in an assumed order else.
    """

    names: tuple[str, ...]
    members: tuple[int, ...]
    columns: tuple[str, ...]
    named: bool = True

    def __str__(self) -> str:
        count = len(self.names)
        if count == len(self.members):
            return f"{count} column(s), each scored by itself"
        markers = f"{count} marker(s) in 3D: {', '.join(self.names)}"
        if self.named:
            return markers
        order = ", ".join(f"{axis}1 to {axis}{count}" if count > 1 else f"{axis}1" for axis in _AXES)
        return f"{markers}; the columns have no names and are taken as {order}"


def group_columns(columns: tuple[str, ...], grouping: Grouping = "auto", *, named: bool = True) -> Objects:
    """Return the objects that columns make up.

    Parameters
    ----------
    columns
        Name of each column.
    grouping
        ``auto``: markers where every column is named like x1 or marker1_x and every marker has x, y and z, otherwise
        none. ``3d``: markers; columns without names of their own are x1 ... xn, y1 ... yn, z1 ... zn.
        ``none``: each column by itself.
    named
        Whether the columns have names of their own.

    Returns
    -------
    The objects, and the object of each column.

    Raises
    ------
    SettingsError
        If the grouping is unknown, or the columns do not make up markers although ``3d`` asks for them.
    """
    if grouping not in get_args(Grouping):
        raise SettingsError(f"--group must be one of {', '.join(get_args(Grouping))}, got {grouping!r}; choose one")
    if grouping == "3d" and not named:
        columns = _coordinate_names(len(columns))
    markers = None if grouping == "none" else _markers(columns)
    if markers is not None:
        names = tuple(dict.fromkeys(markers))
        return Objects(names, tuple(names.index(marker) for marker in markers), columns, named)
    if grouping == "3d":
        raise SettingsError(
            f"--group 3d needs columns x, y and z of each marker, named like x1 or marker1_x, got {', '.join(columns)}"
            "; rename them, or leave the option out"
        )
    return Objects(columns, tuple(range(len(columns))), columns)


def _coordinate_names(count: int) -> tuple[str, ...]:
    if count % 3:
        raise SettingsError(
            f"--group 3d needs three coordinates of each marker, got {count} columns; choose them with --column, or "
            "leave the option out"
        )
    return tuple(f"{axis}{marker + 1}" for axis in _AXES for marker in range(count // 3))


def _markers(columns: tuple[str, ...]) -> list[str] | None:
    """Return the marker of each column, or None where they are not the three coordinates of markers."""
    parsed = [_parse(name) for name in columns]
    found = [each for each in parsed if each is not None]
    markers = [marker for marker, _ in found]
    wanted = {(marker, axis) for marker in markers for axis in _AXES}
    if len(found) < len(columns) or set(found) != wanted or len(set(found)) < len(found):
        return None
    return markers


def _parse(name: str) -> tuple[str, str] | None:
    """Return (marker, axis) of a column's name."""
    if match := _AXIS_FIRST.fullmatch(name.strip()):
        return f"marker {match[2]}", match[1].lower()
    if match := _AXIS_LAST.fullmatch(name.strip()):
        return match[1], match[2].lower()
    return None
