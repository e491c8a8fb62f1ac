"""Tracking at horizon 0: to where the known motion brings the target, and never by a frame that has not come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from cinecast.errors import ReadError, SettingsError
from cinecast.score.mask_scores import score_mask
from cinecast.settings import FlowSettings
from cinecast.trackrad.tracking import Tracked, Tracker, track
from helpers.trackrad_cases import SPACING_MM, phantom, true_masks

Frames = NDArray[Any]
SETTINGS = FlowSettings()


@pytest.fixture(scope="module")
def frames() -> Frames:
    return phantom().sequence.frames


@pytest.fixture(scope="module")
def truth() -> NDArray[np.bool_]:
    return true_masks(phantom())


def followed(frames: Frames, truth: NDArray[np.bool_]) -> list[Tracked]:
    return list(track(frames, truth[0], SETTINGS))


def masks(found: list[Tracked]) -> NDArray[np.bool_]:
    return np.array([each.mask for each in found])


def test_the_target_is_where_the_known_motion_brings_it(frames: Frames, truth: NDArray[np.bool_]) -> None:
    scores = [
        score_mask(each.mask, real, spacing_mm=SPACING_MM)
        for each, real in zip(followed(frames, truth), truth, strict=True)
    ]
    still = [score_mask(truth[0], real, spacing_mm=SPACING_MM) for real in truth]
    assert all(scores)
    assert min(score.dice for score in scores if score) > 0.92
    assert max(score.centroid_mm for score in scores if score) < 1.8  # half a pixel
    assert max(score.centroid_mm for score in still if score) > 13  # what would be wrong without tracking


def test_the_first_mask_is_the_one_that_was_given(frames: Frames, truth: NDArray[np.bool_]) -> None:
    np.testing.assert_array_equal(followed(frames, truth)[0].mask, truth[0])


class Guarded:
    """Frames that are handed over only once the mask of the frame before has been received."""

    def __init__(self, frames: Frames) -> None:
        self.frames, self.received = frames, 0

    def __iter__(self) -> Iterator[Frames]:
        for t, frame in enumerate(self.frames):
            assert self.received == t, f"frame {t} was asked for when {self.received} masks had been given"
            yield frame


def test_each_mask_is_given_before_the_next_frame_is_asked_for(frames: Frames, truth: NDArray[np.bool_]) -> None:
    guarded = Guarded(frames)
    for found in track(guarded, truth[0], SETTINGS):
        guarded.received += 1
        assert found.mask.shape == truth[0].shape
    assert guarded.received == len(frames)


@pytest.mark.parametrize("last", [0, 3, 8])
def test_later_frames_change_no_earlier_mask(frames: Frames, truth: NDArray[np.bool_], last: int) -> None:
    changed = frames.copy()
    changed[last + 1 :] = phantom(seed=9).sequence.frames[last + 1 :, ::-1]
    before, after = followed(frames, truth), followed(changed, truth)
    np.testing.assert_array_equal(masks(before[: last + 1]), masks(after[: last + 1]))
    assert [each[1:] for each in before[: last + 1]] == [each[1:] for each in after[: last + 1]]
    assert not np.array_equal(masks(before[last + 1 :]), masks(after[last + 1 :]))


def test_earlier_frames_change_no_later_mask(frames: Frames, truth: NDArray[np.bool_]) -> None:
    changed = frames.copy()
    changed[1:6] = phantom(seed=9).sequence.frames[1:6]
    np.testing.assert_array_equal(masks(followed(frames, truth)[6:]), masks(followed(changed, truth)[6:]))


def faulty(frame: Frames, kind: str) -> Frames:
    made = frame.astype(np.float64)
    if kind == "blank":
        return np.full_like(made, 7)
    if kind == "dark":
        return made.mean() + 0.05 * (made - made.mean())
    if kind == "nan":
        made[3, 4] = np.nan
        return made
    return made[:-1]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("blank", "it shows no image: every pixel is 7"),
        ("dark", "nearly black"),
        ("nan", "it has pixels that are not finite numbers"),
        ("cut", "it has 95 x 72 pixels instead of 96 x 72"),
    ],
)
def test_the_mask_of_the_frame_before_is_held_over_a_useless_one(
    frames: Frames, truth: NDArray[np.bool_], kind: str, fault: str
) -> None:
    given = [frame.astype(np.float64) for frame in frames]
    given[4] = faulty(given[4], kind)
    good, found = followed(frames.astype(np.float64), truth), list(track(given, truth[0], SETTINGS))
    assert [each.fault for each in found] == [None] * 4 + [fault] + [None] * 5
    np.testing.assert_array_equal(found[4].mask, found[3].mask)
    others = [t for t in range(10) if t != 4]
    np.testing.assert_array_equal(masks(found)[others], masks(good)[others])
    assert not np.array_equal(good[4].mask, good[3].mask)


def test_dark_frames_are_measured_where_the_settings_say_so(frames: Frames, truth: NDArray[np.bool_]) -> None:
    given = frames.astype(np.float64)
    given[4] = faulty(given[4], "dark")
    found = list(track(given, truth[0], FlowSettings(faulty_frames="measured")))
    assert [each.fault for each in found] == [None] * 10
    np.testing.assert_array_equal(masks(found), masks(followed(frames, truth)))


def test_a_frozen_frame_is_said(frames: Frames, truth: NDArray[np.bool_]) -> None:
    given = frames.copy()
    given[4] = given[3]
    found = followed(given, truth)
    assert [each.fault for each in found] == [None] * 4 + ["frozen"] + [None] * 5
    np.testing.assert_array_equal(found[4].mask, found[3].mask)


def test_brightness_is_no_fault_and_no_motion(frames: Frames, truth: NDArray[np.bool_]) -> None:
    given = frames.astype(np.float64)
    given[4] = 0.3 * given[4] + 500
    found = followed(given, truth)
    assert all(each.fault is None for each in found)
    np.testing.assert_array_equal(masks(found), masks(followed(frames, truth)))


def test_a_caller_may_use_one_buffer_for_all_frames(frames: Frames, truth: NDArray[np.bool_]) -> None:
    buffer = np.empty_like(frames[0])

    def reused() -> Iterator[Frames]:
        for frame in frames:
            buffer[:] = frame
            yield buffer

    found = list(track(reused(), truth[0], SETTINGS))
    np.testing.assert_array_equal(masks(found), masks(followed(frames, truth)))
    assert {each.fault for each in found} == {None}


def test_a_target_that_leaves_the_image_is_nowhere() -> None:
    cells = np.random.default_rng(3).normal(size=(60, 60))
    textured = gaussian_filter(np.repeat(np.repeat(cells, 4, axis=0), 4, axis=1), 2)
    mask = np.zeros((80, 80), dtype=bool)
    mask[2:8, 30:40] = True
    found = list(track((textured[s : s + 80, 40:120] for s in range(40, 60, 4)), mask, SETTINGS))
    assert [int(each.mask.sum()) for each in found[:2]] == [60, 40]  # two of the six rows are gone
    assert not found[-1].mask.any()


def test_a_useless_first_frame_is_refused(truth: NDArray[np.bool_]) -> None:
    with pytest.raises(ReadError, match=r"must be of a frame that shows it, got one of no use: it shows no image"):
        Tracker(truth[0], np.zeros(truth.shape[1:]), SETTINGS)


def test_too_many_levels_are_refused(frames: Frames, truth: NDArray[np.bool_]) -> None:
    with pytest.raises(SettingsError, match=r"flow\.levels must leave 4 pixels"):
        next(track(frames, truth[0], FlowSettings(levels=8)))


def test_no_frames_give_no_masks(truth: NDArray[np.bool_]) -> None:
    assert list(track([], truth[0], SETTINGS)) == []
