"""Kinds of image in turn are noticed from the pixels; breathing, however fast, is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.frames.mixed_kinds import kinds_in_turn
from cinecast.phantom import PhantomSettings, make_phantom
from helpers.cine_like import breathing

SEQUENCES = ("eth-1", "eth-4.nii.gz", "ovgu-1", "ovgu-3.nii.gz", "ovgu-5.nii.gz", "ovgu-7.nii.gz")


def in_turn(*kinds: np.ndarray) -> np.ndarray:
    """Return frames whose t-th is the t-th of kind t modulo their number."""
    mixed = kinds[0].copy()
    for number, kind in enumerate(kinds):
        mixed[number :: len(kinds)] = kind[number :: len(kinds)]
    return mixed


@pytest.mark.parametrize("count", [2, 3, 4])
def test_planes_in_turn_are_counted(count: int) -> None:
    assert kinds_in_turn(in_turn(*(breathing(seed) for seed in range(count)))) == count


def test_magnitude_and_phase_in_turn(rng: np.random.Generator) -> None:
    magnitude = breathing(0)
    ramp = np.add.outer(np.arange(96) * 0.11, np.arange(80) * 0.05)
    noisy = rng.normal(0, 0.2 + 3 * (magnitude < 100), magnitude.shape)
    phase = np.angle(np.exp(1j * (ramp + noisy))) * 2000
    assert kinds_in_turn(in_turn(magnitude, phase)) == 2
    assert kinds_in_turn(in_turn(magnitude, rng.uniform(-2000, 2000, magnitude.shape))) == 2


@pytest.mark.parametrize("frames_per_breath", [2.0, 2.2, 2.5, 3.0, 4.0, 40.0])
@pytest.mark.parametrize("depth", [1.0, 4.0, 8.0])
def test_fast_breathing_is_one_kind(frames_per_breath: float, depth: float) -> None:
    assert kinds_in_turn(breathing(3, frames_per_breath=frames_per_breath, depth=depth)) == 1


@pytest.mark.parametrize("period_s", [0.2, 1.3, 2.0])
@pytest.mark.parametrize("amplitude_mm", [15.0, 30.0])
def test_phantoms_are_one_kind(period_s: float, amplitude_mm: float) -> None:
    """Breaths of exactly 4 s: at 2 s a frame every other one is the same extreme, for ever."""
    settings = PhantomSettings(
        frame_count=20,
        frame_period_s=period_s,
        amplitude_mm=amplitude_mm,
        period_variation=0.0,
        amplitude_variation=0.0,
    )
    assert kinds_in_turn(make_phantom(settings).sequence.frames) == 1


def test_noise_and_few_frames_say_nothing(rng: np.random.Generator) -> None:
    assert kinds_in_turn(rng.normal(0, 1, (40, 64, 64))) == 1
    assert kinds_in_turn(in_turn(breathing(0), breathing(1))[:8]) == 1


def test_one_odd_frame_is_no_kind(rng: np.random.Generator) -> None:
    frames = breathing(0)
    frames[[3, 9, 20]] = breathing(1)[[3, 9, 20]]
    assert kinds_in_turn(frames) == 1


@pytest.mark.shared
@pytest.mark.parametrize("name", SEQUENCES)
def test_recorded_breathing_is_one_kind_at_any_rate(shared: Path, name: str) -> None:
    frames = read_sequence(shared / "data" / "cine" / name).frames
    assert [step for step in range(1, 21) if kinds_in_turn(frames[::step]) != 1] == []


@pytest.mark.shared
@pytest.mark.parametrize(("one", "other"), [("eth-4.nii.gz", "ovgu-3.nii.gz"), ("ovgu-5.nii.gz", "ovgu-7.nii.gz")])
def test_recorded_anatomies_in_turn_are_two(shared: Path, one: str, other: str) -> None:
    kinds = [read_sequence(shared / "data" / "cine" / name).frames[:100, :170, :140] for name in (one, other)]
    assert kinds_in_turn(in_turn(*(kind / kind.max() for kind in kinds))) == 2
