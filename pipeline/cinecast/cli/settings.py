"""``cinecast settings``: every setting of every stage, from the code's own definitions."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cinecast.cli.console import output, say


def settings(
    stage: Annotated[
        str | None, typer.Argument(metavar="STAGE", help="One stage, such as flow.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """List every setting of every stage with its range, default and meaning.

    Give a setting as --set STAGE.NAME=VALUE, in a settings file under [STAGE], or by its option if it has one.
    """
    from cinecast.cli.setting_list import list_stages
    from cinecast.cli.setting_table import settings_table

    stages = list_stages(stage)
    if as_json:
        typer.echo(json.dumps([facts.json for facts in stages], indent=1))
        return
    for facts in stages:
        say(facts.heading, style="bold")
        output.print(settings_table(facts.rows))
        if facts.note:
            say(facts.note)
