"""Neighbouring slices in turn are noticed by their rhythm; breathing, however it is sampled, is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.frames.mixed_kinds import kinds_in_turn
from cinecast.frames.plausibility import doubts
from cinecast.frames.slices_in_turn import slices_in_turn
from cinecast.phantom import PhantomSettings, make_phantom
from helpers.cine_like import breathing

SEQUENCES = ("eth-1", "eth-4.nii.gz", "ovgu-1", "ovgu-3.nii.gz", "ovgu-5.nii.gz", "ovgu-7.nii.gz")


def slices(count: int, share: float = 0.5, frames_per_breath: float = 20.0, total: int = 36) -> np.ndarray:
    """Return slices in turn that share all but `share` of their anatomy; each breathes, with noise of its own."""
    common = breathing(0, total, frames_per_breath, depth=1.0)
    mixed = common.copy()
    for number in range(1, count):
        other = breathing(number, total, frames_per_breath, depth=1.0)
        mixed[number::count] = ((1 - share) * common + share * other)[number::count]
    return mixed


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("frames_per_breath", [12.0, 20.0, 40.0])
def test_neighbouring_slices_in_turn_are_counted(count: int, frames_per_breath: float) -> None:
    frames = slices(count, frames_per_breath=frames_per_breath)
    assert kinds_in_turn(frames) == 1  # by their looks alone they are not told apart
    assert slices_in_turn(frames, 0.3) == count


def test_the_doubt_says_how_many(caplog: pytest.LogCaptureFixture) -> None:
    (two,) = doubts(slices(2), 0.3, (1.8, 1.8))
    assert "every second frame is alike, as no breathing does it at 0.3 s a frame: 2 neighbouring slices" in two
    (three,) = doubts(slices(3), 0.3, (1.8, 1.8))
    assert "every third frame is alike" in three
    assert "3 neighbouring slices seem to follow each other in turn" in three


@pytest.mark.parametrize("frames_per_breath", [5.0, 6.0, 6.5, 8.0, 9.0, 10.0, 12.0, 13.7, 40.0])
@pytest.mark.parametrize("depth", [1.0, 4.0, 8.0])
def test_breathing_is_one_slice(frames_per_breath: float, depth: float) -> None:
    """At 5 to 40 frames a breath, of 2 s or more: harmonics fall on the frequency of the turns at 6, 8, 9 and 12."""
    period_s = min(0.4, 2.0 / frames_per_breath)
    assert slices_in_turn(breathing(3, frames_per_breath=frames_per_breath, depth=depth), period_s) == 1


@pytest.mark.parametrize(("period_s", "breath_s"), [(0.2, 4.0), (0.33, 2.0), (0.4, 2.0), (0.4, 6.0)])
@pytest.mark.parametrize("variation", [0.0, 0.15])
def test_phantoms_are_one_slice(period_s: float, breath_s: float, variation: float) -> None:
    settings = PhantomSettings(
        frame_count=36,
        frame_period_s=period_s,
        breathing_period_s=breath_s,
        period_variation=variation,
        amplitude_variation=variation,
    )
    assert slices_in_turn(make_phantom(settings).sequence.frames, period_s) == 1


def test_where_breathing_has_the_same_rhythm_nothing_is_said() -> None:
    assert slices_in_turn(slices(2), 0.4) == 2
    assert slices_in_turn(slices(2), 0.41) == 1
    assert slices_in_turn(slices(3), 0.33) == 3
    assert slices_in_turn(slices(3), 0.34) == 1


def test_noise_stillness_and_few_frames_say_nothing(rng: np.random.Generator) -> None:
    assert slices_in_turn(rng.normal(0, 1, (40, 64, 64)), 0.3) == 1
    assert slices_in_turn(breathing(0, depth=0.0), 0.3) == 1
    assert slices_in_turn(np.repeat(breathing(0, 1), 36, axis=0), 0.3) == 1
    assert slices_in_turn(slices(2)[:23], 0.3) == 1
    assert slices_in_turn(slices(2)[:, :9, :9], 0.3) == 1


@pytest.mark.shared
@pytest.mark.parametrize("name", SEQUENCES)
def test_recorded_breathing_is_one_slice(shared: Path, name: str) -> None:
    sequence = read_sequence(shared / "data" / "cine" / name)
    period_s = sequence.frame_period_s
    found = [
        (step, start)
        for step in (1, 2, 3, 4)
        for start in range(0, len(sequence.frames) - 36 * step, 24 * step)
        if slices_in_turn(sequence.frames[start::step], step * period_s) != 1
    ]
    assert found == []


@pytest.mark.shared
def test_recorded_frames_of_which_every_other_is_half_another_are_two(shared: Path) -> None:
    """Neither breathing nor noise is simulated."""
    frames = read_sequence(shared / "data" / "cine" / "ovgu-3.nii.gz").frames[:36].astype(np.float64)
    other = read_sequence(shared / "data" / "cine" / "ovgu-5.nii.gz").frames[:36].astype(np.float64)
    other = other[:, : frames.shape[1], : frames.shape[2]]
    rows, columns = other.shape[1:]
    frames = frames[:, :rows, :columns]
    mixed = frames.copy()
    mixed[1::2] = (0.5 * frames + 0.5 * other * frames.mean() / other.mean())[1::2]
    assert slices_in_turn(mixed, 0.17) == 2
