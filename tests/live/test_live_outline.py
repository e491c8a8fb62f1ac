"""The outline of a mask is the sides of its pixels that have nothing beside them."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.live.page.outline import outline

Side = tuple[str, float, float]


def drawn(path: str) -> list[Side]:
    """Return the sides that a path draws, each one pixel long: direction, and where it begins."""
    sides: list[Side] = []
    for x, y, way, stop in re.findall(r"M(\S+?) (\S+?)([HV])([^M]+)", path):
        start = float(x) if way == "H" else float(y)
        steps = np.arange(start, float(stop))
        sides += [(way, step, float(y)) if way == "H" else (way, float(x), step) for step in steps.tolist()]
    return sides


def plain(mask: NDArray[np.bool_]) -> list[Side]:
    rows, columns = mask.shape
    sides: list[Side] = []
    for row in range(-1, rows + 1):
        for column in range(-1, columns + 1):

            def inside(i: int, j: int) -> bool:
                return 0 <= i < rows and 0 <= j < columns and bool(mask[i, j])

            if inside(row, column) != inside(row - 1, column):
                sides.append(("H", column - 0.5, row - 0.5))
            if inside(row, column) != inside(row, column - 1):
                sides.append(("V", column - 0.5, row - 0.5))
    return sides


@given(seed=st.integers(0, 2**32), share=st.floats(0.05, 1.0))
def test_every_side_is_drawn_once(seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((6, 9)) < share
    assert sorted(drawn(outline(mask))) == sorted(plain(mask))


def test_a_rectangle_has_four_lines_and_nothing_has_none() -> None:
    mask = np.zeros((8, 10), dtype=bool)
    assert outline(mask) == ""
    mask[2:4, 5:9] = True
    assert outline(mask) == "M4.5 1.5H8.5M4.5 3.5H8.5M4.5 1.5V3.5M8.5 1.5V3.5"
