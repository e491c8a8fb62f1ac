"""A table of settings on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from cinecast.cli.setting_facts import Row


def settings_table(rows: Iterable[Row]) -> Table:
    """Return a table whose names are never broken; an option stands below the name of its setting."""
    table = Table()
    for heading in ("setting", "values", "default", "what it is"):
        table.add_column(heading, no_wrap=heading == "setting")
    for row in rows:
        name = f"{row.name}\n({row.option})" if row.option else row.name
        table.add_row(*map(Text, (name, row.values, row.default, row.meaning)))
    return table
