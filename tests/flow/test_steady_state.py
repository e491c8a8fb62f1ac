"""The approach to steady state, brighter first frames, is found; flicker and slow changes of brightness are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.flow.steady_state import first_settled
from helpers.real_frames import frames as real_frames
from helpers.real_frames import sidecar

IMAGE = np.random.default_rng(1).uniform(100, 900, size=(20, 16))


def recording(gains: np.ndarray) -> np.ndarray:
    return gains[:, None, None] * IMAGE


def steady_from(frames: np.ndarray) -> int:
    """Return the first settled frame by the standard deviation of the grey values of each."""
    return first_settled(frames.std(axis=(1, 2)))


def steady(count: int = 40) -> np.ndarray:
    return 1 + 0.005 * np.sin(2.4 * np.arange(count))


@given(first=st.floats(1.1, 3), decay=st.floats(0.3, 2))
def test_it_begins_where_the_transient_is_within_two_percent(first: float, decay: float) -> None:
    transient = (first - 1) * np.exp(-np.arange(40) / decay)
    wanted = int(np.argmax(transient < 0.01))
    assert int(np.argmax(transient < 0.03)) <= steady_from(recording(1 + transient)) <= wanted + 1


@given(gain=st.floats(0.01, 100), offset=st.floats(-1e4, 1e4))
def test_neither_the_unit_nor_an_offset_of_all_frames_changes_it(gain: float, offset: float) -> None:
    gains = steady()
    gains[:3] = 1.5, 1.2, 1.1
    assert steady_from(gain * recording(gains) + offset) == 3


def test_flicker_and_slow_changes_are_steady() -> None:
    assert steady_from(recording(steady())) == 0
    assert steady_from(recording(1 + 0.17 * np.sin(1.9 * np.arange(40)))) == 0
    assert steady_from(recording(np.linspace(1, 1.2, 40))) == 0


def test_a_first_frame_that_is_darker_is_not_steady_either() -> None:
    gains = steady()
    gains[0] = 0.1
    assert steady_from(recording(gains)) == 1


@pytest.mark.shared
@pytest.mark.parametrize("name", ["eth-1", "eth-4", "ovgu-1", "ovgu-3", "ovgu-5", "ovgu-7"])
def test_real_sequences_are_steady_from_the_first_frame_and_brighter_ones_are_not(shared: Path, name: str) -> None:
    train_end = sidecar(shared, name)["split"]["train_end"]
    frames = real_frames(shared, name)[:train_end].astype(float)
    assert steady_from(frames) == 0
    frames[0] *= 2.2
    assert steady_from(frames) in (1, 2)  # the second of ovgu-1 is brighter than its others by nature
