"""``cinecast methods``: every forecaster and its settings, from the code's own definitions."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from cinecast.cli.console import output
from cinecast.cli.method_list import MethodFacts, list_methods, methods_json

# What stands before the range; that of a path says it all.
_KINDS = {"int": "whole numbers ", "float": "numbers ", "str": ""}


def methods(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON with the full descriptions, for programs.")
    ] = False,
) -> None:
    """List every forecaster with its settings, their ranges and defaults."""
    if as_json:
        typer.echo(json.dumps(methods_json(), indent=1))
        return
    for facts in list_methods():
        kinds = ("random runs" if facts.random_runs else "deterministic", "offline" if facts.offline else "online")
        title = f"{facts.name}: {facts.title} ({', '.join(kinds)})"
        output.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
        output.print(_table(facts))


def _table(facts: MethodFacts) -> Table:
    table = Table()
    for heading in ("setting", "values", "default", "what it is"):
        table.add_column(heading, no_wrap=heading == "setting")
    for setting in facts.settings:
        values = f"{_KINDS[setting.kind]}{setting.allowed}"
        table.add_row(setting.name, values, setting.default_text, setting.summary)
    return table
