"""``cinecast score-masks``: a label series scored against the reference labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from cinecast.cli.console import output, say
from cinecast.store.single_file import write_whole
from cinecast.store.tables import table_text
from cinecast.trackrad.score_masks import COLUMNS, MaskComparison, compare_masks, d98_title

_TITLES = {
    "dice": "Dice",
    "hd95_mm": "HD95, mm",
    "masd_mm": "mean surface distance, mm",
    "surface_mm": "forecast to reference surface, mm",
    "centroid_mm": "centroid, mm",
    "centroid_rows_mm": "  from row to row, mm",
    "centroid_columns_mm": "  from column to column, mm",
    "missed": "missed frames",
}


def score_masks(
    forecasts: Annotated[
        Path, typer.Argument(metavar="PRED", help="Forecast label series, MHA or MHD.", show_default=False)
    ],
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS", help="Reference label series of the same geometry.", show_default=False)
    ],
    trackrad: Annotated[
        bool, typer.Option("--trackrad", help="Take the exact rules of the TrackRAD2025 challenge.")
    ] = False,
    target_frame: Annotated[
        int | None,
        typer.Option(
            "--target-frame", metavar="FRAME", help="Frame whose mask was given, which does not count. [default: 0]"
        ),
    ] = None,
    scanned_region: Annotated[
        str | None,
        typer.Option(
            "--scanned-region",
            metavar="NAME",
            help="lung or any other, for the D98. [default: of the case's scanned-region.json]",
        ),
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the numbers of each frame.")] = None,
) -> None:
    """Score forecast masks against reference masks: Dice, distances of surfaces and centroids, D98."""
    found = compare_masks(
        forecasts, labels, trackrad=trackrad, target_frame=target_frame, scanned_region=scanned_region
    )
    output.print(_table(found, forecasts.name, labels.name))
    for note in found.notes:
        say(note)
    if csv is not None:
        write_whole(csv, table_text(COLUMNS, found.rows()).encode(), "the table of scores")
        say(f"Wrote {csv}")


def _table(found: MaskComparison, forecasts: str, labels: str) -> Table:
    rules = "TrackRAD2025's rules" if found.rules == "trackrad" else "cinecast's rules"
    count = len(found.series.frames)
    title = f"{forecasts} against {labels}: {count} frame{'s' if count != 1 else ''}, {rules}"
    table = Table(title=title, title_justify="left")
    table.add_column("score")
    for heading in ("mean", "worst", "frame"):
        table.add_column(heading, justify="right")
    for metric in found.metrics:
        table.add_row(_TITLES[metric], *_cells(found, metric))
    for version, ratio in found.d98_ratios.items():
        table.add_row(d98_title(version), _number(ratio), "", "")
    return table


def _cells(found: MaskComparison, metric: str) -> tuple[str, str, str]:
    if metric == "missed":
        return f"{found.series.mean(metric):.0f}", "", ""
    values = found.series.values(metric)
    if not np.isfinite(values).any():
        return _number(np.nan), "", ""
    # Of Dice the worst is the smallest; parts of the centroid's error are worst where they are farthest from 0.
    worst = int(np.nanargmin(values) if metric == "dice" else np.nanargmax(np.abs(values)))
    return _number(found.series.mean(metric)), _number(values[worst]), str(found.series.frames[worst])


def _number(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "\N{EN DASH}"
