"""The commands; the module of each is imported when it is called, so that help comes at once."""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cinecast.cli.help_text import PlainWordsCommand
from cinecast.version import __version__


class CommandEntry(NamedTuple):
    """Where the function of a command is, and the first sentence of its docstring."""

    function: str
    summary: str


COMMANDS: dict[str, CommandEntry] = {
    "run": CommandEntry(
        "cinecast.cli.run:run", "Forecast the frames of a sequence, score them in mm and write a report."
    ),
    "batch": CommandEntry(
        "cinecast.cli.batch:batch",
        "Bring the runs of many sequences up to date, and write RUNS/summary.csv and RUNS/index.html.",
    ),
    "live": CommandEntry(
        "cinecast.cli.live:live",
        "Forecast each frame before the next one arrives: calibrate on the first frames, then forecast from every "
        "frame.",
    ),
    "stream": CommandEntry(
        "cinecast.cli.stream:stream",
        "Send a recorded sequence as OpenIGTLink, in its own time, once somebody receives; Ctrl-C ends.",
    ),
    "status": CommandEntry(
        "cinecast.cli.status:status",
        "Print each sequence and stage of a cohort: done, stale, failed (why) or missing, as the next batch would "
        "find it.",
    ),
    "report": CommandEntry(
        "cinecast.cli.report:report",
        "Write the report of a run again, finished or not; missing or damaged parts are named and left out.",
    ),
    "compare": CommandEntry(
        "cinecast.cli.report:compare",
        "Write one report of several runs of one sequence: their frames, scores and settings side by side.",
    ),
    "figure": CommandEntry(
        "cinecast.cli.figure:figure",
        "Draw one figure of a run for a paper: vector PDF or SVG with text as text, or PNG at 600 dpi.",
    ),
    "export": CommandEntry(
        "cinecast.cli.export:export",
        "Write frames, DVFs, their reliability, predicted frames or targets as files for other programs.",
    ),
    "score-masks": CommandEntry(
        "cinecast.cli.score_masks:score_masks",
        "Score forecast masks against reference masks: Dice, distances of surfaces and centroids, D98.",
    ),
    "track": CommandEntry(
        "cinecast.cli.track:track",
        "Follow a target through its frames as they come: each mask is made before the next frame is looked at.",
    ),
    "info": CommandEntry(
        "cinecast.cli.info:info",
        "Print what is understood of a sequence and where each fact comes from; nothing of the patient is shown.",
    ),
    "phantom": CommandEntry(
        "cinecast.cli.phantom:phantom",
        "Write a simulated sagittal sequence of known motion, with its ROI and split in a sidecar beside it.",
    ),
    "tune": CommandEntry(
        "cinecast.cli.tune:tune",
        "Choose settings and modes for each method and horizon; nothing after the validation span is looked at.",
    ),
    "reproduce": CommandEntry(
        "cinecast.cli.reproduce:reproduce",
        "Choose settings as the papers do, forecast, and put our figures beside the published ones.",
    ),
    "series": CommandEntry(
        "cinecast.cli.series:series",
        "Forecast any multivariate trace, such as external markers, and score it in its own unit.",
    ),
    "population": CommandEntry(
        "cinecast.cli.population:population",
        "Train transformers on recorded sequences, for others at a rate and a horizon (arXiv 2410.05882).",
    ),
    "methods": CommandEntry(
        "cinecast.cli.methods:methods", "List every forecaster with its settings, their ranges and defaults."
    ),
    "settings": CommandEntry(
        "cinecast.cli.settings:settings", "List every setting of every stage with its range, default and meaning."
    ),
}


class Commands(TyperGroup):
    """Knows all commands by their summaries, and imports the one that is called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {name: TyperCommand(name, help=entry.summary) for name, entry in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name, the command itself and the rest of the arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else load_command(name), rest


@cache
def load_command(name: str) -> Any:
    """Import a command.

    Parameters
    ----------
    name
        One of `COMMANDS`.
    """
    own = typer.Typer(name=name, pretty_exceptions_enable=False, add_completion=False)
    own.command(name, cls=PlainWordsCommand)(resolve_name(COMMANDS[name].function))
    command = get_command(own)
    command.help = _unbroken(command.help or "")
    return command


def _unbroken(text: str) -> str:
    """Return a help text with each paragraph in one line: a terminal breaks lines where it ends, not where ours do."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


app = typer.Typer(
    name="cinecast",
    cls=Commands,
    help="Forecast the frames of a cine-MR sequence, causally, with the error in millimetres.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


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
