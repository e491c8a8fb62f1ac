"""Series that hold several kinds of image: magnitude and phase, echoes, scouts, frames that prepare the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cinecast.errors import ReadError, SettingsError
from cinecast.frames import list_series, read_sequence
from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.settings import FramesSettings
from helpers.dicom_files import cine, enhanced, save

FRAMES = np.random.default_rng(31).integers(0, 2000, (12, 9, 10)).astype(np.uint16)
PHASE = np.random.default_rng(32).integers(0, 4000, (12, 9, 10)).astype(np.uint16)
MAGNITUDE_TYPE = ["ORIGINAL", "PRIMARY", "M", "ND"]
COUNTED = FramesSettings(frame_period_s=0.25)


def pairs(**of_phase: Any) -> list[Dataset]:
    """Return magnitude and phase images of the same moments, in turn, of one series."""
    of_phase = of_phase or {"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}
    magnitude = cine(FRAMES, SeriesInstanceUID="1.2.3", ImageType=MAGNITUDE_TYPE)
    phase = cine(PHASE, SeriesInstanceUID="1.2.3", **{"ImageType": MAGNITUDE_TYPE, **of_phase})
    return [each for pair in zip(magnitude, phase, strict=True) for each in pair]


def arrived_of(folder: Path, **settings: Any) -> tuple[list[StreamedFrame], list[str]]:
    stream = DicomStream(folder, FramesSettings(**settings))
    found = stream.look(0.0) + stream.look(0.1)
    frames = [each for each in found if isinstance(each, StreamedFrame)]
    return frames, [each.fault for each in found if isinstance(each, StreamedFault)]


@pytest.mark.parametrize(
    "of_phase",
    [
        {"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"]},
        {"ImageType": ["DERIVED", "PRIMARY", "VELOCITY", "NONE"]},
        {"ComplexImageComponent": "PHASE"},
    ],
)
def test_magnitude_is_taken_and_it_is_said(
    tmp_path: Path, of_phase: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    folder = save(tmp_path / "cine", pairs(**of_phase))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(folder)
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, 0.25 * np.arange(12))
    assert sequence.origins["frames"].endswith(", magnitude")
    assert "magnitude, 12 frame(s) is taken, and left out is phase, 12 frame(s); --kind takes another" in caplog.text
    (series,) = list_series(folder)
    assert series.kinds == ("0: magnitude, 12 frame(s)", "1: phase, 12 frame(s)")
    frames, faults = arrived_of(folder)
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    assert faults == ["it is a phase image, not a magnitude image (--kind phase takes it); others like it are left out"]


@pytest.mark.parametrize("wanted", ["phase", "Phase ", "1"])
def test_phase_can_be_chosen(tmp_path: Path, wanted: str, caplog: pytest.LogCaptureFixture) -> None:
    folder = save(tmp_path / "cine", pairs())
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder, FramesSettings(kind=wanted)).frames, PHASE)
    assert not caplog.records
    if wanted != "1":
        np.testing.assert_array_equal([frame.frame for frame in arrived_of(folder, kind=wanted)[0]], PHASE)


def test_images_of_ge_name_their_component_in_an_element_of_their_own(tmp_path: Path) -> None:
    images = pairs(ImageType=["ORIGINAL", "PRIMARY", "OTHER"])
    for i, dataset in enumerate(images):
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
        dataset.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", i % 2)
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "cine", images)).frames, FRAMES)


@pytest.mark.parametrize("times", [True, False])
@pytest.mark.parametrize("keyword", ["FrameType", "ComplexImageComponent"])
def test_the_frames_of_one_file_are_parted_by_their_groups(tmp_path: Path, keyword: str, times: bool) -> None:
    both = np.stack([FRAMES, PHASE], axis=1).reshape(24, 9, 10)
    contents: list[dict[str, Any]] = [{"TemporalPositionIndex": i // 2 + 1} for i in range(24)]
    if times:
        contents = [each | {"FrameAcquisitionDateTime": f"202402281000{i // 2:02d}"} for i, each in enumerate(contents)]
    dataset = enhanced(both, contents=contents)
    for i, group in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        item = Dataset()
        item.FrameType = ["ORIGINAL", "PRIMARY", "MP"[i % 2] if keyword == "FrameType" else "OTHER", "NONE"]
        if keyword == "ComplexImageComponent":
            item.ComplexImageComponent = ("MAGNITUDE", "PHASE")[i % 2]
        group.MRImageFrameTypeSequence = [item]
    path = save(tmp_path, [dataset]) / "image1.dcm"
    settings = FramesSettings() if times else COUNTED
    np.testing.assert_array_equal(read_sequence(path, settings).frames, FRAMES)


def test_a_series_of_phase_images_alone_is_read(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(PHASE, ImageType=["ORIGINAL", "PRIMARY", "P", "ND"]))
    np.testing.assert_array_equal(read_sequence(folder).frames, PHASE)


def test_real_and_imaginary_images_must_be_chosen(tmp_path: Path) -> None:
    images = pairs(ImageType=["ORIGINAL", "PRIMARY", "I", "ND"])
    for dataset in images[::2]:
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "R", "ND"]
    folder = save(tmp_path / "cine", images)
    with pytest.raises(
        ReadError,
        match=r"one kind of image must be chosen .*, got 0: real, 12 frame\(s\); 1: imaginary, 12 .* with --kind",
    ):
        read_sequence(folder)
    np.testing.assert_array_equal(read_sequence(folder, FramesSettings(kind="imaginary")).frames, PHASE)


@pytest.mark.parametrize("wanted", ["imaginary", "2", "nonsense"])
def test_a_kind_that_is_not_there_is_refused(tmp_path: Path, wanted: str) -> None:
    folder = save(tmp_path / "cine", pairs())
    with pytest.raises(ReadError, match=rf"--kind must name a kind .* has, 0: magnitude, .*, got '{wanted}'; give its"):
        read_sequence(folder, FramesSettings(kind=wanted))


def test_a_kind_cannot_be_counted_where_a_folder_is_watched(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--kind must be one of magnitude, .* where a folder is watched, got '1'"):
        DicomStream(tmp_path, FramesSettings(kind="1"))


def test_the_first_echo_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = pairs(EchoNumbers=2)
    for dataset in images[::2]:
        dataset.EchoNumbers = 1
    folder = save(tmp_path / "cine", images)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    assert "echo 1, 12 frame(s) is taken, and left out is echo 2, 12 frame(s)" in caplog.text
    np.testing.assert_array_equal(read_sequence(folder, FramesSettings(kind="1")).frames, PHASE)


@pytest.mark.parametrize("number", [None, 1], ids=["no number", "one number for all"])
def test_the_first_echo_is_taken_by_its_time(
    tmp_path: Path, number: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    images = pairs(EchoTime=2.46)
    for i, dataset in enumerate(images):
        dataset.EchoTime = 2.46 if i % 2 else 1.23 + 0.05 * (i % 4)  # planes in turn differ by hundredths
        if number is not None:
            dataset.EchoNumbers = number
    folder = save(tmp_path / "cine", images)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    assert "echo time 1.23, 12 frame(s) is taken, and left out is echo time 2.46, 12 frame(s)" in caplog.text
    np.testing.assert_array_equal(read_sequence(folder, FramesSettings(kind="1")).frames, PHASE)
    frames, faults = arrived_of(folder)
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    assert faults == ["it is another kind of image (echo time 2.46); others like it are left out"]


def test_an_echo_with_number_and_time_is_named_by_its_number(tmp_path: Path) -> None:
    images = pairs(EchoNumbers=2, EchoTime=2.46)
    for dataset in images[::2]:
        dataset.EchoNumbers, dataset.EchoTime = 1, 1.23
    (series,) = list_series(save(tmp_path / "cine", images))
    assert series.kinds == ("0: echo 1, 12 frame(s)", "1: echo 2, 12 frame(s)")


def test_echo_times_of_planes_in_turn_part_no_kinds(tmp_path: Path) -> None:
    images = cine(FRAMES)
    for i, dataset in enumerate(images):
        dataset.EchoTime = 1.43 + 0.02 * (i % 2)
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "cine", images)).frames, FRAMES)


def test_planes_with_an_echo_time_of_their_own_are_planes(tmp_path: Path) -> None:
    images = cine(FRAMES)
    for dataset in images[::2]:
        dataset.EchoTime = 1.2
    for dataset in images[1::2]:
        dataset.EchoTime, dataset.ImagePositionPatient = 2.4, [-52.0, -112.25, 134.0]
    folder = save(tmp_path / "cine", images)
    both = [read_sequence(folder, FramesSettings(plane=plane)).frames for plane in (0, 1)]
    np.testing.assert_array_equal(both, [FRAMES[1::2], FRAMES[::2]])


def test_a_slice_that_moves_is_told_from_slices_of_their_own(tmp_path: Path) -> None:
    images = cine(FRAMES)
    for i, dataset in enumerate(images):
        dataset.ImagePositionPatient = [-92.0 + 0.15 * i, -112.25, 134.0]
    folder = save(tmp_path / "cine", images)
    with pytest.raises(
        ReadError, match=r"one slice, got 12 positions of it from 90.3 to 92.0 mm, .*it was moved while"
    ):
        read_sequence(folder)


@pytest.mark.parametrize(
    ("positions_mm", "sentence"),
    [
        ([0.0, 1.5, 40.0], "one slice, got 3 positions of it from 52.0 to 92.0 mm, as near as 1.5 mm"),
        ([0.0, 3.0, 40.0], "one plane must be chosen where there are several, got 3"),
    ],
)
def test_slices_of_their_own_lie_half_their_thickness_apart(
    tmp_path: Path, positions_mm: list[float], sentence: str
) -> None:
    images = cine(FRAMES)  # 4 mm thick
    for i, dataset in enumerate(images):
        dataset.ImagePositionPatient = [-92.0 + positions_mm[i % 3], -112.25, 134.0]
    with pytest.raises(ReadError, match=sentence):
        read_sequence(save(tmp_path / "cine", images))


def test_image_types_that_part_a_series_in_halves_must_be_chosen(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", pairs(ImageType=["DERIVED", "SECONDARY", "M", "SUB"]))
    with pytest.raises(ReadError, match=r"one kind of image must be chosen .*image type ORIGINAL/PRIMARY/M/ND, 12"):
        read_sequence(folder)


def first_ones(images: list[Dataset], count: int, **elements: Any) -> list[Dataset]:
    for dataset in images[:count]:
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
    return images


@pytest.mark.parametrize(
    "elements", [{"FlipAngle": 5.0}, {"InversionTime": 100.0}, {"ImageType": ["ORIGINAL", "PRIMARY", "M", "PREP"]}]
)
def test_frames_that_prepare_the_others_are_left_out(
    tmp_path: Path, elements: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    images = cine(FRAMES, FlipAngle=50.0, InversionTime=0.0, ImageType=MAGNITUDE_TYPE)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(save(tmp_path / "cine", first_ones(images, 1, **elements)))
    np.testing.assert_array_equal(sequence.frames, FRAMES[1:])
    assert ", 11 frame(s) is taken, and left out is " in caplog.text


@pytest.mark.parametrize(
    "values",
    [
        [30.0 + t for t in range(12)],  # another one for each frame
        [30.0] * 11 + [None],  # one frame lacks it
    ],
)
def test_facts_that_part_no_kinds_part_none(tmp_path: Path, values: Iterable[Any]) -> None:
    images = cine(FRAMES)
    for dataset, value in zip(images, values, strict=True):
        dataset.FlipAngle = value
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "cine", images)).frames, FRAMES)


def with_scouts(folder: Path, count: int = 1, **elements: Any) -> Path:
    """Save a cine, and before it images that it was planned on."""
    images = cine(FRAMES, SeriesInstanceUID="1.2.3", ImageType=MAGNITUDE_TYPE)
    scouts = cine(PHASE[:count], SeriesInstanceUID="1.2.3", start_s=35980.0, ImageType=MAGNITUDE_TYPE)
    for dataset in scouts:
        dataset.InstanceNumber = 0
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
    save(folder, scouts, [f"a{t}" for t in range(count)])
    return save(folder, images)


CORONAL = {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1], "ImagePositionPatient": [-80.0, 12.0, 60.0]}
LOCALIZER = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER", "M"]}


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        (CORONAL, "the series has 1 frame(s) of other planes, which are taken for scouts and left out"),
        (LOCALIZER, "left out is localizer, image type ORIGINAL/PRIMARY/LOCALIZER/M, 1 frame(s)"),
    ],
)
def test_a_scout_is_left_out(
    tmp_path: Path, elements: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = with_scouts(tmp_path / "cine", **elements)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    assert said in caplog.text
    frames, faults = arrived_of(folder)
    np.testing.assert_array_equal([frame.frame for frame in frames], FRAMES)
    assert len(faults) == 1


def test_a_second_plane_is_no_scout(tmp_path: Path) -> None:
    folder = with_scouts(tmp_path / "cine", 2, **CORONAL)
    with pytest.raises(ReadError, match=r"one plane must be chosen where there are several, got 2"):
        read_sequence(folder)
