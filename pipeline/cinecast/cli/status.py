"""``cinecast status``: what of a cohort is done."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from cinecast.cli.console import print_table, say
from cinecast.run.scope import STAGES

if TYPE_CHECKING:
    from cinecast.batch.status import SequenceStatus

_STYLES = {"done": "green", "stale": "yellow", "missing": "dim", "damaged": "yellow", "failed": "red"}


def status(
    runs: Annotated[Path, typer.Argument(metavar="RUNS", help="The folder of a batch.", show_default=False)],
) -> None:
    """Print each sequence and stage of a cohort: done, stale, failed (why) or missing, as the next batch would find it.

    Files are compared with their digests, as the batch itself does it; nothing is changed.
    """
    from cinecast.batch.status import cohort_status

    found = cohort_status(runs)
    print_table(status_table(found))
    for each in found:
        for key, reason in each.reasons.items():
            say(f"{each.name}: {key} failed: {reason}")
    counts = Counter(_summary(each) for each in found)
    say(", ".join(f"{number} {word}" for word, number in counts.items()) or "no sequence")


def status_table(found: list[SequenceStatus]) -> Table:
    """Return a line for each sequence, with a word for each stage that any of them has."""
    shown = [stage for stage in STAGES if any(stage in each.stages for each in found)]
    # All stages, that of a target too, in a terminal of 80 characters where names are short.
    gap = 1 if len(shown) > 7 else 2
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    table.add_column("sequence", overflow="fold")
    for stage in shown:
        table.add_column(stage)
    for each in found:
        words = [each.stages.get(stage, "\N{EN DASH}") for stage in shown]
        cells = [Text(word, style=_STYLES.get(word.split()[0], "")) for word in words]
        table.add_row(Text(each.name), *cells)
    return table


def _summary(each: SequenceStatus) -> str:
    words = {word.split()[0] for word in each.stages.values()}
    if words == {"done"}:
        return "done"
    return "failed" if "failed" in words else "to do"
