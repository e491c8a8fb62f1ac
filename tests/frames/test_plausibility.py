"""What is beyond all measure is said, with the likely cause; what is plausible is not."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.block_shifts import block_shifts
from cinecast.frames.frame_look import look_of
from cinecast.frames.plausibility import doubts, motion_per_frame_mm
from helpers.cine_like import breathing

FRAMES = breathing(0)
SEQUENCES = ("eth-1", "eth-4.nii.gz", "ovgu-1", "ovgu-3.nii.gz", "ovgu-5.nii.gz", "ovgu-7.nii.gz")


@pytest.mark.parametrize(
    ("period", "spacing", "words"),
    [
        (314.5, (1.0, 1.0), r"314.5 s is longer .*milliseconds taken for seconds \(0.3145 s\)"),
        (3.01, (1.0, 1.0), "3.01 s is longer"),
        (0.0036, (1.0, 1.0), r"0.0036 s is shorter .*time between excitations \(TR\)"),
        (0.019, (1.0, 1.0), "0.019 s is shorter"),
        (0.3, (1.0, 10.1), r"1 x 10.1 mm is beyond .*0.2 to 10 mm"),
        (0.3, (0.001, 0.001), "metres or centimetres taken for millimetres"),
    ],
)
def test_numbers_beyond_all_measure(period: float, spacing: tuple[float, float], words: str) -> None:
    (found,) = doubts(FRAMES, period, spacing)
    assert re.search(words, found)


@pytest.mark.parametrize(("period", "spacing"), [(0.02, (0.2, 0.2)), (3.0, (10.0, 10.0)), (0.3, (1.8, 1.8))])
def test_the_bounds_themselves_are_plausible(period: float, spacing: tuple[float, float]) -> None:
    assert [each for each in doubts(FRAMES, period, spacing) if "beyond" in each or " than any " in each] == []


def test_one_second_in_a_header_is_what_is_written_without_a_time() -> None:
    assert "exactly 1 s" in doubts(FRAMES, 1.0, (1.0, 1.0), True)[0]
    assert doubts(FRAMES, 1.0, (1.0, 1.0)) == ()


def test_motion_is_that_of_the_frames() -> None:
    """Of a triangle between two places each step is as long: 4 rows of 2 mm."""
    image = breathing(4, count=1, depth=0.0)[0]
    frames = np.array([np.roll(image, 4 * abs(t % 4 - 2), axis=0) for t in range(16)])
    assert motion_per_frame_mm(frames, (2.0, 1.0)) == pytest.approx(8.0, rel=0.15)
    assert motion_per_frame_mm(frames[:1].repeat(9, axis=0), (2.0, 1.0)) < 0.5
    assert motion_per_frame_mm(frames[:5], (2.0, 1.0)) == 0.0


def test_shifts_of_blocks_have_the_sign_and_the_axis_of_the_motion() -> None:
    image = breathing(4, count=1, depth=0.0)[0]
    shifts = block_shifts(look_of(image), look_of(np.roll(image, (4, -2), axis=(0, 1))))
    np.testing.assert_allclose(np.median(shifts, axis=0), (2.0, -1.0), atol=0.1)


def test_motion_beyond_all_measure_names_its_causes(rng: np.random.Generator) -> None:
    shuffled = breathing(0, count=120, frames_per_breath=20, depth=8.0)[rng.permutation(120)]
    assert "frames out of order" in doubts(shuffled, 0.1, (1.8, 1.8))[0]
    assert "doubled sform" in doubts(shuffled, 0.1, (6.0, 6.0))[0]


def test_breathing_is_plausible() -> None:
    assert doubts(breathing(0, count=60, frames_per_breath=12, depth=6.0), 0.33, (1.8, 1.8)) == ()


def test_a_reader_says_it_and_it_stands_with_the_sequence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    np.savez(tmp_path / "a.npz", frames=FRAMES.astype(np.uint16), frame_period_s=314.5, pixel_spacing_mm=[1.0, 1.0])
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(tmp_path / "a.npz")
    assert "a: a frame period of 314.5 s is longer than any cine has" in caplog.text
    assert "314.5" in sequence.origins["doubts"]


def test_frames_after_the_train_span_change_nothing() -> None:
    frames = breathing(0, count=60)
    mixed = frames.copy()
    mixed[21::2] = breathing(1, count=60)[21::2]
    assert doubts(frames[:20], 0.3, (1.8, 1.8)) == doubts(mixed[:20], 0.3, (1.8, 1.8)) == ()


@pytest.mark.shared
@pytest.mark.parametrize("name", [*(f"cine/{name}" for name in SEQUENCES), "trackrad/Z_001"])
def test_recorded_sequences_are_plausible(shared: Path, name: str) -> None:
    try:
        assert "doubts" not in read_sequence(shared / "data" / name).origins
    except ReadError as error:
        pytest.fail(str(error))
