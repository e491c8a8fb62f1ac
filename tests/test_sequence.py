"""Every rule of the validated sequence is broken once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames.recording_digests import frames_digests
from cinecast.sequence import Roi, Sequence, Split, default_split

FRAMES = np.random.default_rng(1).integers(0, 200, (12, 9, 10)).astype(np.uint8)


def sequence(**changes: Any) -> Sequence:
    facts: dict[str, Any] = {
        "name": "phantom",
        "frames": FRAMES,
        "times_s": np.arange(12) * 0.25,
        "spacing_mm": (1.0, 2.0),
        "split": Split(4, 8, 12),
    }
    return Sequence(**{**facts, **changes})


def changed(index: object, value: float) -> np.ndarray:
    frames = FRAMES.astype(np.float32)
    frames[index] = value
    return frames


def times(*changes: tuple[int, float]) -> np.ndarray:
    values = np.arange(12) * 0.25
    for index, value in changes:
        values[index] = value
    return values


def affine(*changes: tuple[tuple[int, int], float]) -> np.ndarray:
    matrix = np.diag([2.0, 1.0, 4.0, 1.0])
    for index, value in changes:
        matrix[index] = value
    return matrix


def test_a_valid_sequence_tells_its_period_and_keeps_its_facts() -> None:
    made = sequence(roi=Roi((1, 9), (0, 10)), affine=affine())
    assert made.frame_period_s == 0.25
    assert made.roi is not None
    assert FRAMES[0][made.roi.slices()].shape == (8, 10)


def test_rounded_acquisition_times_are_regular() -> None:
    jitter = np.where(np.arange(12) % 3 == 0, 0.0025, 0.0)
    assert sequence(times_s=np.arange(12) * 0.165 + jitter).frame_period_s == pytest.approx(0.165, abs=3e-3)


def test_default_split_is_three_equal_spans() -> None:
    assert default_split(498) == Split(166, 332, 498)


@pytest.mark.parametrize("count", range(3, 12))
def test_default_split_is_valid_for_the_shortest_sequences(count: int) -> None:
    made = sequence(frames=FRAMES[:count], times_s=np.arange(count) * 0.25, split=default_split(count))
    assert made.split.test_end == count


def test_every_third_frame_may_be_lost() -> None:
    times_s = np.repeat(np.arange(6) * 0.75, 2) + np.tile([0, 0.25], 6)
    assert sequence(times_s=times_s).instants.lost.sum() == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"frames": FRAMES[0]}, r"frames must have shape \(T, H, W\), got \(9, 10\)"),
        ({"frames": np.stack([FRAMES] * 3, axis=-1)}, r"frames must have shape \(T, H, W\), got \(12, 9, 10, 3\)"),
        ({"frames": FRAMES > 100}, "grey values must be integers or floating point, got bool"),
        ({"frames": FRAMES[:1]}, "needs at least 2 frames, got 1"),
        ({"frames": FRAMES[:0]}, "needs at least 2 frames, got 0"),
        ({"frames": FRAMES[:, :7]}, "at least 8 x 8 pixels, got 7 x 10"),
        ({"frames": changed((3, 2, 1), np.nan)}, "finite numbers, got nan in frame 3 at row 2, column 1"),
        ({"frames": changed((3, 2, 1), np.inf)}, "finite numbers, got inf in frame 3"),
        ({"frames": changed(5, 7)}, "got frame 5 with the constant value 7"),
        ({"times_s": np.arange(11) * 0.25}, "got 11 times for 12 frames"),
        ({"times_s": times((2, np.nan))}, "times must be finite numbers, got nan at frame 2; give --frame-period"),
        ({"times_s": times((4, 0.75))}, r"got 0\.7500 s for both frame 3 and frame 4: a duplicate"),
        ({"times_s": times((4, 0.6))}, r"got 0\.7500 s then 0\.6000 s at frame 4"),
        ({"times_s": np.arange(12.0) ** 1.7}, r"half of the intervals .* got 1 of 11 near 2\.2490 s; read one plane"),
        (
            {"times_s": np.round(np.arange(12) * 0.1643, 1)},  # a clock of one decimal
            r"not come sooner than after one frame period, got 4 of 11 intervals well below 0\.2000 s, 0\.1 s at the",
        ),
        (
            {"times_s": np.repeat(np.arange(6) * 0.5, 2) + np.tile([0, 0.1], 6)},  # in pairs, 4 frames a second
            r"got 12 and 15 at a period of 0\.1000 s: frames come in pairs or bunches",
        ),
        ({"spacing_mm": (1.0, 0.0)}, "spacing must be two positive numbers"),
        ({"spacing_mm": (1.0, np.nan)}, "spacing must be two positive numbers"),
        ({"split": Split(1, 8, 12)}, "2 <= train_end <= validation_end < test_end <= 12 frames, got 1, 8, 12"),
        ({"split": Split(4, 12, 12)}, "got 4, 12, 12"),
        ({"split": Split(4, 8, 13)}, "got 4, 8, 13"),
        ({"roi": Roi((0, 10), (0, 10))}, "ROI rows must satisfy 0 <= start < stop <= 9, got 0 to 10"),
        ({"roi": Roi((0, 9), (5, 5))}, "ROI columns must satisfy .*got 5 to 5"),
        ({"affine": np.eye(3)}, r"affine must have shape \(4, 4\), got \(3, 3\)"),
        ({"affine": affine(((0, 0), np.nan))}, "affine must be finite and invertible"),
        ({"affine": affine(((1, 1), 0.0))}, "affine must be finite and invertible"),
        ({"affine": affine(((3, 0), 1.0))}, "affine must be finite and invertible with last row"),
    ],
)
def test_a_broken_rule_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        sequence(**changes)


@pytest.mark.parametrize(
    "other",
    [
        lambda frames: frames[:, ::-1],
        lambda frames: frames[:, :, ::-1],
        lambda frames: frames[:, ::-1, ::-1],
        lambda frames: frames.transpose(0, 2, 1).astype(np.float32),
        lambda frames: np.rot90(frames, axes=(1, 2)),
    ],
)
def test_frames_are_known_again_as_a_converter_turned_them(rng: np.random.Generator, other: Any) -> None:
    frames = rng.integers(0, 900, (6, 5, 4)).astype(np.uint16)
    assert frames_digests(frames) & frames_digests(other(frames))
    assert not frames_digests(frames) & frames_digests(other(frames + 1))


@pytest.mark.parametrize("part", [slice(1, None), slice(None, 2), slice(None, None, -1)])
def test_a_part_of_a_recording_is_known_again(rng: np.random.Generator, part: slice) -> None:
    frames = rng.integers(0, 900, (6, 5, 4)).astype(np.uint16)
    frames[3] = 0  # a black frame says nothing of what it is of
    assert frames_digests(frames) & frames_digests(frames[part, ::-1].astype(np.float32))
    assert not frames_digests(frames) & frames_digests(np.concatenate([frames[3:4], frames[1:] + 1]))
