"""``cinecast methods``: every forecaster and its settings, from the code's own definitions."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cinecast.cli.console import output, say


def methods(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON with the full descriptions, for programs.")
    ] = False,
) -> None:
    """List every forecaster with its settings, their ranges and defaults."""
    from cinecast.cli.method_list import list_methods, methods_json
    from cinecast.cli.setting_table import settings_table
    from cinecast.flow.other_flows import other_flows

    if as_json:
        typer.echo(json.dumps(methods_json(), indent=1))
        return
    for facts in list_methods():
        say(facts.heading, style="bold")
        output.print(settings_table(facts.rows))
    for name, plugin in other_flows().items():
        words = f"{name}: flow, of {plugin.source} (--set flow.estimator={name})"
        say(words, style="bold")
