"""Published figures and ours, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cinecast.reproduce.driver import CellResult
from cinecast.reproduce.published import CineKey
from cinecast.store.tables import table_text

COLUMNS = (
    "sequence",
    "method",
    "protocol",
    "horizon_frames",
    "horizon_s",
    "region",
    "against",
    "metric",
    "published",
    "ours",
    "half_range_95",
    "runs",
    "difference",
    "difference_percent",
    "modes",
    "settings",
)


class ComparisonRow(NamedTuple):
    """One figure: ours, and the published one where there is one."""

    sequence: str
    method: str
    protocol: str
    horizon_frames: int
    horizon_s: float
    region: str
    against: str
    metric: str
    published: float | None
    ours: float
    half_range_95: float
    runs: int
    modes: int
    settings: Mapping[str, float | int]

    @property
    def difference(self) -> float | None:
        """Ours less published."""
        return None if self.published is None else self.ours - self.published

    @property
    def difference_percent(self) -> float | None:
        """Difference in percent of the published figure."""
        return None if not self.published else 100 * (self.ours / self.published - 1)


def comparison_rows(
    results: Iterable[CellResult], published: Mapping[CineKey, float], protocol: str
) -> list[ComparisonRow]:
    """Return every score of every result, with the published figure of the same sequence, method and horizon.

    Parameters
    ----------
    results
        Cells with their results.
    published
        Published figures; empty where there are none by sequence.
    protocol
        Protocol of the cells.

    Returns
    -------
    One row for each region and metric of each cell that has a result.
    """
    rows = []
    for cell, result, _ in results:
        if result is None:
            continue
        for region, against, metric, value, half_range, runs in result["scores"]:
            key = CineKey(cell.subject.name, cell.method, cell.horizon, region, metric)
            found = published.get(key)
            what = (region, against, metric)
            identity = (cell.subject.name, cell.method, protocol, cell.horizon, cell.horizon_s, *what)
            rows.append(ComparisonRow(*identity, found, value, half_range, runs, result["modes"], result["settings"]))
    return rows


def comparison_csv(rows: Iterable[ComparisonRow]) -> str:
    """Return the rows as CSV, one figure a line."""
    return table_text(
        COLUMNS,
        (
            [
                *(row.sequence, row.method, row.protocol, row.horizon_frames, round(row.horizon_s, 4)),
                *(
                    row.region,
                    row.against,
                    row.metric,
                    row.published,
                    _short(row.ours),
                    _short(row.half_range_95),
                    row.runs,
                ),
                *(_short(row.difference), _short(row.difference_percent), row.modes),
                "; ".join(f"{name} {value}" for name, value in row.settings.items()),
            ]
            for row in rows
        ),
    )


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
