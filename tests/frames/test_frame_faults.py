"""Faulty frames are found by what they show, whatever their brightness, and good ones are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates  # type: ignore[import-untyped]

from cinecast.frames.frame_faults import (
    DARK,
    FLIPS,
    FROZEN,
    PARTLY,
    UNLIKE,
    FrameJudge,
    faults_text,
    frame_faults,
    frames_text,
)
from cinecast.phantom import PhantomSettings, make_phantom
from helpers.real_frames import frames as real_frames
from helpers.real_frames import sidecar

TRAIN = 24
FRAMES = make_phantom(
    PhantomSettings(rows=64, columns=56, pixel_spacing_mm=(5.4, 5.4), frame_count=40, frame_period_s=0.25)
).sequence.frames.astype(float)
JUDGE = FrameJudge(FRAMES[:TRAIN])
NOISE = np.random.default_rng(3).normal(size=FRAMES.shape[1:])


def with_frames(changes: dict[int, NDArray[Any]]) -> NDArray[Any]:
    frames = FRAMES.copy()
    for t, frame in changes.items():
        frames[t] = frame
    return frames


def test_a_clean_sequence_has_no_faults() -> None:
    assert frame_faults(FRAMES, TRAIN) == {}


def test_every_kind_is_found_in_the_train_span_and_after_it() -> None:
    dark = 0.02 * FRAMES[0].max() + 0.01 * FRAMES[0].std() * NOISE
    flips = {name: FRAMES[7][flip] for name, flip in FLIPS.items()}
    for first in (5, TRAIN + 3):
        changes = {first: dark, first + 2: FRAMES[first + 1], first + 10: 100 + 30 * NOISE}
        changes |= dict(zip((first + 4, first + 6, first + 8), flips.values(), strict=True))
        wanted = {first: DARK, first + 2: FROZEN, first + 10: UNLIKE}
        wanted |= dict(zip((first + 4, first + 6, first + 8), flips, strict=True))
        assert frame_faults(with_frames(changes), TRAIN) == dict(sorted(wanted.items()))


@given(t=st.integers(0, len(FRAMES) - 1), gain=st.floats(0.2, 5), offset=st.floats(-1000, 1000))
def test_no_gain_and_no_offset_is_a_fault_or_hides_one(t: int, gain: float, offset: float) -> None:
    before = FRAMES[t - 1] if t else None
    assert JUDGE.fault_of(gain * FRAMES[t] + offset, before) is None
    for name, flip in FLIPS.items():
        assert JUDGE.fault_of(gain * FRAMES[t][flip] + offset, before) == name


@given(gain=st.floats(0.01, 100), offset=st.floats(-1000, 1000))
def test_the_unit_of_intensity_changes_nothing(gain: float, offset: float) -> None:
    frames = with_frames({9: FRAMES[9][::-1], 20: FRAMES[19], 30: 0.01 * FRAMES[30]})
    assert frame_faults(gain * frames + offset, TRAIN) == {9: "upside down", 20: FROZEN, 30: DARK}


@given(t=st.integers(TRAIN, len(FRAMES) - 1))
def test_what_is_said_of_a_frame_does_not_depend_on_later_ones(t: int) -> None:
    frames = with_frames({3: FRAMES[2], TRAIN: FRAMES[TRAIN][:, ::-1], 33: 0.01 * FRAMES[33]})
    later = frames.copy()
    later[t + 1 :] = NOISE
    kept = {frame: fault for frame, fault in frame_faults(frames, TRAIN).items() if frame <= t}
    assert {frame: fault for frame, fault in frame_faults(later, TRAIN).items() if frame <= t} == kept


def test_a_frozen_frame_may_differ_in_a_few_pixels() -> None:
    stamped = FRAMES[19].copy()
    stamped[:4, :20] += 50  # a clock that is drawn into the image
    assert frame_faults(with_frames({20: stamped}), TRAIN) == {20: FROZEN}
    stamped[10:50] += 1  # but an image that changes everywhere is a new one
    assert frame_faults(with_frames({20: stamped}), TRAIN) == {}


def test_where_every_frame_comes_twice_every_second_one_is_frozen() -> None:
    assert frame_faults(np.repeat(FRAMES, 2, axis=0), TRAIN) == dict.fromkeys(range(1, 2 * len(FRAMES), 2), FROZEN)


def test_a_still_noiseless_sequence_is_frozen_but_for_its_first_frame() -> None:
    assert frame_faults(np.repeat(FRAMES[:1], 6, axis=0), 4) == dict.fromkeys(range(1, 6), FROZEN)


def test_a_body_that_shifts_within_the_image_is_still_itself() -> None:
    moved = np.roll(FRAMES[30], (5, -3), axis=(0, 1))
    assert JUDGE.fault_of(moved, FRAMES[29]) is None


def test_where_frames_look_like_their_mirror_image_nothing_is_called_mirrored() -> None:
    even = FRAMES + FRAMES[:, :, ::-1] + np.random.default_rng(0).normal(size=FRAMES.shape)
    assert frame_faults(even, TRAIN) == {}
    even[30] = even[30][:, ::-1]
    assert frame_faults(even, TRAIN) == {}
    even[31] = even[31][::-1]
    assert frame_faults(even, TRAIN) in ({31: "upside down"}, {31: "turned by half a turn"})


def test_from_the_fifth_in_a_row_on_another_image_is_what_the_recording_has_become() -> None:
    rng = np.random.default_rng(5)
    other = 100 * rng.normal(size=FRAMES.shape[1:])
    frames = with_frames({t: other + 10 * rng.normal(size=other.shape) for t in (25, *range(28, 36))})
    assert frame_faults(frames, TRAIN) == dict.fromkeys((25, 28, 29, 30, 31), UNLIKE)
    frames[34] = frames[33]
    assert frame_faults(frames, TRAIN) == {**dict.fromkeys((25, 28, 29, 30, 31), UNLIKE), 34: FROZEN}


UPPER, LEFT = np.s_[: FRAMES.shape[1] // 2], np.s_[:, : FRAMES.shape[2] // 2]
LOWER, RIGHT = np.s_[FRAMES.shape[1] // 2 :], np.s_[:, FRAMES.shape[2] // 2 :]


@given(
    t=st.integers(0, len(FRAMES) - 1),
    half=st.sampled_from([UPPER, LOWER, LEFT, RIGHT]),
    noise=st.sampled_from([0.0, 3.0]),
    gain=st.floats(0.2, 5),
    offset=st.floats(-1000, 1000),
)
def test_a_frame_that_has_lost_a_half_is_faulty(
    t: int, half: tuple[slice, ...], noise: float, gain: float, offset: float
) -> None:
    torn = FRAMES[t].copy()
    torn[half] = noise * np.abs(NOISE[half])
    assert JUDGE.fault_of(gain * torn + offset, None) in (PARTLY, UNLIKE)


@pytest.mark.parametrize("axis", [1, 2])
def test_each_half_of_a_tall_or_a_wide_frame_is_judged(axis: int) -> None:
    frames = np.concatenate([FRAMES, np.flip(FRAMES, axis)], axis=axis)
    judge, (rows, columns) = FrameJudge(frames[:TRAIN]), (size // 2 for size in frames.shape[1:])
    for half in (np.s_[:rows], np.s_[rows:], np.s_[:, :columns], np.s_[:, columns:]):
        torn = frames[30].copy()
        torn[half] = 0
        assert judge.fault_of(torn, None) == PARTLY


def test_where_no_flip_can_be_told_what_is_unlike_is_told_all_the_same() -> None:
    wide = np.concatenate([FRAMES, FRAMES[:, :, ::-1]], axis=2)
    frames = np.concatenate([wide, wide[:, ::-1]], axis=1)
    judge, other = FrameJudge(frames[:TRAIN]), 100 * np.random.default_rng(4).normal(size=frames.shape[1:])
    assert judge.fault_of(other, None) == UNLIKE
    assert [judge.fault_of(frames[30][flip], None) for flip in FLIPS.values()] == [None] * len(FLIPS)


def test_half_a_frame_lost_is_said_as_such_and_believed_from_the_fifth_in_a_row_on() -> None:
    torn = {t: FRAMES[t].copy() for t in range(26, 33)}
    for frame in torn.values():
        frame[UPPER] = 0
    frames = with_frames(torn)
    assert frame_faults(frames, TRAIN) == dict.fromkeys(range(26, 30), PARTLY)


def closely_cropped(size: int = 48, held: int = 0) -> NDArray[Any]:
    """Return frames that tissue fills to the edge, with two deep breaths after a train span of shallow ones.

    The first breath is held for so many frames at its depth.
    """
    rng = np.random.default_rng(0)
    tissue = gaussian_filter(rng.normal(size=(size + 60, size)), 2)
    way = 3 * np.sin(np.arange(90) / 3)
    for start in (50, 70):
        way[start : start + 9] += 14 * np.sin(np.pi * (np.arange(9) + 0.5) / 9)
    way = np.insert(way, 54, way[54] + 0.5 * np.sin(np.arange(held)))
    places = (np.meshgrid(np.arange(size) + 30 - each, np.arange(size), indexing="ij") for each in way)
    frames = np.stack([map_coordinates(tissue / tissue.std(), place, order=1) for place in places])
    return np.asarray(frames + 0.05 * rng.normal(size=frames.shape))


def test_a_deep_breath_of_closely_cropped_frames_is_good() -> None:
    """Of recorded frames cut to a part of 64 pixels a side, up to one in eight was called unlike the train span."""
    frames = closely_cropped()
    judge = FrameJudge(frames[:40])
    assert sum(judge.fault_of(frame, None) in (UNLIKE, PARTLY) for frame in frames) >= 6
    assert frame_faults(frames, 40) == {}


def test_faulty_frames_are_found_amid_a_deep_breath() -> None:
    frames = closely_cropped()
    other = np.random.default_rng(1).permutation(frames[10].ravel()).reshape(frames[10].shape)
    frames[54, :24], frames[74:76], frames[76] = 0, gaussian_filter(other, 2), 0.01 * frames[76]
    found = frame_faults(frames, 40)
    assert list(found) == [54, 74, 75, 76]
    assert found[74] == found[75] == UNLIKE
    assert found[76] == DARK


def test_frames_of_a_deep_breath_make_no_faulty_one_believed() -> None:
    """Other frames came through as the fifth in a row, after four that are only unlike the train span."""
    frames = closely_cropped(held=16)
    judge = FrameJudge(frames[:40])
    unlike = [t for t, frame in enumerate(frames) if judge.fault_of(frame, None) in (UNLIKE, PARTLY)]
    start = next(t for t in unlike if set(range(t, t + 10)) <= set(unlike))
    other = np.random.default_rng(1).permutation(frames[10].ravel()).reshape(frames[10].shape)
    frames[start + 4], frames[start + 6, :24], frames[start + 8] = gaussian_filter(other, 2), 0, other
    assert list(frame_faults(frames, 40)) == [start + 4, start + 6, start + 8]


def test_what_is_only_elsewhere_is_not_flipped_although_a_flip_would_bring_it_back() -> None:
    y, x = np.mgrid[:96, :80]
    height = 47.5 + 18 * np.sin(np.arange(24) / 2)
    discs = (np.hypot(y - height[:, np.newaxis, np.newaxis], x - 39.5) < 12).astype(float)
    discs += 0.01 * np.random.default_rng(2).normal(size=discs.shape)
    assert frame_faults(discs, 3) == {}
    assert np.ptp(height[3:] - np.median(height[:3])) > 25


def test_frames_that_resemble_each_other_in_nothing_are_not_judged_by_what_they_show() -> None:
    assert frame_faults(np.random.default_rng(0).normal(size=(40, 24, 20)), 30) == {}


@pytest.mark.parametrize("shape", [(8, 8), (8, 200), (9, 65)])
def test_small_and_narrow_frames_can_be_judged(shape: tuple[int, int], rng: np.random.Generator) -> None:
    image = rng.normal(size=shape)
    frames = image + 0.1 * rng.normal(size=(10, *shape))
    assert frame_faults(frames, 6) == {}
    frames[8] *= 0.01
    assert frame_faults(frames, 6) == {8: DARK}


def test_faults_are_said_by_kind_with_compact_numbers() -> None:
    assert frames_text([3]) == "frame 3"
    assert frames_text([3, 4, 7, 8, 9, 12]) == "frames 3, 4, 7 to 9, 12"
    assert faults_text({3: FROZEN, 5: DARK, 7: FROZEN, 8: FROZEN, 9: FROZEN}) == (
        "frames 3, 7 to 9 frozen; frame 5 nearly black"
    )
    assert faults_text({}) == ""
    many = dict.fromkeys(range(1, 40, 2), FROZEN) | {40: DARK}
    assert faults_text(many, most=3) == "20 frames (frames 1, 3, 5 and more) frozen; frame 40 nearly black"
    assert "39 frozen" in faults_text(many)


@pytest.mark.shared
def test_a_black_half_is_found_where_noise_makes_that_half_hardly_alike(shared: Path) -> None:
    """It followed the last good frame as usual, as that half was not asked."""
    frames = real_frames(shared, "ovgu-3")
    rows, columns = ((size - 64) // 2 for size in frames.shape[1:])
    part = frames[:, rows : rows + 64, columns : columns + 64]
    alone: list[str | None] = []
    after_good: list[str | None] = []
    for t in range(153, 210, 6):
        judge = FrameJudge(part[:150])
        judge.faults(part[140:t])
        torn = part[t].copy()
        torn[:32] = 0
        alone.append(judge.fault_of(torn, None))
        after_good.append(judge.observe(torn))
    found, found_after_good = (sum(fault is not None for fault in faults) for faults in (alone, after_good))
    assert found >= 8
    assert found_after_good >= found - 1  # nearly all passed


@pytest.mark.shared
@pytest.mark.parametrize("name", ["eth-1", "eth-4", "ovgu-1", "ovgu-3", "ovgu-5", "ovgu-7"])
def test_of_real_frames_only_exact_copies_are_faulty_and_every_flip_is_found(shared: Path, name: str) -> None:
    frames = real_frames(shared, name)
    copies = [t for t in range(1, len(frames)) if (frames[t] == frames[t - 1]).all()]
    assert len(copies) == {"eth-1": 5, "eth-4": 1}.get(name, 0)
    train_end = sidecar(shared, name)["split"]["train_end"]
    assert frame_faults(frames, train_end) == dict.fromkeys(copies, FROZEN)
    judge = FrameJudge(frames[:train_end])
    for t in range(0, len(frames), 11):
        assert {name: judge.fault_of(frames[t][flip], None) for name, flip in FLIPS.items()} == {n: n for n in FLIPS}
        torn = frames[t].copy()
        torn[: torn.shape[0] // 2] = 0
        assert judge.fault_of(torn, None) in (PARTLY, UNLIKE)
        assert judge.fault_of(0.3 * frames[t] - 50, None) is None
        assert judge.fault_of(0.03 * frames[t], None) == DARK
