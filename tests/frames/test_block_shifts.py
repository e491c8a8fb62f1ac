"""How far blocks have moved, of looks whose shift is known, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift  # type: ignore[import-untyped]

from cinecast.frames.block_shifts import block_shifts
from cinecast.frames.frame_look import unit

Double = NDArray[np.float64]


def look(rows: int = 64, columns: int = 48, seed: int = 0, width: float = 2.0) -> Double:
    return unit(gaussian_filter(np.random.default_rng(seed).normal(size=(rows, columns)), width))


@pytest.mark.parametrize("moved", [(0.0, 0.0), (3.0, -2.0), (-5.0, 5.0), (1.4, -0.6), (-2.5, 3.3), (-4.3, 4.3)])
def test_blocks_are_found_again_where_they_are_between_cells_too(moved: tuple[float, float]) -> None:
    before = look()
    found = block_shifts(before, unit(np.asarray(shift(before, moved, order=3, mode="wrap"))))
    # Of 12 cells, each half of a block after the one before, with 5 cells around: 8 by 5 of them.
    assert len(found) == 8 * 5
    np.testing.assert_allclose(found, np.broadcast_to(moved, found.shape), atol=0.4)
    np.testing.assert_allclose(np.median(found, axis=0), moved, atol=0.1)


def test_at_the_end_of_the_search_there_is_nothing_between() -> None:
    before = look()
    found = block_shifts(before, np.roll(before, (-5, 5), axis=(0, 1)))
    np.testing.assert_array_equal(found, np.broadcast_to((-5.0, 5.0), found.shape))


def test_brightness_does_not_count() -> None:
    before, after = look(), np.roll(look(), (2, 1), axis=(0, 1))
    np.testing.assert_allclose(block_shifts(before, 7 * after + 3), block_shifts(before, after), atol=1e-9)


def test_the_shift_is_that_of_the_largest_correlation() -> None:
    before, after = look(22, 22, seed=1), 0.3 * look(22, 22, seed=2) + np.roll(look(22, 22, seed=1), (2, -4), (0, 1))
    block = before[5:17, 5:17]
    likeness = np.array(
        [
            [np.corrcoef(block.ravel(), after[r : r + 12, c : c + 12].ravel())[0, 1] for c in range(11)]
            for r in range(11)
        ]
    )
    r, c = np.unravel_index(likeness.argmax(), likeness.shape)
    assert likeness.max() > 0.6

    def vertex(left: float, middle: float, right: float) -> float:
        square, line, _ = np.polyfit([-1, 0, 1], [left, middle, right], 2)
        return float(-line / (2 * square))

    wanted = (r - 5 + vertex(*likeness[r - 1 : r + 2, c]), c - 5 + vertex(*likeness[r, c - 1 : c + 2]))
    np.testing.assert_allclose(block_shifts(before, after), [wanted], rtol=1e-6)


def test_what_is_not_found_again_or_shows_nothing_is_left_out() -> None:
    before = look()
    assert block_shifts(look(width=0.5), look(seed=7, width=0.5)).shape == (0, 2)
    half = before.copy()
    half[:, :24] *= 0.1  # hardly any structure there
    assert len(block_shifts(unit(half), unit(half))) < len(block_shifts(before, before))
    flat = np.zeros((30, 30))
    assert block_shifts(flat, flat).shape == (0, 2)
    assert block_shifts(before[:21], before[:21]).shape == (0, 2)  # a block and the cells around it have 22
    assert len(block_shifts(before[:22], before[:22])) == 5
