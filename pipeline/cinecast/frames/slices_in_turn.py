"""Whether neighbouring slices follow each other in turn on one time axis, too much alike to be told by their looks.

Then every 2nd (or 3rd) frame is alike, in all parts of the image and at exactly that frequency. Breathing does that
where it takes two (three) frames a breath, and its second harmonic at four (six): it is looked for only where frames
come faster, and has to be stronger than all else that moves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.frame_look import look_of

Double = NDArray[np.float64]

# Slices by the longest time between frames at which they are looked for: 5 and 6 frames in the shortest breath, 2 s.
LONGEST_PERIOD_S = {2: 0.4, 3: 1 / 3}
_FEWEST_FRAMES, _MOST_FRAMES = 24, 36
# Cells along a side of a tile; a block has two tiles by two.
_TILE = 4
# A block without structure is noise.
_LEAST_ENERGY = 0.5
# Frequencies of the background, in steps of one over all frames: beyond the reach of the window.
_NEAREST, _FARTHEST = 3, 8
# Power at the frequency of the turns over that beside it, natural logarithm: a fifth of the blocks may have less, half
# of them less. Six recorded sequences stay below 0 and 0.1 wherever they are looked at; slices 4 mm apart have 1 to 4.
_IN_MOST, _IN_HALF = 0.7, 1.2
# The same over the strongest of all other frequencies, in half of the blocks: harmonics are weaker than the breathing.
_OVER_ALL = 0.3
_REACH_OF_WINDOW = 2
_FEWEST_BLOCKS = 8


def slices_in_turn(frames: NDArray[Any], period_s: float) -> int:
    """Return how many slices follow each other in turn; 1 where nothing shows several.

    Parameters
    ----------
    frames
        Grey values of the train span, shape (T, H, W); the first 36 count.
    period_s
        Time between frames in s.

    Returns
    -------
    int
        1 to 3; 1 also where there are fewer than 24 frames, or so few a breath that breathing may look the same.
    """
    asked = [count for count, longest in LONGEST_PERIOD_S.items() if period_s <= longest]
    if not asked or len(frames) < _FEWEST_FRAMES:
        return 1
    looks = np.array([look_of(frame) for frame in frames[:_MOST_FRAMES]])
    if min(looks.shape[1:]) < 2 * _TILE:
        return 1
    energy = np.median(_blocks(looks * looks), axis=0)
    structured = energy > _LEAST_ENERGY * (2 * _TILE) ** 2 / looks[0].size
    if structured.sum() < _FEWEST_BLOCKS:
        return 1
    return next((count for count in asked if _are_in_turn(looks, count, structured)), 1)


def _are_in_turn(looks: Double, count: int, structured: NDArray[np.bool_]) -> bool:
    if not np.median(_nearer_by_turns(looks, count)[structured]) > 0:
        return False
    over_background, over_all = _line(looks[: len(looks) // count * count], count)
    most, half = np.percentile(over_background[structured], [20, 50])
    return bool(most > _IN_MOST and half > _IN_HALF and np.median(over_all[structured]) > _OVER_ALL)


def _nearer_by_turns(looks: Double, count: int) -> Double:
    """Return by how much blocks are more like those of their next turn than like all between, a logarithm (h, w)."""
    last = len(looks) - count
    apart = [_blocks((looks[step:] - looks[:-step]) ** 2)[:last] for step in range(1, count + 1)]
    return np.asarray(np.median(_log_ratio(np.min(apart[:-1], axis=0), apart[-1]), axis=0))


def _line(looks: Double, count: int) -> tuple[Double, Double]:
    """Return the power of blocks at one turn in `count` frames, over that beside and over the strongest of all others.

    Both are logarithms, shape (h, w).
    """
    total = len(looks)
    turns = total // count
    frequencies = np.arange(1, (total + 1) // 2 + 1)
    window = np.hanning(total + 2)[1:-1, np.newaxis]
    moving = (looks - looks.mean(axis=0)).reshape(total, -1) * window
    waves = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(total)) / total)
    power = _blocks((np.abs(waves @ moving) ** 2).reshape(-1, *looks.shape[1:]))
    power[2 * frequencies == total] /= 2  # the highest frequency is real, and noise has twice the power there
    line, apart = power[turns - 1], np.abs(frequencies - turns)
    beside = power[(apart >= _NEAREST) & (apart <= _FARTHEST) & (frequencies > 1)]
    return _log_ratio(line, beside.mean(axis=0)), _log_ratio(line, power[apart > _REACH_OF_WINDOW].max(axis=0))


def _log_ratio(one: Double, other: Double) -> Double:
    floor = 1e-9 * max(float(one.max()), float(other.max())) + np.finfo(float).tiny
    return np.asarray(np.log((one + floor) / (other + floor)))


def _blocks(cells: Double) -> Double:
    """Return the sums over blocks that overlap by half, shape (n, h, w)."""
    count, rows, columns = cells.shape
    rows, columns = rows // _TILE, columns // _TILE
    kept = cells[:, : rows * _TILE, : columns * _TILE]
    tiles = kept.reshape(count, rows, _TILE, columns, _TILE).sum(axis=(2, 4))
    return np.asarray(tiles[:, :-1, :-1] + tiles[:, 1:, :-1] + tiles[:, :-1, 1:] + tiles[:, 1:, 1:])
