"""Write the pages of commands, settings and methods from the code's own definitions.

``python docs/make_pages.py`` writes them beside this file; a test fails where they differ from what the code says.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cinecast.cli.app import COMMANDS, load_command
from cinecast.cli.method_list import list_methods
from cinecast.cli.setting_facts import Row
from cinecast.cli.setting_list import list_stages

_MADE = "<!-- Made by docs/make_pages.py; change the code's own definitions instead. -->\n\n"
_COMMANDS = """\
# Commands

`cinecast COMMAND --help` prints a section of this page. Repeat an option to give several values:
`--method rls --method linear`.

"""
_SETTINGS = """\
# Settings

`cinecast settings` prints this page, `cinecast settings flow` one stage of it. Give a setting in one of three ways:

- as `--set STAGE.NAME=VALUE`, such as `--set flow.levels=4`;
- in a settings file (`--settings FILE`, TOML) as `NAME = VALUE` below `[STAGE]`;
- by the option below its name, if there is one.

A run keeps all of them in its `settings.toml`. Settings of the methods are in [methods.md](methods.md).

"""
_METHODS = """\
# Methods

`cinecast methods` prints this page. Give a setting in one of two ways:

- as `--set METHOD.NAME=VALUE`, such as `--set snap1.hidden_units=60`; you may also write `forecast.` before it;
- in a settings file (`--settings FILE`, TOML) as `NAME = VALUE` below `[forecast.METHOD]`.

Settings of the stages are in [settings.md](settings.md).

"""


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    stages = [_section(facts.name, facts.description, facts.rows, facts.note) for facts in list_stages()]
    methods = [_section(facts.heading, facts.description, facts.rows) for facts in list_methods()]
    commands = [_command(name) for name in COMMANDS]
    return {
        "commands.md": _MADE + _COMMANDS + "\n".join(commands),
        "settings.md": _MADE + _SETTINGS + "\n".join(stages),
        "methods.md": _MADE + _METHODS + "\n".join(methods),
    }


def _command(name: str) -> str:
    command = load_command(name)
    usage = [f"cinecast {name}", *(_argument(each) for each in command.params if each.param_type_name == "argument")]
    lines = [f"| {_names(each)} | {_cell(_meaning(each))} |" for each in command.params if each.name != "help"]
    table = "\n".join(["| option | what it does |", "|---|---|", *lines])
    return f"## {name}\n\n```\n{' '.join(usage)} [OPTIONS]\n```\n\n{_text(command.help)}\n\n{table}\n"


def _argument(parameter: Any) -> str:
    shown = parameter.metavar or parameter.name.upper()
    return shown if parameter.required or shown.startswith("[") else f"[{shown}]"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_argument(parameter).strip('[]')}`".replace("|", r"\|")
    flag = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    names = "<br>".join(f"`{name}{flag}`" for name in (*parameter.opts, *parameter.secondary_opts))
    return names.replace("|", r"\|") + (" (required)" if parameter.required else "")


def _meaning(parameter: Any) -> str:
    default = parameter.default
    # A number of processors is that of the machine which makes this page.
    shown = parameter.show_default and isinstance(default, int | float | str) and not isinstance(default, bool)
    ending = f" [default: {'one per processor' if parameter.name == 'workers' else default}]" if shown else ""
    return (parameter.help or "") + ending


def _text(help_text: str) -> str:
    return "\n\n".join(textwrap.fill(paragraph, 116, break_on_hyphens=False) for paragraph in help_text.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", r"\<").replace("*", r"\*")


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
