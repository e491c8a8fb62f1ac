"""``cinecast reproduce``: the published tables again, in the published or in the causal protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from cinecast.cli.console import BarProgress, say
from cinecast.cli.options import SchedulerOption, TableMethodOption, WorkersOption, processes
from cinecast.errors import SettingsError
from cinecast.settings import Protocol
from cinecast_models.registry import find_method

_BUDGET = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(m|min|h)?")


def reproduce(
    subject: Annotated[str, typer.Argument(metavar="cine|markers", help="Which tables.", show_default=False)],
    data: Annotated[
        Path, typer.Option("--data", help="Folder of sequences with sidecars, or of markers-N.npz.", show_default=False)
    ],
    published: Annotated[
        Path, typer.Option("--published", help="Folder with cine.csv and markers.json.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the work and of the tables.", show_default=False)],
    protocol: Annotated[str, typer.Option("--protocol", help="published (non-causal) or causal.")] = "published",
    method: TableMethodOption = None,
    horizon: Annotated[
        list[int] | None, typer.Option("--horizon", metavar="FRAMES", help="Repeat for several. [default: all]")
    ] = None,
    rate: Annotated[
        list[str] | None, typer.Option("--rate", metavar="HZ", help="Markers: 3.33, 10 or 30; repeat. [default: all]")
    ] = None,
    budget: Annotated[
        str, typer.Option("--budget", metavar="90m|4h", help="Time limit; grids and runs are thinned to it.")
    ] = "80m",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Choose settings as the papers do, forecast, and put our figures beside the published ones.

    Finished results are kept: the same command again continues where it was stopped. The page says which part of the
    papers' grids and runs was tried.
    """
    # dask, optuna and matplotlib take seconds that no other command should wait for
    from cinecast.reproduce.markers import RATES
    from cinecast.reproduce.run import SUBJECTS, ReproduceRequest, describe

    if subject not in SUBJECTS:
        raise SettingsError(f"reproduce takes one of {', '.join(SUBJECTS)}, got {subject!r}; choose one of these")
    if protocol not in get_args(Protocol):
        raise SettingsError(f"--protocol must be one of {', '.join(get_args(Protocol))}, got {protocol!r}; choose one")
    for name in method or []:
        find_method(name)
    for hz in rate or []:
        if hz not in RATES:
            raise SettingsError(f"--rate must be one of {', '.join(RATES)}, got {hz!r}; choose one of these")
    request = ReproduceRequest(
        protocol=cast("Protocol", protocol),
        methods=tuple(dict.fromkeys(method or [])),
        horizons=tuple(sorted(set(horizon or []))),
        budget_s=_seconds(budget),
        workers=processes(workers, scheduler),
        scheduler=scheduler,
        rates=tuple(hz for hz in RATES if not rate or hz in rate),
    )
    result = SUBJECTS[subject](data, published, out, request, BarProgress())
    say(describe(result))
    for reason in result.failures:
        say(f"No figure for {reason}")
    say(f"Table: {result.table}")
    say(f"Page: {result.page}")


def _seconds(text: str) -> float:
    match = _BUDGET.fullmatch(text.strip())
    if match is None or float(match[1]) <= 0:
        raise SettingsError(
            f"--budget must be minutes such as 90m or hours such as 4h, got {text!r}; give one of these"
        )
    return float(match[1]) * (3600 if match[2] == "h" else 60)
