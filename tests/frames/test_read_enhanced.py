"""Enhanced multi-frame DICOM: written ones in time, and a real one that is a volume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import JPEGLSLossless

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence
from cinecast.settings import FramesSettings
from helpers.dicom_files import clock_text, enhanced

FRAMES = np.random.default_rng(14).integers(0, 2000, (8, 9, 10)).astype(np.uint16)
COUNTED = FramesSettings(frame_period_s=0.25)
# The ten images of the real file stand for frames where only their decoding is looked at.
AS_FRAMES = FramesSettings(frame_period_s=0.25, pixel_spacing_mm=(1.0, 1.0))


def moments(period_s: float) -> list[str]:
    return [f"20240228{clock_text(36000 + t * period_s)}" for t in range(8)]


def contents(keyword: str, values: list[Any]) -> list[dict[str, Any]]:
    return [{keyword: value} for value in values]


def save(folder: Path, dataset: pydicom.Dataset, name: str = "cine.dcm") -> Path:
    dataset.save_as(folder / name, enforce_file_format=True)
    return folder / name


def real(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str), "pydicom-data is part of the test dependencies"
    return Path(found)


@pytest.mark.parametrize(
    ("facts", "period", "clock"),
    [
        ({"contents": contents("FrameAcquisitionDateTime", moments(0.3))}, 0.3, "frame acquisition times"),
        ({"contents": contents("FrameReferenceDateTime", moments(0.4))}, 0.4, "frame reference times"),
        ({"offsets_s": [0.5 * t for t in range(8)]}, 0.5, "temporal position offsets"),
        (
            {"contents": contents("TemporalPositionIndex", list(range(1, 9))), "TemporalResolution": 200.0},
            0.2,
            "temporal positions",
        ),
    ],
)
def test_frames_in_time(tmp_path: Path, facts: dict[str, Any], period: float, clock: str) -> None:
    sequence = read_sequence(save(tmp_path, enhanced(FRAMES, **facts)))
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * period, atol=1e-6)
    assert sequence.origins["frame_period_s"].startswith(clock)
    assert sequence.spacing_mm == (1.5, 2.5)
    np.testing.assert_allclose(sequence.affine, [[0, 0, 5, -10], [-2.5, 0, 0, -20], [0, -1.5, 0, 30], [0, 0, 0, 1]])


def test_a_folder_with_one_such_file_and_frames_out_of_order(tmp_path: Path) -> None:
    (tmp_path / "cine").mkdir()
    order = [3, 1, 0, 2, 7, 6, 4, 5]
    times = moments(0.25)
    shuffled = enhanced(FRAMES[order], contents=contents("FrameAcquisitionDateTime", [times[t] for t in order]))
    save(tmp_path / "cine", shuffled, "IM1")
    np.testing.assert_array_equal(read_sequence(tmp_path / "cine").frames, FRAMES)


def test_the_time_of_the_whole_file_is_none_of_its_frames(tmp_path: Path) -> None:
    path = save(tmp_path, enhanced(FRAMES, AcquisitionDateTime="20240228120000", ContentTime="120000"))
    with pytest.raises(ReadError, match=r"tells frames apart; put .*cine.json .*--frame-period"):
        read_sequence(path)
    np.testing.assert_array_equal(read_sequence(path, COUNTED).frames, FRAMES)


def two_parts(folder: Path, numbers: tuple[int, int] = (1, 2)) -> Path:
    """Save the two halves of a series as multi-frame files whose times are those of whole files."""
    (folder / "cine").mkdir()
    halves = enhanced(FRAMES[:4]), enhanced(FRAMES[4:])
    for part, (half, number) in enumerate(zip(halves, numbers, strict=True)):
        half.SeriesInstanceUID, half.InstanceNumber = halves[0].SeriesInstanceUID, number
        half.AcquisitionDateTime = moments(1.0)[part]
        save(folder / "cine", half, f"IM{1 - part}")
    return folder / "cine"


def test_several_multi_frame_files_follow_one_another(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_sequence(two_parts(tmp_path), COUNTED).frames, FRAMES)


def test_the_times_of_several_files_are_none_of_their_frames(tmp_path: Path) -> None:
    folder = two_parts(tmp_path)
    with pytest.raises(ReadError, match=r"tells frames apart; put .*cine.json .*--frame-period"):
        read_sequence(folder)


def test_several_multi_frame_files_of_one_number_are_refused(tmp_path: Path) -> None:
    folder = two_parts(tmp_path, (1, 1))
    with pytest.raises(ReadError, match=r"instance numbers must differ, got 1 in IM0 and IM1 \(duplicate\)"):
        read_sequence(folder, COUNTED)


def test_one_plane_with_frames_lost_is_refused(tmp_path: Path) -> None:
    positions = [(10.0 * (t in (1, 3, 4)), 20.0, 30.0) for t in range(8)]
    path = save(tmp_path, enhanced(FRAMES, positions=positions))
    with pytest.raises(ReadError, match=r"equally spaced by number, got 0 .* then 2 .*missing frame"):
        read_sequence(path, FramesSettings(frame_period_s=0.25, plane=1))


def test_frames_are_rescaled_by_their_groups(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, enhanced(FRAMES, rescale=(2.0, -5.0))), COUNTED)
    np.testing.assert_allclose(sequence.frames, FRAMES * 2.0 - 5)


def test_planes_are_told_apart_by_position(tmp_path: Path) -> None:
    positions = [(10.0 * (t % 2), 20.0, 30.0) for t in range(8)]
    times = contents("FrameAcquisitionDateTime", moments(0.25))
    path = save(tmp_path, enhanced(FRAMES, contents=times, positions=positions))
    (series,) = list_series(path)
    assert [plane.frame_count for plane in series.planes] == [4, 4]
    sequence = read_sequence(path, FramesSettings(plane=0))  # the normal of this orientation points to -x
    np.testing.assert_array_equal(sequence.frames, FRAMES[1::2])
    np.testing.assert_allclose(sequence.times_s, np.arange(4) * 0.5)
    assert sequence.affine is not None
    assert sequence.affine[0, 3] == -10


def dimension_order(order: list[int], **elements: Any) -> list[dict[str, Any]]:
    """Return contents that say the order of the frames by their dimensions alone: stack, slice, time."""
    return [{"DimensionIndexValues": [1, 1, t + 1], **elements} for t in order]


@pytest.mark.parametrize("several", [False, True], ids=["one dimension of time", "repetition and phase"])
def test_the_dimensions_of_a_file_order_its_frames(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, several: bool
) -> None:
    order = [3, 1, 0, 2, 7, 6, 4, 5]
    own = dimension_order(order)
    if several:
        own = [{"DimensionIndexValues": [1, t // 4 + 1, t % 4 + 1]} for t in order]
    path = save(tmp_path, enhanced(FRAMES[order], contents=own))
    with pytest.raises(ReadError, match=r"tells frames apart; put .*--frame-period"):
        read_sequence(path)
    np.testing.assert_array_equal(read_sequence(path, COUNTED).frames, FRAMES)
    assert "in the order of their dimension index values, which is not that of their file" in caplog.text


def test_dimensions_order_the_frames_of_each_of_several_files_and_planes(tmp_path: Path) -> None:
    (tmp_path / "cine").mkdir()
    order = [2, 0, 1, 3]
    halves = [enhanced(FRAMES[start:][order], contents=dimension_order(order)) for start in (0, 4)]
    for number, half in enumerate(halves):
        half.SeriesInstanceUID, half.InstanceNumber = halves[0].SeriesInstanceUID, number + 1
        save(tmp_path / "cine", half, f"IM{number}")
    np.testing.assert_array_equal(read_sequence(tmp_path / "cine", COUNTED).frames, FRAMES)
    mixed = [(t, plane) for t in order for plane in (1, 0)]
    own = [{"DimensionIndexValues": [t + 1, plane + 1]} for t, plane in mixed]
    positions = [(-10.0 * plane, 20.0, 30.0) for _, plane in mixed]
    path = save(tmp_path, enhanced(FRAMES[[2 * t + plane for t, plane in mixed]], contents=own, positions=positions))
    both = [read_sequence(path, FramesSettings(frame_period_s=0.25, plane=plane)).frames for plane in (0, 1)]
    np.testing.assert_array_equal(both, [FRAMES[::2], FRAMES[1::2]])


def test_dimensions_that_tell_no_frames_apart_order_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = save(tmp_path, enhanced(FRAMES, contents=dimension_order([7, 6, 5, 4, 3, 2, 1, 1])))
    np.testing.assert_array_equal(read_sequence(path, COUNTED).frames, FRAMES)
    assert not caplog.records


def test_a_time_that_its_dimensions_lack_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, enhanced(FRAMES, contents=dimension_order([0, 1, 2, 3, 5, 6, 7, 8])))
    with pytest.raises(ReadError, match=r"equally spaced by number, got 4 .* then 6 .*missing frame"):
        read_sequence(path, COUNTED)


def test_a_frame_time_does_not_count_where_dimensions_say_another_order(tmp_path: Path) -> None:
    order = [3, 1, 0, 2, 7, 6, 4, 5]
    path = save(tmp_path, enhanced(FRAMES[order], contents=dimension_order(order), FrameTime=250.0))
    with pytest.raises(ReadError, match=r"tells frames apart"):
        read_sequence(path)


def test_slices_without_a_position_are_told_apart_by_their_place_in_the_stack(tmp_path: Path) -> None:
    own = [{"InStackPositionNumber": t % 2 + 1} for t in range(8)]
    dataset = enhanced(FRAMES, contents=own)
    for group in dataset.PerFrameFunctionalGroupsSequence:
        del group.PlanePositionSequence
    path = save(tmp_path, dataset)
    assert [plane.frame_count for plane in list_series(path)[0].planes] == [4, 4]
    frames = read_sequence(path, FramesSettings(frame_period_s=0.25, plane=1)).frames
    np.testing.assert_array_equal(frames, FRAMES[1::2])


def test_groups_of_another_number_of_frames_are_damage(tmp_path: Path) -> None:
    dataset = enhanced(FRAMES)
    del dataset.PerFrameFunctionalGroupsSequence[-1]
    path = save(tmp_path, dataset)
    with pytest.raises(ReadError, match=r"cine.dcm cannot be parsed as a DICOM image"):
        read_sequence(path, COUNTED)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, enhanced(FRAMES))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ReadError, match=r"the pixels of cine.dcm cannot be read: the file is cut short"):
        read_sequence(path, COUNTED)


def test_the_slices_of_a_real_volume_are_planes_not_time() -> None:
    (series,) = list_series(real("emri_small.dcm"))
    assert (series.number, series.frame_count, series.rows, len(series.planes)) == (301, 10, 64, 10)
    path = real("emri_small.dcm")
    with pytest.raises(ReadError, match=r"several, got 10 \(0: unknown orientation, 1 frame"):
        read_sequence(path, COUNTED)


@pytest.mark.parametrize("name", ["emri_small.dcm", "emri_small_big_endian.dcm", "emri_small_RLE.dcm"])
def test_real_transfer_syntaxes_give_the_same_pixels(tmp_path: Path, name: str) -> None:
    sequence = read_sequence(as_frames(tmp_path, name), AS_FRAMES)
    np.testing.assert_array_equal(sequence.frames, pydicom.dcmread(real("emri_small.dcm")).pixel_array)
    assert sequence.frames.dtype == np.uint16


def as_frames(folder: Path, name: str) -> Path:
    dataset = pydicom.dcmread(real(name))
    dataset.MRAcquisitionType = "2D"
    return save(folder, dataset)


def test_compressed_pixels_cut_short_are_refused(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    path = as_frames(tmp_path, "emri_small_RLE.dcm")
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(ReadError, match=r"the pixels of cine.dcm cannot be read: the file is cut short"):
        read_sequence(path, AS_FRAMES)
    assert not recwarn.list  # the sentence says it all


@pytest.mark.skipif(get_decoder(JPEGLSLossless).is_available, reason="a decoder of JPEG-LS is installed")
def test_compression_without_a_decoder_is_named(tmp_path: Path) -> None:
    path = as_frames(tmp_path, "emri_small_jpeg_ls_lossless.dcm")
    with pytest.raises(ReadError, match=r"are compressed as JPEG-LS .*, for which no decoder is installed; decompress"):
        read_sequence(path, AS_FRAMES)
