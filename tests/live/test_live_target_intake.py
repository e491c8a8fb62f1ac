"""Targets that come in beside the stream: late, half written, wrong, changed; the stream goes on."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFrame
from cinecast.live import LiveSession, Taken
from cinecast.live.calibration import Calibration
from cinecast.live.target_cells import forecast_cells, measured_cells
from cinecast.live.target_intake import Drawn, TargetIntake
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.score.patient_axes import axes_of_plane
from cinecast.sequence import Split
from cinecast.settings import Settings, TargetSettings
from helpers.live_sessions import wait_until

TRAIN, PERIOD, COUNT = 24, 0.25, 90
SEQUENCE = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 5), frame_count=COUNT, frame_period_s=PERIOD)
).sequence
ROWS, COLUMNS = np.indices((48, 40))
MASK = ((ROWS - 30) ** 2 + (COLUMNS - 15) ** 2 <= 16).astype(np.uint8)


def drawn_on(calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
    del calibration, instances
    return Drawn(SEQUENCE, tuple(range(COUNT)))


class Streaming:
    """A session that takes the phantom's frames one by one."""

    def __init__(self, own: TargetSettings, *, wait: bool = False, given: Callable[..., Drawn] = drawn_on) -> None:
        forecaster = LiveForecaster(Settings(), method="rls", horizon="2", calibration_frames=TRAIN)
        self.intake = TargetIntake(own, 3.0, given, wait=wait)
        self.session = LiveSession(forecaster, lambda: SEQUENCE.spacing_mm, hurried=not wait, intake=self.intake)
        self.count = 0
        self.small = 0  # so many frames of another size come first

    def push(self) -> Taken:
        t = self.count
        self.count += 1
        shown = SEQUENCE.frames[t] if t >= self.small else SEQUENCE.frames[t][:30]
        arrived = StreamedFrame(f"frame {t}", PERIOD * t, shown, time.perf_counter())
        taken = self.session.take(arrived)
        self.session.follow_up(arrived, taken)
        return taken

    def calibrate(self) -> Streaming:
        while self.push().state != "calibrated":
            pass
        return self

    def names(self) -> list[str]:
        return [each.target.name for each in self.session.forecaster.targets]


def asked(*files: Path, **own: object) -> TargetSettings:
    return TargetSettings(files=tuple(map(str, files)), **own)  # type: ignore[arg-type]


def write(path: Path, mask: NDArray[np.generic] = MASK) -> Path:
    np.save(path, mask, allow_pickle=False)
    return path


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_file_that_is_there_is_followed_from_the_first_frame_on(tmp_path: Path) -> None:
    stream = Streaming(asked(write(tmp_path / "tumour.npy"), frame=5), wait=True).calibrate()
    taken = stream.push()
    assert taken.forecast is not None
    assert [each.name for each in taken.forecast.targets] == ["tumour"]
    assert stream.session.forecaster.targets[0].target.frame == 5
    assert len(stream.session.measured_targets) == 1
    (sentence,) = stream.intake.sentences
    assert sentence.startswith("Target tumour: 49 pixels in frame 5; registered to frame ")
    likeness = float(sentence.split("correlation of ")[1].split(";")[0])
    assert 0.9 < likeness <= 1
    assert sentence.endswith("; beam on within 3 mm.")
    stream.session.finish()


def test_a_file_that_comes_later_is_followed_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "tumour.npy"
    stream = Streaming(asked(path)).calibrate()
    assert stream.intake.sentences.popleft() == f"Target: {path} is awaited."
    forecast = stream.push().forecast
    assert forecast is not None
    assert forecast.targets == ()
    write(path)
    wait_until(lambda: bool(stream.names()))
    forecast = stream.push().forecast
    assert forecast is not None
    assert forecast.targets[0].name == "tumour"
    stream.session.finish()


def test_a_half_written_file_is_said_once_and_read_when_it_is_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tumour.npy"
    whole = write(tmp_path / "whole.npy").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    os.utime(path, (time.time() - 10,) * 2)
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(path)).calibrate()
        wait_until(lambda: bool(caplog.records))
        path.write_bytes(whole[: len(whole) // 2 + 100])
        time.sleep(1.0)
        assert stream.push().state in ("forecast", "stale")  # out too late, on a slow machine
        path.write_bytes(whole)
        wait_until(lambda: bool(stream.names()))
    (said,) = messages(caplog)
    assert said.startswith("no target from tumour.npy: tumour.npy cannot be read as NPY of numbers: it is cut short")
    assert said.endswith("(the stream goes on, and the file is tried again)")
    stream.session.finish()


@pytest.mark.parametrize(
    ("mask", "frame", "sentence"),
    [
        (MASK[:40], 5, "a mask must have the geometry of the frames, got tumour.npy with 40 x 40 pixels"),
        (np.zeros_like(MASK), 5, "a mask must hold pixels inside, got an empty one in tumour.npy"),
        (MASK, TRAIN, f"a target must be of a frame that was calibrated on, 0 to 23, got frame {TRAIN}; draw it"),
        (MASK, COUNT, f"a target must be of a frame that was calibrated on, 0 to 23, got frame {COUNT}; draw it"),
        (MASK * 3 + np.roll(MASK, 9, axis=0), 5, "one of several structures must be chosen, got 1; 3"),
    ],
)
def test_a_wrong_target_is_said_in_one_sentence_and_the_stream_goes_on(
    mask: NDArray[np.generic], frame: int, sentence: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "tumour.npy", mask)
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(path, frame=frame), wait=True).calibrate()
        assert stream.push().state in ("forecast", "stale")  # out too late, on a slow machine
        assert stream.names() == []
        stream.session.finish()
    (said,) = messages(caplog)
    assert sentence in said


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "tumour.npy")
    stream = Streaming(asked(path), wait=True).calibrate()
    write(path, np.roll(MASK, 4, axis=0))
    wait_until(lambda: stream.session.forecaster.targets[0].planned.tolist() == [34, 15])
    assert stream.names() == ["tumour"]
    stream.session.finish()


def segmented(path: Path, name: str, mask: NDArray[np.generic] = MASK) -> Path:
    image = SimpleITK.GetImageFromArray(mask)
    image.SetSpacing((5, 6))
    for key, value in (("ID", "Segment_1"), ("Name", name), ("LabelValue", "1"), ("Layer", "0")):
        image.SetMetaData(f"Segment0_{key}", value)
    SimpleITK.WriteImage(image, str(path))
    return path


def test_a_structure_that_its_file_calls_otherwise_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = segmented(tmp_path / "plan.seg.nrrd", "GTV")
    stream = Streaming(asked(path, write(tmp_path / "cord.npy")), wait=True).calibrate()
    assert stream.names() == ["GTV", "cord"]
    segmented(path, "GTV of today", np.roll(MASK, 4, axis=0))
    wait_until(lambda: "GTV of today" in stream.names())
    assert stream.names() == ["GTV of today", "cord"]
    forecast = stream.push().forecast
    assert forecast is not None
    assert [each.name for each in forecast.targets] == ["GTV of today", "cord"]
    stream.session.finish()


def test_targets_are_numbered_as_they_were_asked_for_whichever_comes_first(tmp_path: Path) -> None:
    cord, tumour = write(tmp_path / "cord.npy", np.roll(MASK, 4, axis=0)), tmp_path / "tumour.npy"
    stream = Streaming(asked(tumour, cord), wait=True).calibrate()
    axes = axes_of_plane(None, None)
    forecast = stream.push().forecast
    assert forecast is not None
    assert [(each.number, each.name) for each in forecast.targets] == [(2, "cord")]
    assert [cells["name"] for cells in forecast_cells(stream.session, forecast, axes)] == [None, "cord"]
    assert measured_cells(stream.session, stream.session.measured_targets)[:3] == [None] * 3
    write(tumour)
    wait_until(lambda: len(stream.names()) == 2)
    forecast = stream.push().forecast
    assert forecast is not None
    assert [(each.number, each.name) for each in forecast.targets] == [(1, "tumour"), (2, "cord")]
    assert [cells["name"] for cells in forecast_cells(stream.session, forecast, axes)] == ["tumour", "cord"]
    stream.session.finish()


def test_a_file_that_is_of_no_use_any_more_leaves_its_target_and_this_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "tumour.npy")
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(path), wait=True).calibrate()
        write(path, np.zeros_like(MASK))
        wait_until(lambda: bool(caplog.records))
    (said,) = messages(caplog)
    assert said.startswith(
        "tumour.npy has changed and cannot be used: tumour is followed as it was read before: a mask"
    )
    assert stream.names() == ["tumour"]
    stream.session.finish()


def test_a_target_where_nothing_moves_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    corner = np.zeros_like(MASK)
    corner[1:4, 1:4] = 1
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(write(tmp_path / "tumour.npy"), write(tmp_path / "air.npy", corner)), wait=True)
        stream.calibrate().session.finish()
    (said,) = messages(caplog)
    assert said.startswith("target air: the measured motion does not move it.")
    tumour, air = stream.intake.sentences
    assert 1 < float(tumour.split("moves by up to ")[1].split(" mm")[0]) < 40
    assert "moves by up to 0.0 mm in the calibration" in air


def test_names_are_given_file_by_file(tmp_path: Path) -> None:
    files = write(tmp_path / "one.npy"), write(tmp_path / "two.npy", np.roll(MASK, 4, axis=0))
    stream = Streaming(asked(*files, names=("tumour", "cord")), wait=True).calibrate()
    assert stream.intake.slots == 2
    assert stream.names() == ["tumour", "cord"]
    stream.session.finish()


def test_two_files_must_not_give_one_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "other").mkdir()
    files = write(tmp_path / "tumour.npy"), write(tmp_path / "other" / "tumour.npy", np.roll(MASK, 4, axis=0))
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(*files), wait=True).calibrate()
        stream.session.finish()
    assert stream.intake.slots == 2
    assert stream.names() == ["tumour"]
    assert stream.session.forecaster.targets[0].planned.tolist() == [30, 15]
    assert (
        "each target must have a name of its own, got 'tumour' in tumour.npy and in tumour.npy" in messages(caplog)[0]
    )


def test_a_label_map_without_a_frame_is_of_the_first_frame_of_the_stream_or_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where frames of another size came before the calibration its first frame is not that of the stream."""

    def later(calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        del instances
        part = replace(SEQUENCE, frames=calibration.frames, times_s=calibration.times_s, split=Split(2, 2, TRAIN))
        return Drawn(part, tuple(label.number for label in calibration.labels))

    path = write(tmp_path / "tumour.npy")
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream = Streaming(asked(path), wait=True, given=later)
        stream.small = 1
        stream.calibrate().session.finish()
    assert stream.names() == []
    assert "calibrated on, 5 to 28, got frame 0; draw it on one of these (--target-frame)" in messages(caplog)[-1]
    named = Streaming(asked(path, frame=7), wait=True, given=later)
    named.small = 1
    named.calibrate()
    assert named.session.forecaster.targets[0].position == 2
    assert named.session.forecaster.targets[0].target.frame == 7
    named.session.finish()


def test_a_file_that_never_comes_is_said_at_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stream = Streaming(asked(tmp_path / "tumour.npy")).calibrate()
    with caplog.at_level(logging.WARNING, "cinecast.live.target_intake"):
        stream.session.finish()
    assert messages(caplog) == [
        f"a target was awaited until the end of the stream, and {tmp_path / 'tumour.npy'} never came"
    ]
