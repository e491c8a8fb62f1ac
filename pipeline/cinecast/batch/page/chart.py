"""A dot per sequence, method by method: the chart of one horizon as coordinates that the page draws as SVG."""

from __future__ import annotations

import math
from typing import NamedTuple

from cinecast.batch.page.data import ScoredMethod
from cinecast.batch.page.tables import MethodRow

# In units of the SVG, which the page scales to its width.
WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 1100, 150, 24, 26, 8, 40


class Dot(NamedTuple):
    """One sequence: place and what it says when pointed at."""

    x: float
    title: str


class Strip(NamedTuple):
    """One method: its height, dots, and the marks of mean and median."""

    method: ScoredMethod
    y: float
    dots: list[Dot]
    mean_x: float
    median_x: float


class Chart(NamedTuple):
    """All methods at one horizon."""

    horizon: str
    height: float
    strips: list[Strip]
    ticks: list[tuple[float, str]]


def charts(rows: list[MethodRow]) -> list[Chart]:
    """Return a chart per horizon, all on one scale of mm from 0."""
    values = [value for row in rows for value in row.points.values()]
    if not values:
        return []
    step = _step(max(values))
    end = step * math.ceil(max(values) / step)
    ticks = [(_x(i * step, end), f"{i * step:g}") for i in range(round(end / step) + 1)]
    horizons = dict.fromkeys(row.horizon for row in rows)
    return [
        _chart(horizon, [row for row in rows if row.horizon == horizon and row.points], end, ticks)
        for horizon in horizons
    ]


def _chart(horizon: str, rows: list[MethodRow], end: float, ticks: list[tuple[float, str]]) -> Chart:
    strips = []
    for i, row in enumerate(rows):
        dots = [Dot(_x(value, end), f"{name}: {value:.2f} mm") for name, value in row.points.items()]
        of_all = row.spreads[row.metric]
        strips.append(Strip(row.method, TOP + ROW * (i + 0.5), dots, _x(of_all.mean, end), _x(of_all.median, end)))
    return Chart(horizon, TOP + ROW * len(rows) + BOTTOM, strips, ticks)


def _x(value: float, end: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * value / end, 2)


def _step(largest: float) -> float:
    """Return a round step that gives about 5 to 10 ticks."""
    power = 10.0 ** math.floor(math.log10(largest / 5)) if largest > 0 else 0.2
    return next((power * k for k in (1, 2, 5) if largest / (power * k) <= 10), power * 10)
