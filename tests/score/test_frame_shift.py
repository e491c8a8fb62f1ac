"""Places that a user gave, a frame off: told by the measured motion, and by nothing that is off in all frames."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.score.frame_shift import FrameShift, frame_shift

T = 80


def breathing(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return measured places of two points, shape (2, T, 2), mm."""
    breath = 8 * np.sin(np.arange(T) / 3)
    return np.stack([np.column_stack([breath, 0.3 * breath]), np.column_stack([0.5 * breath, breath])])


@pytest.mark.parametrize("late", [-3, -1, 1, 2])
def test_a_shift_is_told_with_what_it_is_off(rng: np.random.Generator, late: int) -> None:
    measured = breathing(rng)
    given = np.roll(measured, late, axis=1) + rng.normal(0, 0.5, measured.shape) + 4.0  # 4 mm off in all frames
    given[:, ::3] = np.nan
    shift = frame_shift(given, measured)
    assert shift is not None
    assert shift.frames == -late
    inner = np.arange(3, T - 3)
    off = given[:, inner] - measured[:, inner]
    off -= np.nanmean(off, axis=1, keepdims=True)
    assert shift.given_mm == pytest.approx(np.nanmean(np.linalg.norm(off, axis=-1)))
    assert shift.shifted_mm < 0.9


def test_places_that_fit_are_not_doubted(rng: np.random.Generator) -> None:
    measured = breathing(rng)
    assert frame_shift(measured + rng.normal(0, 2, measured.shape), measured) is None
    assert frame_shift(measured * 0.6, measured) is None


def test_few_places_say_nothing(rng: np.random.Generator) -> None:
    measured = breathing(rng)
    given = np.roll(measured, 1, axis=1)
    given[:, 12:] = np.nan
    assert frame_shift(given, measured) is None
    assert frame_shift(given[:, :5], measured[:, :5]) is None


@pytest.mark.parametrize("known", [19, 20])
def test_20_places_are_the_fewest_that_tell(known: int, rng: np.random.Generator) -> None:
    measured = breathing(rng)
    given = np.roll(measured, 1, axis=1)
    given[0], given[1, : 40 - known], given[1, 40:] = np.nan, np.nan, np.nan
    assert (frame_shift(given, measured) is not None) == (known == 20)
    given[0, 30] = measured[0, 30] + 50.0  # one place of another point is off in all its frames, and so says nothing
    shift = frame_shift(given, measured)
    assert shift is not None
    assert shift.shifted_mm == pytest.approx(0, abs=1e-9)


def test_where_the_measured_motion_is_not_known_nothing_is_compared(rng: np.random.Generator) -> None:
    measured = breathing(rng)
    given = np.roll(measured, 2, axis=1) + rng.normal(0, 0.5, measured.shape)
    lost = measured.copy()
    lost[0, 40:44] = np.nan
    shift = frame_shift(given, lost)
    assert shift is not None
    assert shift.frames == -2
    # A place counts where it is known at every shift that is looked at.
    whole = np.array([t for t in range(3, T - 3) if not 37 <= t <= 46])
    off = [given[i, kept] - measured[i, kept] for i, kept in enumerate((whole, np.arange(3, T - 3)))]
    lengths = np.concatenate([np.linalg.norm(each - each.mean(axis=0), axis=-1) for each in off])
    assert shift.given_mm == pytest.approx(lengths.mean())


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (-1, "of 1 frame earlier: frames count from 0, theirs may count from 1"),
        (1, "of 1 frame later: check which frames they are of"),
        (-2, "of 2 frames earlier: check which frames they are of"),
        (3, "of 3 frames later: check which frames they are of"),
    ],
)
def test_a_shift_in_words(frames: int, words: str) -> None:
    said = FrameShift(frames, 4.04, 0.96).words("landmarks given")
    assert (
        said
        == f"the landmarks given are 4.0 mm off the measured motion, and 1.0 mm if they are taken for those {words}"
    )
