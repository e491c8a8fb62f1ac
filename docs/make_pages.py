"""Write the pages of settings and methods, settings.md and methods.md, from the code's own definitions.

``python docs/make_pages.py`` writes them beside this file; a test fails where they differ from what the code says.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cinecast.cli.method_list import list_methods
from cinecast.cli.setting_facts import Row
from cinecast.cli.setting_list import list_stages

_MADE = "<!-- Made by docs/make_pages.py; change the code's own definitions instead. -->\n\n"
_SETTINGS = """\
# Settings

`cinecast settings` prints this page, `cinecast settings flow` one stage of it. A setting is given in one of three ways:

- as `--set STAGE.NAME=VALUE`, such as `--set flow.levels=4`;
- in a settings file (`--settings FILE`, TOML) as `NAME = VALUE` below `[STAGE]`;
- by the option that stands below its name.

A run keeps all of them in its `settings.toml`. Settings of the methods are in [methods.md](methods.md).

"""
_METHODS = """\
# Methods

`cinecast methods` prints this page. A setting is given in one of two ways:

- as `--set METHOD.NAME=VALUE`, such as `--set snap1.hidden_units=60`; `forecast.` may stand before it;
- in a settings file (`--settings FILE`, TOML) as `NAME = VALUE` below `[forecast.METHOD]`.

Settings of the stages are in [settings.md](settings.md).

"""


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    stages = [_section(facts.name, facts.description, facts.rows, facts.note) for facts in list_stages()]
    methods = [_section(facts.heading, facts.description, facts.rows) for facts in list_methods()]
    return {"settings.md": _MADE + _SETTINGS + "\n".join(stages), "methods.md": _MADE + _METHODS + "\n".join(methods)}


def _section(heading: str, description: str, rows: Iterable[Row], note: str = "") -> str:
    table = ["| setting | values | default | what it is |", "|---|---|---|---|", *map(_line, rows)]
    parts = [f"## {heading}", description, "\n".join(table), *([note] if note else [])]
    return "\n\n".join(parts) + "\n"


def _line(row: Row) -> str:
    name = f"`{row.name}`<br>`{row.option}`" if row.option else f"`{row.name}`"
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in (name, *row[1:4])) + " |"


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8")
