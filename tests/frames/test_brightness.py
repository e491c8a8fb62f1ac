"""Sequences whose brightness changes are noticed: the flow would take the change for motion."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecast.flow import FlowEstimator
from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD, brightness_spread, clipped_frames
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.report import render_report
from cinecast.run.stage_work import Work
from cinecast.sequence import Sequence, default_split
from cinecast.settings import Arithmetic, FlowSettings, Settings
from cinecast.store import RunFolder
from helpers.real_frames import frames as real_frames
from helpers.report_data import simulated_report

PHANTOM = PhantomSettings(rows=64, columns=56, pixel_spacing_mm=(5.4, 5.4), frame_count=12)


def test_spread_is_the_range_of_means_over_their_median() -> None:
    means = np.array([80.0, 90.0, 100.0, 110.0, 120.0])
    frames = means[:, None, None] * np.array([0.0, 0.5, 1.5, 2.0])  # from black; the mean is the given one
    low, high = np.percentile(means, [5, 95])
    assert brightness_spread(frames) == pytest.approx((high - low) / 100)
    assert brightness_spread(1000 * frames) == pytest.approx(brightness_spread(frames))


def test_faulty_frames_that_are_held_say_nothing_of_brightness() -> None:
    frames = np.array([80.0, 0.5, 90.0, 100.0, 9e4, 110.0, 120.0])[:, None, None] * np.array([0.0, 0.5, 1.5, 2.0])
    assert brightness_spread(frames, {1, 4}) == brightness_spread(frames[[0, 2, 3, 5, 6]]) < 0.5
    assert brightness_spread(frames) > 100
    assert np.isnan(brightness_spread(frames, range(7)))


@pytest.mark.parametrize("offset", [-100.0, -1024.0, 1000.0])
def test_a_constant_on_all_grey_values_changes_no_spread(offset: float) -> None:
    gain = np.linspace(1, 1.2, PHANTOM.frame_count)[:, None, None]
    frames = make_phantom(PHANTOM).sequence.frames * gain
    assert brightness_spread(frames + offset) == pytest.approx(brightness_spread(frames), rel=1e-6)
    z_scores = (frames - frames.mean()) / frames.std()
    assert brightness_spread(z_scores) == pytest.approx(brightness_spread(frames), rel=1e-6)


def test_frames_that_show_nothing_have_no_spread() -> None:
    assert np.isnan(brightness_spread(np.full((3, 2, 2), 7.0)))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_clipped_frames_are_those_cut_off_by_a_window_whatever_its_end(kind: type) -> None:
    frames = make_phantom(PHANTOM).sequence.frames.astype(float)
    frames *= 250 / frames.max()
    assert clipped_frames(frames.astype(kind)) == []
    frames[3] = np.minimum(frames[3], np.quantile(frames[3], 0.97))
    frames[7] = np.minimum(frames[7], np.quantile(frames[7], 0.9))
    assert clipped_frames(frames.astype(kind)) == [3, 7]
    assert clipped_frames(frames.astype(kind), {7}) == [3]


@pytest.mark.parametrize(("side", "most"), [(8, 10), (44, 10), (100, 50)])
def test_ten_pixels_or_one_in_200_may_be_the_brightest(side: int, most: int) -> None:
    frames = np.random.default_rng(0).random((2, side, side))
    for frame, count in zip(frames, (most, most + 1), strict=True):
        frame.ravel()[:count] = 2.0
    assert clipped_frames(frames) == [1]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["eth-1", "eth-4", "ovgu-1", "ovgu-3", "ovgu-5", "ovgu-7"])
def test_recorded_frames_are_not_clipped(shared: Path, name: str) -> None:
    assert clipped_frames(real_frames(shared, name)) == []


def test_a_change_of_brightness_is_taken_for_motion_which_is_why_it_matters() -> None:
    reference = make_phantom(PHANTOM).sequence.frames[0].astype(float)
    moved = np.linalg.norm(
        FlowEstimator(reference, FlowSettings(arithmetic="published", levels=3))(1.4 * reference), axis=-1
    )
    assert moved.max() > 2  # pixels, though nothing moved


def _warnings(
    tmp_path: Path, sequence: Sequence, caplog: pytest.LogCaptureFixture, arithmetic: Arithmetic = "published"
) -> list[str]:
    settings = Settings(flow=FlowSettings(reference=0, levels=3, arithmetic=arithmetic))
    folder = tmp_path / "dvf"
    folder.mkdir()
    with caplog.at_level(logging.WARNING), RunFolder(tmp_path / "run", sequence.name) as store:
        Work(store, sequence, settings, 1).flow(folder, lambda: None)
    said = [record.getMessage() for record in caplog.records]
    return [message for message in said if "brightness" in message]


def test_a_run_warns_of_it_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    steady = make_phantom(PHANTOM).sequence
    assert brightness_spread(steady.frames) < LARGEST_TRUSTED_SPREAD
    assert _warnings(tmp_path, steady, caplog) == []
    gain = np.linspace(1, 2, len(steady.frames))[:, None, None]
    brighter = Sequence("brighter", steady.frames * gain, steady.times_s, steady.spacing_mm, default_split(12))
    (tmp_path / "second").mkdir()
    (message,) = _warnings(tmp_path / "second", brighter, caplog)
    assert message.startswith("brighter: the brightness of whole frames varies by ")
    (tmp_path / "third").mkdir()
    caplog.clear()
    assert _warnings(tmp_path / "third", brighter, caplog, "unit_free") == []


def test_the_report_says_so(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    gain = np.linspace(1, 2, len(data.sequence.frames))[:, None, None]
    uneven = replace(data, sequence=replace(data.sequence, frames=data.sequence.frames * gain))
    moved = replace(uneven, flows=tuple(replace(flow, takes_brightness_for_motion=True) for flow in uneven.flows))
    banner = b'id="brightness"'
    assert banner not in render_report(data)["index.html"]
    assert banner not in render_report(uneven)["index.html"]
    assert banner in render_report(moved)["index.html"]


@pytest.mark.shared
def test_of_the_real_sequences_those_of_eth_are_warned_of(shared: Path) -> None:
    spreads = {name: brightness_spread(real_frames(shared, name)) for name in ("eth-1", "eth-4", "ovgu-1", "ovgu-5")}
    assert {name for name, spread in spreads.items() if spread > LARGEST_TRUSTED_SPREAD} == {"eth-1", "eth-4"}, spreads
