"""Order and time of DICOM frames where clocks, temporal positions and instance numbers say different things."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.missing_frames import missing_frames_text
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.settings import FramesSettings
from helpers.dicom_files import cine, clock_text, enhanced, image, save

FRAMES = np.random.default_rng(21).integers(0, 2000, (20, 9, 10)).astype(np.uint16)
COUNTED = FramesSettings(frame_period_s=0.25)
PERIOD = 0.3145
SCRAMBLED = [int(number) for number in np.random.default_rng(22).permutation(20) + 1]


def every(images: SequenceOf[Dataset], **lists: SequenceOf[Any]) -> list[Dataset]:
    for keyword, values in lists.items():
        for dataset, value in zip(images, values, strict=True):
            setattr(dataset, keyword, value)
    return list(images)


def streamed(folder: Path, settings: FramesSettings, at_once: int = 1) -> tuple[list[StreamedFrame], list[str]]:
    """Copy a folder's files one after another into a watched one; return the frames and the faults."""
    watched = folder.parent / "watched"
    watched.mkdir()
    stream = DicomStream(watched, settings)
    frames: list[StreamedFrame] = []
    faults: list[str] = []
    files = sorted(folder.iterdir(), key=lambda file: int(file.stem.removeprefix("image")))
    for first in range(0, len(files), at_once):
        for file in files[first : first + at_once]:
            (watched / file.name).write_bytes(file.read_bytes())
        for each in stream.look(float(first)) + stream.look(first + 0.5):
            if isinstance(each, StreamedFault):
                faults.append(each.fault)
            else:
                frames.append(each)
    return frames, faults


def by_position(**elements: Any) -> list[Dataset]:
    """Return images that one time stands in, whose positions are their order and whose numbers are not."""
    images = cine(FRAMES, period_s=None, AcquisitionTime="101500.00", **elements)
    return every(images, TemporalPositionIdentifier=range(1, 21), InstanceNumber=SCRAMBLED)


def test_temporal_positions_order_before_instance_numbers_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save(tmp_path / "cine", by_position(), [f"IM{number}" for number in SCRAMBLED])
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)
    first = next(i for i in range(19) if SCRAMBLED[i + 1] < SCRAMBLED[i])
    assert (
        "the temporal positions of the DICOM files and the instance numbers contradict each other, as in number "
        f"{SCRAMBLED[first]} before number {SCRAMBLED[first + 1]}; frames are in the order of the former"
    ) in caplog.text
    with pytest.raises(ReadError, match="needs a frame period"):
        read_sequence(folder)


@pytest.mark.parametrize("settings", [FramesSettings(), FramesSettings(frame_period_s=PERIOD)])
def test_temporal_resolution_gives_the_period(
    tmp_path: Path, settings: FramesSettings, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save(tmp_path / "cine", by_position(TemporalResolution=1000 * PERIOD))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(folder, settings)
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, np.arange(20) * PERIOD, atol=2e-6)
    assert "instance numbers contradict each other" in caplog.text
    frames, faults = streamed(folder, settings)
    assert not faults
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(20) * PERIOD, atol=2e-6)


def test_a_position_that_is_missing_is_refused(tmp_path: Path) -> None:
    images = by_position()
    folder = save(tmp_path / "cine", images[:7] + images[8:])
    with pytest.raises(ReadError, match=r"equally spaced by temporal position, got 7 .* then 9 .*missing frame"):
        read_sequence(folder, COUNTED)


@pytest.mark.parametrize("settings", [FramesSettings(), COUNTED])
def test_positions_that_contradict_the_clock_are_refused(tmp_path: Path, settings: FramesSettings) -> None:
    positions = [1, 2, 3, 5, 4, *range(6, 21)]
    folder = save(tmp_path / "cine", every(cine(FRAMES), TemporalPositionIdentifier=positions))
    with pytest.raises(
        ReadError,
        match=r"acquisition times of the DICOM files and their temporal positions must order frames alike, got "
        r"image4.dcm before image5.dcm by the former and after it by the latter; remove the wrong one",
    ):
        read_sequence(folder, settings)


def test_frames_of_one_second_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    images = every(cine(FRAMES), AcquisitionTime=[clock_text(36000 + t // 4) for t in range(20)])
    folder = save(tmp_path / "cine", images, [f"IM{number}" for number in SCRAMBLED])
    np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)


@pytest.mark.parametrize("settings", [FramesSettings(), COUNTED])
def test_two_clocks_of_acquisition_that_contradict_each_other_are_refused(
    tmp_path: Path, settings: FramesSettings
) -> None:
    texts = [f"20240228{clock_text(36000 + 0.25 * (t if t != 7 else 3.5))}" for t in range(20)]
    folder = save(tmp_path / "cine", every(cine(FRAMES), AcquisitionDateTime=texts, InstanceNumber=[None] * 20))
    with pytest.raises(ReadError, match=r"their AcquisitionTime must order frames alike, got image8.dcm before image5"):
        read_sequence(folder, settings)


def test_numbers_that_contradict_the_clock_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = save(tmp_path / "cine", every(cine(FRAMES), InstanceNumber=range(20, 0, -1)))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    assert (
        "the acquisition times of the DICOM files and the instance numbers contradict each other, as in number 20 "
        "before number 19"
    ) in caplog.text


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({"InstanceNumber": [*range(1, 12), 20, *range(12, 20)]}, "as in number 20 before number 12"),
        (
            {"TemporalPositionIdentifier": [*range(1, 12), 20, *range(12, 20)]},
            "and their temporal positions must order frames alike, got image12.dcm before image13.dcm",
        ),
    ],
)
def test_a_stream_says_once_what_contradicts_its_clock(
    tmp_path: Path, elements: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save(tmp_path / "cine", every(cine(FRAMES), **elements))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        frames, faults = streamed(folder, FramesSettings())
    assert not faults
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    assert [said in record.getMessage() for record in caplog.records] == [True]


def test_a_stream_without_contradictions_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = every(cine(FRAMES, start_s=86397.0), TemporalPositionIdentifier=range(1, 21))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        frames, _ = streamed(save(tmp_path / "cine", images), FramesSettings())
    np.testing.assert_allclose([frame.time_s for frame in frames], 0.25 * np.arange(20))
    assert not caplog.records


def whole_seconds(**elements: Any) -> list[Dataset]:
    images = cine(FRAMES, **elements)
    return every(images, AcquisitionTime=[f"1015{int(t * PERIOD + 0.9):02d}" for t in range(20)])


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_trigger_times_count_where_acquisition_times_are_whole_seconds(tmp_path: Path, at_once: int) -> None:
    images = every(whole_seconds(), TriggerTime=[round(1000 * PERIOD * t, 1) for t in range(20)])
    folder = save(tmp_path / "cine", images)
    sequence = read_sequence(folder)
    np.testing.assert_allclose(sequence.times_s, np.arange(20) * PERIOD, atol=2e-6)
    assert sequence.origins["frame_period_s"] == "trigger times of the DICOM files"
    frames, faults = streamed(folder, FramesSettings(), at_once)
    assert not faults
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(20) * PERIOD, atol=2e-6)


def test_whole_seconds_alone_are_refused(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", whole_seconds())
    with pytest.raises(ReadError, match=r"same in .* \(acquisition times .*; duplicates: 20 frames have 7 times\)"):
        read_sequence(folder)
    with pytest.raises(ReadError, match=r"no acquisition time tells the first 9 DICOM files of watched apart"):
        streamed(folder, FramesSettings())
    np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)


def test_a_frame_without_a_time_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = cine(FRAMES)
    del images[4].AcquisitionTime
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(save(tmp_path / "cine", images), COUNTED)
    assert "1 of 20 frames have no acquisition times of the DICOM files, which are not used" in caplog.text


@pytest.mark.parametrize(
    ("period_s", "lost", "said"),
    [
        (0.25, (), ()),
        (0.2513, (), ()),
        (
            0.3,
            (),
            ("--frame-period 0.3 s counts, and not 0.25 s, 17 % shorter (acquisition times of the DICOM files)",),
        ),
        (
            0.25,
            (7, 8),
            ("has 1 interval(s) of another length, up to 0.75 s (acquisition times of the DICOM files)",),
        ),
    ],
)
def test_a_given_period_that_the_clock_contradicts_is_said(
    tmp_path: Path, period_s: float, lost: tuple[int, ...], said: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    folder = save(tmp_path / "cine", [each for t, each in enumerate(cine(FRAMES)) if t not in lost])
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(folder, FramesSettings(frame_period_s=period_s))
    assert len(caplog.records) == len(said)
    for sentence in said:
        assert sentence in caplog.text


def plain_multi_frame(**elements: Any) -> Dataset:
    dataset = image(FRAMES[0], NumberOfFrames=20, InstanceNumber=1, **elements)
    dataset.PixelData = FRAMES.tobytes()
    return dataset


def test_frame_time_is_the_period_of_a_plain_multi_frame_file(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", [plain_multi_frame(FrameTime=314.5, FrameIncrementPointer=0x00181063)])
    sequence = read_sequence(folder)
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, np.arange(20) * PERIOD, atol=2e-6)
    assert sequence.origins["frame_period_s"] == "frame time of the DICOM file"
    frames, _ = streamed(folder, FramesSettings())
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(20) * PERIOD, atol=2e-6)


@pytest.mark.parametrize("first", [[0.0], []])
def test_the_increments_of_a_frame_time_vector_add_up(tmp_path: Path, first: list[float]) -> None:
    steps = [250.0, 251.5, 249.0] + [250.0] * 16
    folder = save(tmp_path / "cine", [plain_multi_frame(FrameTimeVector=[*first, *steps])])
    np.testing.assert_allclose(read_sequence(folder).times_s, np.cumsum([0.0, *steps]) / 1000, atol=2e-6)


def test_a_gap_of_a_frame_time_vector_is_time(tmp_path: Path) -> None:
    steps = [0.0] + [314.5] * 11 + [2000.0] + [314.5] * 7
    folder = save(tmp_path / "cine", [plain_multi_frame(FrameTimeVector=steps)])
    sequence = read_sequence(folder)
    assert sequence.frame_period_s == pytest.approx(0.3145)
    assert sequence.times_s[12] - sequence.times_s[11] == pytest.approx(2.0)
    assert missing_frames_text(sequence) == "1 pause (2 s before frame 12), after which histories begin anew"


@pytest.mark.parametrize("steps", [[0.0] + [250.0] * 3, [0.0, -250.0] + [250.0] * 18, [0.0] * 20])
def test_a_frame_time_vector_that_cannot_be_right_is_none(tmp_path: Path, steps: list[float]) -> None:
    folder = save(tmp_path / "cine", [plain_multi_frame(FrameTimeVector=steps)])
    with pytest.raises(ReadError, match="needs a frame period"):
        read_sequence(folder)


@pytest.mark.parametrize(("pointer", "period"), [(0x00181063, 0.2), (0x00181065, 0.25), (None, 0.25)])
def test_the_file_says_which_of_both_counts(
    tmp_path: Path, pointer: int | None, period: float, caplog: pytest.LogCaptureFixture
) -> None:
    vector = [0.0] + [250.0] * 19
    both = plain_multi_frame(FrameTime=200.0, FrameTimeVector=vector, FrameIncrementPointer=pointer)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(save(tmp_path / "cine", [both]))
    assert sequence.frame_period_s == pytest.approx(period)
    assert ("disagree about the time between frames" in caplog.text) is (pointer is None)


def test_nominal_trigger_delays_order_the_frames_of_one_file(tmp_path: Path) -> None:
    dataset = enhanced(FRAMES)
    for t, group in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        delay = Dataset()
        delay.NominalCardiacTriggerDelayTime = 40.0 * t
        group.CardiacSynchronizationSequence = [delay]
    np.testing.assert_allclose(read_sequence(save(tmp_path / "cine", [dataset])).times_s, 0.04 * np.arange(20))


@pytest.mark.parametrize(
    ("start_s", "text"),
    [
        (34500.0, lambda moment: clock_text(moment)[1:]),  # 9:35 without its zero
        (36000.0, lambda moment: f"{clock_text(moment)}7"),
        (36000.0, lambda moment: clock_text(moment).replace(".", ",")),
        (36000.0, lambda moment: f"{clock_text(moment)[:2]}:{clock_text(moment)[2:4]}:{clock_text(moment)[4:]}"),
    ],
    ids=["zero lost", "seven digits", "comma", "colons"],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR TM")
def test_odd_spellings_of_times_are_read(tmp_path: Path, start_s: float, text: Any) -> None:
    images = every(cine(FRAMES), AcquisitionTime=[text(start_s + PERIOD * t) for t in range(20)])
    sequence = read_sequence(save(tmp_path / "cine", images))
    np.testing.assert_allclose(sequence.times_s, np.arange(20) * PERIOD, atol=2e-6)
    assert sequence.origins["frame_period_s"] == "acquisition times of the DICOM files"


def test_spacings_that_are_rounded_differently_are_one(tmp_path: Path) -> None:
    written = [["1.40625", "1.40625"] if t % 2 else ["1.406", "1.41"] for t in range(20)]
    folder = save(tmp_path / "cine", every(cine(FRAMES), PixelSpacing=written))
    sequence = read_sequence(folder)
    assert sequence.spacing_mm == (1.40625, 1.40625)
    assert sequence.affine is not None
    np.testing.assert_allclose(np.linalg.norm(sequence.affine[:3, :2], axis=0), 1.40625)
    assert len(streamed(folder, FramesSettings())[0]) == 20


def with_spacing(folder: Path, text: bytes) -> Path:
    save(folder, cine(FRAMES, PixelSpacing=["1.5", "2.5"]))
    for file in folder.iterdir():
        content = file.read_bytes()
        assert b"1.5\\2.5 " in content
        file.write_bytes(content.replace(b"1.5\\2.5 ", text))
    return folder


def test_a_decimal_comma_is_read(tmp_path: Path) -> None:
    assert read_sequence(with_spacing(tmp_path / "cine", b"1,5\\2,5 ")).spacing_mm == (1.5, 2.5)


@pytest.mark.parametrize("text", [b"1.5 mm  ", b"1.5\\2,,5", b"nan\\2.5 ", b"1.5\\1\\2 "])
def test_a_spacing_that_is_none_is_named(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ReadError, match=r"image1.dcm must have numbers as its PixelSpacing, and has other text there"):
        read_sequence(with_spacing(tmp_path / "cine", text))


@pytest.mark.parametrize(
    ("period_s", "said"), [(0.25, []), (0.5, ["--frame-period 0.5 s counts, and not 0.25 s, 50 % shorter"])]
)
def test_a_frame_period_that_the_clock_contradicts_is_said_of_a_stream_too(
    tmp_path: Path, period_s: float, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    moments = [clock_text(36000 + 0.25 * t) for t in range(20)]
    folder = save(tmp_path / "cine", every(cine(FRAMES), AcquisitionTime=moments))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        frames, _ = streamed(folder, FramesSettings(frame_period_s=period_s))
    assert [frame.time_s for frame in frames] == pytest.approx([period_s * t for t in range(20)])
    found = [record.getMessage() for record in caplog.records]
    assert len(found) == len(said)
    assert all(one.startswith(other) for one, other in zip(found, said, strict=True)), found


@pytest.mark.parametrize("settings", [FramesSettings(), COUNTED])
def test_copies_of_frames_under_new_uids_are_refused_counted_or_not(tmp_path: Path, settings: FramesSettings) -> None:
    images = cine(FRAMES)
    copies = [copy.deepcopy(each) for each in images[4:6]]
    for each in copies:
        each.SOPInstanceUID = each.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    folder = save(tmp_path / "copies", [*images, *copies])
    words = (
        r"must be there once, got the same time and instance number in image5.dcm and image21.dcm; remove one of them"
    )
    with pytest.raises(ReadError, match=words):
        read_sequence(folder, settings)


def test_numbers_that_are_all_alike_make_no_copies(tmp_path: Path) -> None:
    seconds = [clock_text(float(int(36000 + 0.25 * t))) for t in range(20)]
    images = every(cine(FRAMES, InstanceNumber=1), AcquisitionTime=seconds)
    folder = save(tmp_path / "alike", images)
    assert len(read_sequence(folder, COUNTED).frames) == 20
