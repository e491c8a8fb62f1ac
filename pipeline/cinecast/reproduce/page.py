"""The readable page of a reproduction, in Markdown, with plots beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cinecast.reproduce.comparison import ComparisonRow
from cinecast.reproduce.marker_tables import marker_tables
from cinecast.reproduce.plan import ReproductionPlan
from cinecast.reproduce.plots import Curve, write_plot
from cinecast.reproduce.published import MarkerFigures

_PROTOCOLS = {
    "published": "`published`: non-causal, each target is handed over before it exists, as in the papers",
    "causal": "`causal`: a method learns from a target only once it has been seen; the published figures are not",
}
_SETS = {"eth": "ETH", "ovgu": "OvGU"}
_SOURCES = {"cine": "arXiv 2410.05882", "markers": "arXiv 2403.01607"}


@dataclass(frozen=True)
class Page:
    """What is written.

    Parameters
    ----------
    subject
        ``cine`` or ``markers``.
    protocol
        Protocol of our figures.
    plan
        Efforts and costs.
    rows
        All figures.
    failures
        Why cells have no figure.
    markers
        Published averages of markers; None for cine sequences.
    """

    subject: str
    protocol: str
    plan: ReproductionPlan
    rows: list[ComparisonRow]
    failures: list[str]
    markers: MarkerFigures | None = None


def write_page(path: Path, page: Page) -> None:
    """Write the page, and its plots beside it as SVG.

    Parameters
    ----------
    path
        The Markdown file; plots take its name with set and region behind it.
    page
        What is written.
    """
    lines = list(_head(page))
    lines += _cine(path, page) if page.markers is None else marker_tables(page.rows, page.markers)
    if page.failures:
        lines += ["## Cells without a figure", "", *(f"- {reason}" for reason in page.failures), ""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(page: Page) -> Iterator[str]:
    yield f"# Tables of {_SOURCES[page.subject]}, {page.protocol} protocol"
    yield ""
    yield f"Written by `cinecast reproduce {page.subject} --protocol {page.protocol}`. Protocol of our figures: "
    yield f"{_PROTOCOLS[page.protocol]}. The CSV beside this page has every figure with its half range and settings."
    yield ""
    plan = page.plan
    yield (
        f"Budget: {len(plan.cells)} cells, estimated at {plan.estimate_s / 60:.0f} minutes of one processor; the "
        f"papers' own grids with 250 runs are estimated at {plan.papers_s / 3600:.0f} hours. What was tried of them:"
    )
    yield ""
    yield "| method | effort |"
    yield "|---|---|"
    for method, effort in plan.efforts.items():
        yield f"| {method} | {effort.name} |"
    yield ""


def _cine(path: Path, page: Page) -> Iterator[str]:
    yield from _agreement(page.rows)
    for title, stem, rows in _groups(page.rows):
        names = ", ".join(dict.fromkeys(row.sequence for row in rows))
        for region in ("image", "roi"):
            own = [row for row in rows if (row.region, row.metric) == (region, "dvf_error_mean_mm")]
            if not own:
                continue
            yield f"## {title}, mean DVF error in mm, {region}: published / ours"
            yield ""
            yield f"Average over {names}. Published averages are over the same sequences."
            yield "A figure over fewer of them says of how many."
            yield ""
            yield from _by_horizon(own)
            yield ""
            picture = path.with_name(f"{path.stem}_{stem}_{region}.svg")
            write_plot(picture, _curves(own), f"{title}, {region}", "mean DVF error, mm")
            yield f"![Mean DVF error by horizon; dashed: published]({picture.name})"
            yield ""


def _groups(rows: list[ComparisonRow]) -> Iterator[tuple[str, str, list[ComparisonRow]]]:
    """Yield title, part of a file name and rows of each set; one of several frame periods is a table for each."""
    for prefix in dict.fromkeys(_set_of(row) for row in rows):
        title, own = _SETS.get(prefix, prefix), [row for row in rows if _set_of(row) == prefix]
        periods = list(dict.fromkeys(_period_of(row) for row in own))
        if len(periods) == 1:
            yield title, prefix, own
            continue
        for period in periods:  # a horizon in frames is another time at another period
            at_period = [row for row in own if _period_of(row) == period]
            yield f"{title} at {period:g} s a frame", f"{prefix}_{period:g}s", at_period


def _set_of(row: ComparisonRow) -> str:
    """Return the name of a sequence without its number."""
    return row.sequence.partition("-")[0]


def _period_of(row: ComparisonRow) -> float:
    """Return the frame period of a sequence in s, to three digits."""
    return float(f"{row.horizon_s / row.horizon_frames:.3g}")


def _agreement(rows: list[ComparisonRow]) -> Iterator[str]:
    yield "## How near"
    yield ""
    yield "Mean DVF error of the whole image, every sequence and horizon; SSIM of image and ROI."
    yield ""
    yield "| method | figures | median difference | within 3 % | largest | where | largest SSIM difference |"
    yield "|---|---|---|---|---|---|---|"
    for method in dict.fromkeys(row.method for row in rows):
        own = [row for row in rows if row.method == method and row.published is not None]
        found = [row for row in own if (row.region, row.metric) == ("image", "dvf_error_mean_mm")]
        percents = [abs(row.difference_percent or 0.0) for row in found]
        similarities = [abs(row.difference or 0.0) for row in own if row.metric == "ssim"]
        if not found:
            continue
        apart = f"{max(similarities):.4f}" if similarities else "-"
        worst = found[int(np.argmax(percents))]
        share = np.mean(np.array(percents) <= 3)
        yield (
            f"| {method} | {len(found)} | {np.median([row.difference_percent or 0.0 for row in found]):+.2f} % | "
            f"{100 * share:.0f} % | {worst.difference_percent or 0.0:+.1f} % | "
            f"{worst.sequence}, {worst.horizon_s:.2f} s | {apart} |"
        )
    yield ""


def _by_horizon(rows: list[ComparisonRow]) -> Iterator[str]:
    horizons = sorted({row.horizon_frames for row in rows})
    seconds = {row.horizon_frames: row.horizon_s for row in rows}
    sequences = len({row.sequence for row in rows})
    yield f"| method | {' | '.join(f'{seconds[h]:.2f} s' for h in horizons)} |"
    yield "|---" * (len(horizons) + 1) + "|"
    for method in dict.fromkeys(row.method for row in rows):
        cells = []
        for horizon in horizons:
            own = [row for row in rows if (row.method, row.horizon_frames) == (method, horizon)]
            published = [row.published for row in own if row.published is not None]
            left = f"{np.mean(published):.3f}" if published and len(published) == len(own) else "-"
            fewer = "" if len(own) == sequences else f" ({len(own)} of {sequences})"
            cells.append(f"{left} / {np.mean([row.ours for row in own]):.3f}{fewer}" if own else "-")
        yield f"| {method} | {' | '.join(cells)} |"


def _curves(rows: list[ComparisonRow]) -> list[Curve]:
    """Return a curve for each method; a point that not all sequences have is left out, as it is of other sequences."""
    curves = []
    sequences = len({row.sequence for row in rows})
    for method in dict.fromkeys(row.method for row in rows):
        points: dict[int, list[ComparisonRow]] = defaultdict(list)
        for row in rows:
            if row.method == method:
                points[row.horizon_frames].append(row)
        horizons = sorted(points)
        seconds = [round(points[h][0].horizon_s, 4) for h in horizons]
        ours = [_mean([row.ours for row in points[h]], sequences) for h in horizons]
        published = [_mean([row.published for row in points[h]], sequences) for h in horizons]
        curves.append(Curve(method, seconds, ours, published))
    return curves


def _mean(values: list[float | None], count: int) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == count else float("nan")
