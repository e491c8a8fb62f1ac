"""A folder that a scanner writes into: half-written files, other files, clocks, series."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.errors import ReadError, SettingsError
from cinecast.frames import read_sequence
from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.folder_watch import FolderWatch
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.settings import FramesSettings
from helpers.dicom_files import cine, clock_text, enhanced, image, save

FRAMES = np.random.default_rng(0).integers(1, 4000, (12, 10, 9), dtype=np.uint16)


def stream(folder: Path, **settings: object) -> DicomStream:
    return DicomStream(folder, FramesSettings(**settings))  # type: ignore[arg-type]


def look_twice(watched: DicomStream, at_s: float = 0.0) -> list[Streamed]:
    """Return what two looks find; a file must be the same in both."""
    return watched.look(at_s) + watched.look(at_s + 0.01)


def frames_of(arrived: list[Streamed]) -> list[StreamedFrame]:
    assert all(isinstance(each, StreamedFrame) for each in arrived), arrived
    return [each for each in arrived if isinstance(each, StreamedFrame)]


def faults_of(arrived: list[Streamed]) -> list[tuple[str, str]]:
    return [(each.name, each.fault) for each in arrived if isinstance(each, StreamedFault)]


def test_frames_come_once_each_in_order_of_time_with_their_times(tmp_path: Path) -> None:
    watched = stream(tmp_path)
    assert look_twice(watched) == []
    names = [f"{name}.dcm" for name in "hgfedcba"]
    save(tmp_path, cine(FRAMES[:8]), names)
    found = frames_of(look_twice(watched, 1.0))
    assert [frame.name for frame in found] == names
    assert [frame.time_s for frame in found] == [0.25 * t for t in range(8)]
    for frame, wanted in zip(found, FRAMES, strict=False):
        np.testing.assert_array_equal(frame.frame, wanted)
        assert 1.0 <= frame.seen_s < 1.1
    assert look_twice(watched, 2.0) == []
    assert watched.spacing_mm == (1.5, 2.5)
    affine = watched.affine
    assert affine is not None
    np.testing.assert_allclose(np.linalg.norm(affine[:3, :2], axis=0), [2.5, 1.5])


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.999])
def test_a_file_half_written_is_waited_for(tmp_path: Path, share: float) -> None:
    save(tmp_path / "made", cine(FRAMES[:3]))
    folder = tmp_path / "watched"
    folder.mkdir()
    watched = stream(folder)
    for t in (1, 2):
        (folder / f"{t}.dcm").write_bytes((tmp_path / "made" / f"image{t}.dcm").read_bytes())
    assert len(frames_of(look_twice(watched))) == 2
    whole = (tmp_path / "made" / "image3.dcm").read_bytes()
    cut = int(share * len(whole))
    with (folder / "3.dcm").open("wb", buffering=0) as file:
        file.write(whole[:cut])
        for look in range(20):
            assert watched.look(1.0 + 0.1 * look) == []
        file.write(whole[cut:])
        (found,) = frames_of(look_twice(watched, 3.1))
    np.testing.assert_array_equal(found.frame, FRAMES[2])
    assert found.time_s == 0.5


def test_a_file_that_is_never_finished_is_given_up_and_said_once(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:3]))
    cut = tmp_path / "image2.dcm"
    cut.write_bytes(cut.read_bytes()[:-40])
    watched = stream(tmp_path)
    assert [frame.name for frame in frames_of(look_twice(watched))] == ["image1.dcm", "image3.dcm"]
    assert watched.look(4.9) == []
    ((name, fault),) = faults_of(watched.look(5.1))
    assert name == "image2.dcm"
    assert fault.endswith("copy or export it again, or remove it (unchanged for 5 s)")
    assert look_twice(watched, 20.0) == []


def test_a_file_that_is_no_image_is_said_once_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".DS_Store").write_bytes(b"hidden")
    (tmp_path / "deeper").mkdir()
    save(tmp_path, cine(FRAMES[:2]))
    watched = stream(tmp_path)
    assert len(frames_of(look_twice(watched))) == 2
    assert faults_of(watched.look(6.0)) == [("notes.txt", "it is no DICOM image (unchanged for 5 s)")]
    assert look_twice(watched, 20.0) == []


def test_a_file_written_under_another_name_and_renamed_is_read_once(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:2]))
    watched = stream(tmp_path)
    assert len(look_twice(watched)) == 2
    save(tmp_path, cine(FRAMES[:3])[2:], ["part"])
    watched.look(1.0)
    (tmp_path / "part").rename(tmp_path / "image3.dcm")
    assert watched.look(1.1) == []
    (found,) = frames_of(watched.look(1.2))
    assert (found.name, found.time_s) == ("image3.dcm", 0.5)
    assert look_twice(watched, 2.0) == []


def test_a_file_that_is_overwritten_with_the_next_frame_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = FolderWatch(tmp_path)
    for t, image_of_frame in enumerate(cine(FRAMES[:4])):
        save(tmp_path, [image_of_frame], ["current.dcm"])
        os.utime(tmp_path / "current.dcm", (t - 1, t - 1))
        assert len(watched.look(t) + watched.look(t + 0.1)) == (1 if t == 0 else 0)
    (said,) = caplog.messages
    assert said.startswith("current.dcm was written again after it had been read, which is not seen as a new frame: ")


def test_a_frame_that_is_given_an_older_time_or_taken_away_is_not_overwritten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = FolderWatch(tmp_path)
    save(tmp_path, cine(FRAMES[:1]), ["a.dcm"])
    assert len(watched.look(0.0) + watched.look(0.1)) == 1
    os.utime(tmp_path / "a.dcm", (1, 1))
    assert watched.look(1.0) == []
    (tmp_path / "a.dcm").unlink()
    assert watched.look(2.0) == []
    assert caplog.messages == []


def test_another_series_plane_or_colour_is_said_once_and_left_out(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:4]))
    watched = stream(tmp_path)
    assert len(frames_of(look_twice(watched))) == 4
    series = {"SeriesInstanceUID": "1.2.3", "SeriesNumber": 8}
    save(tmp_path, cine(FRAMES[:3], **series), ["other1", "other2", "other3"])
    assert faults_of(look_twice(watched, 1.0)) == [
        ("other1", "it belongs to another series (8); others like it are left out")
    ]
    plane = cine(FRAMES[:2], ImagePositionPatient=[-52.0, -112.25, 134.0])
    save(tmp_path, plane, ["plane1", "plane2"])
    ((name, fault),) = faults_of(look_twice(watched, 2.0))
    assert (name, fault) == ("plane1", "it shows another plane; others like it are left out")
    colour = image(FRAMES[0])
    colour.PhotometricInterpretation, colour.SamplesPerPixel, colour.PlanarConfiguration = "RGB", 3, 0
    colour.BitsAllocated = colour.BitsStored = 8
    colour.HighBit = 7
    colour.PixelData = bytes(10 * 9 * 3)
    save(tmp_path, [colour], ["colour"])
    assert faults_of(look_twice(watched, 3.0)) == [("colour", "it is in colour; others like it are left out")]


def test_a_plane_that_moves_is_said_though_another_in_turn_was_left_out(tmp_path: Path) -> None:
    images = cine(FRAMES, SeriesInstanceUID="1.2.3")
    for t in range(1, 12, 2):  # a second plane, 40 mm away
        images[t].ImagePositionPatient = [-52.0, -112.25, 134.0]
    for t in range(8, 12, 2):  # the first one, after the couch has moved
        images[t].ImagePositionPatient = [-92.0, -112.25, 129.0]
    save(tmp_path, images[:8])
    watched = stream(tmp_path)
    found = look_twice(watched)
    assert faults_of(found) == [("image2.dcm", "it shows another plane; others like it are left out")]
    save(tmp_path, images[8:], [f"later{t}" for t in range(4)])
    moved = "it has moved within the plane since the first frame"
    assert faults_of(look_twice(watched, 1.0)) == [("later0", f"{moved}; others like it are left out")]
    assert dict(watched.left_out) == {"it shows another plane": 6, moved: 2}
    for t in range(2):  # and once more
        images[t].ImagePositionPatient = [-92.0 + 3 * t, -112.25, 120.0]
    save(tmp_path, images[:2], ["again0", "again1"])
    assert [name for name, _ in faults_of(look_twice(watched, 2.0))] == ["again0", "again1"]


def test_slices_of_a_scout_are_said_once(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:4]))
    watched = stream(tmp_path)
    look_twice(watched)
    scout = [image(FRAMES[t], SeriesNumber=2, ImagePositionPatient=[-92.0 + 9 * t, -112.25, 134.0]) for t in range(5)]
    save(tmp_path, scout, [f"scout{t}" for t in range(5)])
    assert [name for name, _ in faults_of(look_twice(watched, 1.0))] == ["scout0"]


def test_a_folder_for_the_frames_is_pointed_at_while_none_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "series").mkdir()
    watched = stream(tmp_path)
    for at in (0.0, 1.0):
        assert look_twice(watched, at) == []
    assert sum("holds the folder series, whose files are not watched" in each for each in caplog.messages) == 1


def test_a_folder_beside_the_frames_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save(tmp_path, cine(FRAMES[:4]))
    (tmp_path / "series").mkdir()
    assert len(frames_of(look_twice(stream(tmp_path)))) == 4
    assert "not watched" not in caplog.text


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"PixelSpacing": [1.5, 2.51]}, "its pixel spacing is not that of the first frame"),
        ({"PixelSpacing": None}, "its pixel spacing is not that of the first frame"),
        ({"ImagePositionPatient": [-92.0, -112.25, 133.5]}, "it has moved within the plane since the first frame"),
    ],
)
def test_another_grid_is_said_once_and_left_out(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    images = cine(FRAMES[:8])
    images[5:7] = cine(FRAMES[:8], SeriesInstanceUID=images[0].SeriesInstanceUID, **change)[5:7]
    save(tmp_path, images)
    arrived = look_twice(stream(tmp_path))
    assert faults_of(arrived) == [("image6.dcm", f"{fault}; others like it are left out")]
    assert [each.time_s for each in arrived if isinstance(each, StreamedFrame)] == [0, 0.25, 0.5, 0.75, 1.0, 1.75]
    with pytest.raises(ReadError, match=r"image6.dcm"):
        read_sequence(tmp_path)


def test_positions_that_differ_by_rounding_are_one_place(tmp_path: Path) -> None:
    images = cine(FRAMES[:4])
    images[2].ImagePositionPatient = [-92.0, -112.2, 134.04]
    save(tmp_path, images)
    assert len(frames_of(look_twice(stream(tmp_path)))) == 4
    assert len(read_sequence(tmp_path).frames) == 4


@pytest.mark.parametrize("wanted", ["7", "breath of Jane"])  # the fault is kept, and quotes no description
def test_a_series_can_be_chosen(tmp_path: Path, wanted: str) -> None:
    save(tmp_path, cine(FRAMES[:3], SeriesNumber=5), [f"scout{t}" for t in range(3)])
    save(tmp_path, cine(FRAMES[3:6], SeriesDescription="breath of Jane"))
    watched = stream(tmp_path, series=wanted)
    arrived = look_twice(watched)
    fault = "it belongs to series 5, which --series does not name; others like it are left out"
    assert faults_of(arrived) == [("scout0", fault)]
    assert [each.name for each in arrived if isinstance(each, StreamedFrame)] == [
        "image1.dcm",
        "image2.dcm",
        "image3.dcm",
    ]


@pytest.mark.parametrize("date", [None, "20240228"])
@pytest.mark.parametrize("before", [1, 2, 6])
def test_a_stream_goes_on_after_midnight(tmp_path: Path, date: str | None, before: int) -> None:
    images, names = cine(FRAMES[:6], start_s=24 * 3600 - 0.6, AcquisitionDate=date), [f"{t}.dcm" for t in range(6)]
    watched = stream(tmp_path)
    save(tmp_path, images[:before], names)
    found = frames_of(look_twice(watched))
    save(tmp_path, images[before:], names[before:])
    found += frames_of(look_twice(watched, 1.0))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.25 * np.arange(6))


def test_frames_of_a_multi_frame_file_are_told_apart(tmp_path: Path) -> None:
    contents = [{"FrameAcquisitionDateTime": f"20240228100000.{t}00000"} for t in range(4)]
    save(tmp_path, [enhanced(FRAMES[:4], contents=contents)])
    found = frames_of(look_twice(stream(tmp_path)))
    assert [frame.name for frame in found] == ["image1.dcm", *(f"image1.dcm[{t}]" for t in (1, 2, 3))]
    np.testing.assert_allclose([frame.time_s for frame in found], 0.1 * np.arange(4))


def test_times_can_be_counted(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:3], period_s=None))
    found = frames_of(look_twice(stream(tmp_path, frame_period_s=0.2)))
    np.testing.assert_allclose([frame.time_s for frame in found], [0, 0.2, 0.4])


@pytest.mark.parametrize(
    "elements",
    [{}, {"period_s": None}, {"InstanceNumber": None}, {"period_s": None, "InstanceNumber": None}],
    ids=["time and number", "number", "time", "name"],
)
@pytest.mark.parametrize("counted", ["option", "sidecar"])
def test_frames_there_together_are_counted_in_the_order_of_a_recorded_folder(
    tmp_path: Path, elements: dict[str, Any], counted: str
) -> None:
    folder = save(tmp_path / "watched", cine(FRAMES, **elements))
    if counted == "option":
        watched = stream(folder, frame_period_s=0.25)
    else:
        (tmp_path / "watched.json").write_text('{"frame_period_s": 0.25}')
        watched = stream(folder)
    found = frames_of(look_twice(watched))
    recorded = read_sequence(folder, FramesSettings(frame_period_s=0.25))
    np.testing.assert_array_equal([frame.frame for frame in found], recorded.frames)
    np.testing.assert_array_equal([frame.frame for frame in found], FRAMES)
    np.testing.assert_allclose([frame.time_s for frame in found], recorded.times_s)


@pytest.mark.parametrize(("kept", "told"), [("AcquisitionTime", "time"), ("InstanceNumber", "instance number")])
def test_a_frame_that_comes_too_late_to_be_counted_is_said_and_left_out(tmp_path: Path, kept: str, told: str) -> None:
    images = cine(FRAMES)
    for dataset in images:
        delattr(dataset, "InstanceNumber" if kept == "AcquisitionTime" else "AcquisitionTime")
    names = [f"{'ahfbcdeg'[t]}.dcm" for t in range(8)]
    watched = stream(tmp_path, frame_period_s=0.2)
    save(tmp_path, images[:2] + images[3:6], names[:2] + names[3:6])
    assert [frame.name for frame in frames_of(look_twice(watched))] == ["a.dcm", "h.dcm", "b.dcm", "c.dcm", "d.dcm"]
    save(tmp_path, [images[2], *images[6:8]], [names[2], *names[6:8]])
    arrived = look_twice(watched, 1.0)
    assert faults_of(arrived) == [
        ("f.dcm", f"by its {told} it belongs before frames that are counted already; it is left out")
    ]
    found = [each for each in arrived if isinstance(each, StreamedFrame)]
    assert [(frame.name, frame.time_s) for frame in found] == [("e.dcm", 1.0), ("g.dcm", pytest.approx(1.2))]


@pytest.mark.parametrize("key", ["InstanceNumber", "TemporalPositionIdentifier"])
@pytest.mark.parametrize("step", [1, 2], ids=["one plane", "of two in turn"])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_time_of_frames_that_are_missing_by_number_counts_where_no_clock_tells(
    tmp_path: Path, key: str, step: int, at_once: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """One is missing, then two: a folder of the same files is refused where it is read as a whole."""
    images = cine(np.concatenate([FRAMES, FRAMES + 1]), period_s=None)
    for t, dataset in enumerate(images):
        dataset.InstanceNumber = 1 + t
        setattr(dataset, key, 3 + step * t)
    kept = [0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 13, 14, 15]
    names = [f"{t:02d}.dcm" for t in kept]
    watched, found = stream(tmp_path, frame_period_s=0.2), []
    for now, part in enumerate([slice(None)] if at_once else [slice(n, n + 1) for n in range(len(kept))]):
        save(tmp_path, [images[t] for t in kept[part]], names[part])
        found += frames_of(look_twice(watched, float(now)))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.2 * np.array(kept))
    said = "frame(s) are missing before {}: their time counts, as that of lost frames"
    assert caplog.messages == [f"by its number {n} {said.format(name)}" for n, name in ((1, "05.dcm"), (2, "09.dcm"))]


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4, 5, 5, 6, 7], [2, 4, 6, 8, 9, 11, 13, 15], [None] * 8])
def test_numbers_that_tell_of_no_missing_frame_count_for_nothing(
    tmp_path: Path, numbers: list[int | None], caplog: pytest.LogCaptureFixture
) -> None:
    images = cine(FRAMES[:8], period_s=None)
    for number, dataset in zip(numbers, images, strict=True):
        dataset.InstanceNumber = number
    save(tmp_path, images)
    found = frames_of(look_twice(stream(tmp_path, frame_period_s=0.2)))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.2 * np.arange(8))
    assert caplog.messages == []


def test_missing_frames_count_where_a_clock_of_whole_seconds_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "watched.json").write_text('{"frame_period_s": 0.25}')
    images = cine(np.concatenate([FRAMES, FRAMES + 1]))
    for t, dataset in enumerate(images):
        dataset.AcquisitionTime = clock_text(36000 + t // 4)
    kept = [*range(11), 13, 14]
    found = frames_of(look_twice(stream(save(tmp_path / "watched", [images[t] for t in kept]))))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.25 * np.array(kept))


def test_missing_frames_count_where_all_files_have_one_time(tmp_path: Path) -> None:
    """That of the series, as some scanners write it: it tells as little of a frame as none."""
    images = cine(np.concatenate([FRAMES, FRAMES + 1]))
    for dataset in images:
        dataset.AcquisitionTime = clock_text(36000)
    kept = [*range(13), 14, *range(16, 20)]
    watched, found = stream(tmp_path, frame_period_s=0.25), []
    for t in kept:
        save(tmp_path, [images[t]], [f"{t:02d}.dcm"])
        found += frames_of(look_twice(watched, float(t)))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.25 * np.array(kept))


def test_frames_of_which_a_clock_tells_are_counted_one_by_one(tmp_path: Path) -> None:
    images = cine(FRAMES)
    save(tmp_path, [*images[:5], images[7]])
    found = frames_of(look_twice(stream(tmp_path, frame_period_s=0.25)))
    np.testing.assert_allclose([frame.time_s for frame in found], 0.25 * np.arange(6))


def test_frames_whose_times_contradict_their_numbers_are_not_counted(tmp_path: Path) -> None:
    images = cine(FRAMES[:6])
    for number, dataset in zip([1, 2, 5, 3, 4, 6], images, strict=True):
        dataset.InstanceNumber = number
    save(tmp_path, images)
    arrived = look_twice(stream(tmp_path, frame_period_s=0.2))
    assert [name for name, _ in faults_of(arrived)] == ["image4.dcm", "image5.dcm"]
    assert [each.name for each in arrived if isinstance(each, StreamedFrame)] == [
        "image1.dcm",
        "image2.dcm",
        "image3.dcm",
        "image6.dcm",
    ]


def test_trigger_times_that_no_number_confirms_are_no_clock_of_a_stream(tmp_path: Path) -> None:
    images = cine(FRAMES[:9], period_s=None, InstanceNumber=None)
    for t, dataset in enumerate(images):
        dataset.TriggerTime = 100.0 * (t % 5) + 10 * (t // 5)
    watched = stream(save(tmp_path / "watched", images))
    watched.look(0.0)
    with pytest.raises(ReadError, match=r"no acquisition time tells the first 9 DICOM files of .* apart"):
        watched.look(0.1)


def test_the_period_of_the_sidecar_counts_where_no_clock_does(tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    save(folder, cine(FRAMES[:9], period_s=None))
    (tmp_path / "watched.json").write_text('{"frame_period_s": 0.3, "split": {"train_end": 40, "validation_end": 50}}')
    watched = stream(folder)
    assert watched.train_end == 40
    np.testing.assert_allclose([frame.time_s for frame in frames_of(look_twice(watched))], 0.3 * np.arange(9))


def test_a_file_of_another_program_beside_the_folder_is_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = save(tmp_path / "watched", cine(FRAMES[:3]))
    (tmp_path / "watched.json").write_text('{"Modality": "MR"}')
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        assert len(frames_of(look_twice(stream(folder)))) == 3
    assert "watched.json beside it has none of the keys" in caplog.text


def test_without_any_clock_the_stream_is_refused(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:9], period_s=None))
    watched = stream(tmp_path)
    watched.look(0.0)
    with pytest.raises(ReadError, match=r"no acquisition time tells the first 9 DICOM files of .* apart; give --frame"):
        watched.look(0.1)


@pytest.mark.parametrize(
    ("option", "own", "spacing_mm", "origin"),
    [
        ((3.0, 4.0), [1.5, 2.5], (3, 4), "--pixel-spacing"),
        (None, [1.5, 2.5], (1.5, 2.5), "PixelSpacing of the DICOM files"),
        (None, None, (7, 8), "sidecar cine.json"),
    ],
)
def test_the_spacing_is_that_of_the_option_then_of_the_files_then_of_the_sidecar(
    tmp_path: Path, option: tuple[float, float] | None, own: Any, spacing_mm: tuple[float, float], origin: str
) -> None:
    (tmp_path / "cine.json").write_text('{"pixel_spacing_mm": [7, 8]}')
    watched = stream(save(tmp_path / "cine", cine(FRAMES[:3], PixelSpacing=own)), pixel_spacing_mm=option)
    assert len(look_twice(watched)) == 3
    assert (watched.spacing_mm, watched.spacing_origin) == (spacing_mm, origin)


def test_the_train_end_is_that_of_the_settings_then_of_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "cine.json").write_text('{"split": {"train_end": 40}}')
    (tmp_path / "cine").mkdir()
    assert [stream(tmp_path / "cine", train_end=end).train_end for end in (None, 30)] == [40, 30]


def test_without_a_spacing_the_stream_is_refused(tmp_path: Path) -> None:
    save(tmp_path, cine(FRAMES[:2], PixelSpacing=None))
    watched = stream(tmp_path)
    look_twice(watched)
    with pytest.raises(ReadError, match=r"a stream needs a pixel spacing, and the DICOM files of .* have none"):
        _ = watched.spacing_mm


def test_a_folder_that_goes_away(tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    watched = stream(folder)
    folder.rmdir()
    with pytest.raises(ReadError, match=r"the folder .* must be readable, got No such file or directory"):
        watched.look(0.0)


def test_a_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="a folder to watch must exist, got"):
        stream(tmp_path / "missing")


def test_a_plane_cannot_be_chosen_by_number(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--plane must be left out where a folder is watched, got 1"):
        stream(tmp_path, plane=1)


def test_a_large_folder_is_listed_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    save(tmp_path, cine(FRAMES[:2]))
    os.utime(tmp_path, (1e9, 1e9))
    listed: list[Path] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (listed.append(path), scandir(path))[1])
    watched = stream(tmp_path)
    for look in range(40):
        watched.look(0.005 * look)
    assert len(listed) == 1
    save(tmp_path, cine(FRAMES[:3])[2:], ["new"])
    watched.look(0.2)
    assert len(listed) == 2
    watched.look(0.6)
    assert len(listed) == 3


def test_a_file_is_awaited_for_a_minute_from_when_it_came_and_anew_where_it_comes_again(tmp_path: Path) -> None:
    watched, part = FolderWatch(tmp_path), tmp_path / "part"
    for name in ("1.dcm", "2.dcm"):
        part.write_bytes(b"half")
        assert watched.look(100.0 * int(name[0])) == []
        part.write_bytes(b"half of it")
        for after_s, awaited in ((0.5, True), (59.5, True), (60.5, False)):
            now_s = 100.0 * int(name[0]) + after_s
            part.write_bytes(part.read_bytes() + b"more")
            assert watched.look(now_s) == []
            assert watched.awaits_more(now_s) is awaited, (name, after_s)
        part.unlink()
        watched.look(100.0 * int(name[0]) + 70.0)
        assert not watched.awaits_more(100.0 * int(name[0]) + 70.0)


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("counted", [True, False])
def test_a_copy_of_a_frame_is_left_out_once_said(tmp_path: Path, at_once: bool, counted: bool) -> None:
    """Counted, each copy was a frame of its own; among many files found at once, one ended the session."""
    watched = stream(tmp_path, frame_period_s=0.25) if counted else stream(tmp_path)
    arrived = []
    for t, dataset in enumerate(cine(FRAMES, period_s=None if counted else 0.25)):
        save(tmp_path, [dataset], [f"{t:02d}.dcm"])
        if t in (4, 7):
            save(tmp_path, [dataset], [f"{t:02d}_copy.dcm"])
        if t == 9 and not at_once:
            arrived += look_twice(watched, t - 0.5)
            (tmp_path / "09.dcm").rename(tmp_path / "renamed.dcm")
        if not at_once:
            arrived += look_twice(watched, t)
    arrived += look_twice(watched, len(FRAMES))
    said = "it is a copy of a frame that has come, under another name; others like it are left out"
    assert [fault for _, fault in faults_of(arrived)] == [said]
    frames = frames_of([each for each in arrived if not isinstance(each, StreamedFault)])
    assert [frame.time_s for frame in frames] == [0.25 * t for t in range(12)]
    for frame, wanted in zip(frames, FRAMES, strict=True):
        np.testing.assert_array_equal(frame.frame, wanted)


def test_files_of_one_uid_that_differ_in_number_or_time_are_no_copies(tmp_path: Path) -> None:
    for folder in ("numbers", "nothing"):
        (tmp_path / folder).mkdir()
        watched = stream(tmp_path / folder, frame_period_s=0.25)
        images = cine(FRAMES, period_s=None)
        for dataset in images:
            dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
            if folder == "nothing":
                del dataset.InstanceNumber
        save(tmp_path / folder, images, [f"{t:02d}.dcm" for t in range(12)])
        assert [frame.time_s for frame in frames_of(look_twice(watched))] == [0.25 * t for t in range(12)]


def test_files_of_one_uid_and_a_clock_of_whole_seconds_are_no_copies_where_they_show_something_else(
    tmp_path: Path,
) -> None:
    """Left out, three of four were gone, and the others a period apart."""
    images = cine(FRAMES)
    for t, dataset in enumerate(images):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
        dataset.AcquisitionTime = clock_text(36000 + t // 4)
        del dataset.InstanceNumber
    watched = stream(tmp_path, frame_period_s=0.25)
    save(tmp_path, images, [f"{t:02d}.dcm" for t in range(12)])
    save(tmp_path, images[5:6], ["05_copy.dcm"])
    arrived = look_twice(watched)
    assert [name for name, _ in faults_of(arrived)] == ["05_copy.dcm"]
    frames = frames_of([each for each in arrived if not isinstance(each, StreamedFault)])
    assert [frame.time_s for frame in frames] == [0.25 * t for t in range(12)]
