"""The commands."""

from __future__ import annotations

from typing import Annotated

import typer

from cinecast.cli.batch import batch
from cinecast.cli.export import export
from cinecast.cli.figure import figure
from cinecast.cli.info import info
from cinecast.cli.live import live
from cinecast.cli.methods import methods
from cinecast.cli.phantom import phantom
from cinecast.cli.population import population
from cinecast.cli.report import compare, report
from cinecast.cli.reproduce import reproduce
from cinecast.cli.run import run
from cinecast.cli.series import series
from cinecast.cli.settings import settings
from cinecast.cli.status import status
from cinecast.cli.tune import tune
from cinecast.version import __version__

app = typer.Typer(
    name="cinecast",
    help="Forecast the frames of a cine-MR sequence, causally, with the error in millimetres.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(run)
app.command()(batch)
app.command()(live)
app.command()(status)
app.command()(report)
app.command()(compare)
app.command()(figure)
app.command()(export)
app.command()(info)
app.command()(phantom)
app.command()(tune)
app.command()(reproduce)
app.command()(series)
app.command()(population)
app.command()(methods)
app.command()(settings)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"cinecast {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version
