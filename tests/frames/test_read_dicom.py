"""Folders of single-frame DICOM files, as scanners and exports write them."""

from __future__ import annotations

import logging
from collections.abc import Sequence as SequenceOf
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.fileset import FileSet
from pydicom.uid import EncapsulatedPDFStorage, ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless, generate_uid

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence, source_files
from cinecast.sequence import Roi, Split
from cinecast.settings import FramesSettings
from helpers.dicom_files import BIRTH_DATE, PATIENT_ID, PATIENT_NAME, cine, clock_text, image, save

FRAMES = np.random.default_rng(10).integers(0, 2000, (8, 9, 10)).astype(np.uint16)
COUNTED = FramesSettings(frame_period_s=0.25)


def every(images: SequenceOf[Dataset], **lists: SequenceOf[Any]) -> list[Dataset]:
    """Set an element of every image to its own value."""
    for keyword, values in lists.items():
        for dataset, value in zip(images, values, strict=True):
            setattr(dataset, keyword, value)
    return list(images)


@given(
    dtype=st.sampled_from([np.uint8, np.int16, np.uint16]),
    size=st.tuples(st.integers(3, 6), st.integers(8, 11), st.integers(8, 11)),
    period=st.floats(0.05, 1.0),
    start=st.floats(0.0, 86399.0),
    spacing=st.tuples(st.floats(0.5, 4.0), st.floats(0.5, 4.0)),
    shuffle=st.randoms(use_true_random=False),
)
def test_round_trip(
    dtype: Any, size: tuple[int, int, int], period: float, start: float, spacing: tuple[float, float], shuffle: Any
) -> None:
    frames = np.random.default_rng(11).integers(0, 120, size).astype(dtype)
    steps = [round(step, 6) for step in spacing]
    images = cine(frames, period_s=period, start_s=start, PixelSpacing=steps)
    names = [f"IM{i}" for i in range(len(frames))]
    shuffle.shuffle(names)
    with TemporaryDirectory() as folder:
        sequence = read_sequence(save(Path(folder, "cine"), images, names))
    np.testing.assert_array_equal(sequence.frames, frames)
    assert sequence.frames.dtype == dtype
    np.testing.assert_allclose(sequence.times_s, np.arange(len(frames)) * period, atol=2e-6)
    assert sequence.spacing_mm == tuple(steps)
    np.testing.assert_allclose(
        sequence.affine, [[0, 0, 4, 92], [-steps[1], 0, 0, 112.25], [0, -steps[0], 0, 134], [0, 0, 0, 1]], atol=1e-5
    )


@pytest.mark.parametrize("kind", ["4", "7"])
def test_a_segmentation_beside_the_frames_is_no_series(kind: str, tmp_path: Path) -> None:
    """Label maps (7) are of a class that pydicom 3 has no name for; they counted as a series of frames."""
    folder = save(tmp_path / "cine", cine(FRAMES))
    labels = image(FRAMES[0], SOPClassUID=f"1.2.840.10008.5.1.4.1.1.66.{kind}", SeriesInstanceUID=generate_uid())
    labels.file_meta.MediaStorageSOPClassUID = labels.SOPClassUID
    labels.save_as(folder / "labels.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)


def test_what_is_no_image_is_left_out_and_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES))
    (folder / "README.txt").write_text("sagittal, free breathing")
    (folder / "notes.json").write_text("{}")
    (folder / "._image1.dcm").write_bytes(b"\0\5\26\7")
    report = image(FRAMES[0], SOPClassUID=EncapsulatedPDFStorage)
    report.file_meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(report, keyword)
    report.save_as(folder / "report.dcm", enforce_file_format=True)
    directory = FileSet()
    directory.add(
        image(
            FRAMES[0],
            SeriesInstanceUID=generate_uid(),
            StudyInstanceUID=generate_uid(),
            SeriesNumber=1,
            InstanceNumber=1,
            StudyDate="20240228",
            StudyTime="120000",
            StudyID="1",
        )
    )
    directory.write(tmp_path / "set")
    (folder / "DICOMDIR").write_bytes((tmp_path / "set" / "DICOMDIR").read_bytes())
    with caplog.at_level(logging.INFO, logger="cinecast"):
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    for name in ("README.txt", "notes.json", "._image1.dcm", "report.dcm", "DICOMDIR"):
        assert f"{name} " in caplog.text
    assert folder / "README.txt" in source_files(folder)


def test_files_without_preamble_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "cine"
    folder.mkdir()
    for t, dataset in enumerate(cine(FRAMES)):
        del dataset.file_meta
        dataset.save_as(folder / f"{t}", implicit_vr=True, little_endian=True)
    (folder / "other").write_bytes(b"\x08\x00 no DICOM")
    np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)


def test_content_times_never_count(tmp_path: Path) -> None:
    images = every(
        cine(FRAMES, period_s=None),
        ContentTime=[clock_text(36000 + 0.003 * t) for t in range(8)],
        InstanceCreationTime=[clock_text(36000 + 0.003 * t) for t in range(8)],
    )
    folder = save(tmp_path / "cine", images)
    with pytest.raises(
        ReadError, match=r'no acquisition, trigger .* tells frames apart; put "frame_period_s" .*cine.json'
    ):
        read_sequence(folder)


def test_acquisition_date_time_comes_first(tmp_path: Path) -> None:
    texts = [f"20240228{clock_text(36000 + 0.4 * t)}" for t in range(8)]
    sequence = read_sequence(save(tmp_path / "cine", every(cine(FRAMES), AcquisitionDateTime=texts)))
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.4)
    assert sequence.origins["frame_period_s"] == "acquisition times of the DICOM files"


@pytest.mark.parametrize(
    "odd",
    [
        {"AcquisitionDateTime": "20240228"},
        {"AcquisitionDateTime": "noon"},
        {"AcquisitionDate": "00000000"},
        {"AcquisitionDate": "28.02.2024"},
        {"AcquisitionDate": ["20240228", "20240229"]},
        {"TriggerTime": "early"},
        {"TemporalPositionIdentifier": "1", "TemporalResolution": "short"},
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_a_clock_that_cannot_be_parsed_says_nothing_about_the_others(tmp_path: Path, odd: dict[str, Any]) -> None:
    images = cine(FRAMES)
    for dataset in images:
        # Without representations in the file any text can be written, and is read as what the element should be.
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        for keyword, value in odd.items():
            dataset[keyword] = DataElement(keyword, "LO", value)
    save(tmp_path / "cine", images)
    sequence = read_sequence(tmp_path / "cine")
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.25)
    np.testing.assert_array_equal(sequence.frames, FRAMES)


@pytest.mark.parametrize("odd", ["20240228", "noon"])
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_a_time_that_cannot_be_parsed_leaves_the_numbers(tmp_path: Path, odd: str) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES, period_s=None, AcquisitionDateTime=odd))
    np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)


@pytest.mark.parametrize("date", [None, "20240228"])
@pytest.mark.parametrize("settings", [FramesSettings(), COUNTED])
def test_times_of_day_whose_date_does_not_go_on_cross_midnight(
    tmp_path: Path, date: str | None, settings: FramesSettings
) -> None:
    images = cine(FRAMES, start_s=86399.0, AcquisitionDate=date)
    sequence = read_sequence(save(tmp_path / "cine", images), settings)
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.25)
    np.testing.assert_array_equal(sequence.frames, FRAMES)


@pytest.mark.parametrize(
    ("elements", "clock"),
    [
        ({"TriggerTime": [40.0 * t for t in range(8)]}, "trigger times"),
        ({"TemporalPositionIdentifier": range(1, 9), "TemporalResolution": [40.0] * 8}, "temporal positions"),
    ],
)
def test_clocks_where_acquisition_times_are_all_equal(tmp_path: Path, elements: dict[str, Any], clock: str) -> None:
    images = every(cine(FRAMES, AcquisitionTime="120000", AcquisitionDate="20240228"), **elements)
    sequence = read_sequence(save(tmp_path / "cine", images))
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.04)
    assert sequence.origins["frame_period_s"].startswith(clock)


def test_without_times_instance_numbers_order(tmp_path: Path) -> None:
    images = every(cine(FRAMES, period_s=None), InstanceNumber=range(3, 19, 2))  # one of two interleaved planes
    names = [f"{name}.IMA" for name in "hgfedcba"]
    sequence = read_sequence(save(tmp_path / "cine", images, names), COUNTED)
    np.testing.assert_array_equal(sequence.frames, FRAMES)


def test_without_times_and_numbers_file_names_order_naturally(tmp_path: Path) -> None:
    frames = np.random.default_rng(12).integers(0, 200, (12, 9, 10)).astype(np.uint8)
    images = cine(frames, period_s=None, InstanceNumber=None)
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "cine", images), COUNTED).frames, frames)


def test_a_counted_period_allows_equal_times(tmp_path: Path) -> None:
    images = every(cine(FRAMES), AcquisitionTime=[clock_text(36000 + t // 4) for t in range(8)])
    sequence = read_sequence(save(tmp_path / "cine", images), COUNTED)
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.25)


def two_passes(**elements: Any) -> list[Dataset]:
    images = cine(FRAMES, period_s=None, **elements)
    return every(images, TriggerTime=[100.0 * (t % 4) + 10 * (t // 4) for t in range(8)])


def test_trigger_times_that_no_number_confirms_are_none(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", two_passes(InstanceNumber=None))
    with pytest.raises(ReadError, match=r"tells frames apart; put .*--frame-period"):
        read_sequence(folder)
    np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)


def test_passes_that_are_numbered_anew_are_not_interleaved(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", every(two_passes(), InstanceNumber=[1, 2, 3, 4] * 2))
    with pytest.raises(ReadError, match=r"instance numbers must differ, got 1 in image1.dcm and image5.dcm"):
        read_sequence(folder, COUNTED)


def test_counted_frames_whose_times_contradict_their_numbers_are_refused(tmp_path: Path) -> None:
    images = every(cine(FRAMES), AcquisitionTime=[clock_text(36000 + 0.25 * t - 3600 * (t > 4)) for t in range(8)])
    folder = save(tmp_path / "cine", images)
    with pytest.raises(
        ReadError,
        match=r"where times are counted, .* must not contradict the acquisition times of the DICOM files, got "
        r"image8.dcm \(number 8\) before image1.dcm \(number 1\) by time; keep the frames of one pass",
    ):
        read_sequence(folder, COUNTED)


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, -10), (1, -1024), (0.25, 0), (-1, 0)])
def test_rescaled_values_are_float32(tmp_path: Path, slope: float, intercept: float) -> None:
    images = cine(FRAMES, RescaleSlope=str(slope), RescaleIntercept=str(intercept))
    sequence = read_sequence(save(tmp_path / "cine", images))
    assert sequence.frames.dtype == np.float32
    np.testing.assert_allclose(sequence.frames, FRAMES * float(slope) + intercept)


@pytest.mark.parametrize("last", ["first", "second"])
@pytest.mark.parametrize(
    ("kind", "rescaled", "common"),
    [(np.int16, {}, np.int32), (np.uint16, {"RescaleSlope": "0.5", "RescaleIntercept": "0"}, np.float32)],
)
def test_files_of_several_types_are_read_as_one_that_holds_all(
    tmp_path: Path, kind: Any, rescaled: dict[str, str], common: Any, last: str
) -> None:
    high, other = FRAMES + np.uint16(40000), (FRAMES.astype(np.int32) - (1000 if kind == np.int16 else 0)).astype(kind)
    values = [high.astype(np.float64), other * (0.5 if rescaled else 1.0)]
    series = [cine(high, SeriesInstanceUID="1.2.3"), cine(other, SeriesInstanceUID="1.2.3", **rescaled)]
    one, two = (0, 1) if last == "second" else (1, 0)
    sequence = read_sequence(save(tmp_path / "cine", series[one][:3] + series[two][3:]))
    np.testing.assert_array_equal(sequence.frames, np.concatenate([values[one][:3], values[two][3:]]))
    assert sequence.frames.dtype == common


@pytest.mark.parametrize(("dtype", "element"), [("<f4", "FloatPixelData"), ("<f8", "DoubleFloatPixelData")])
def test_floating_point_pixels_are_read_as_they_are(tmp_path: Path, dtype: str, element: str) -> None:
    frames = np.random.default_rng(3).normal(size=(8, 9, 10)).astype(dtype)
    whole_numbers = ("BitsStored", "HighBit", "PixelRepresentation", "PixelData")
    images = cine(FRAMES, BitsAllocated=8 * frames.dtype.itemsize, **dict.fromkeys(whole_numbers))
    for dataset, frame in zip(images, frames, strict=True):
        dataset.Rows, dataset.Columns = frame.shape
        setattr(dataset, element, frame.tobytes())
    folder = save(tmp_path / "cine", images)
    np.testing.assert_array_equal(read_sequence(folder).frames, frames)
    for dataset in images:
        dataset.PhotometricInterpretation = "MONOCHROME1"
    np.testing.assert_array_equal(read_sequence(save(folder, images)).frames, -frames)


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 4095), (np.int16, -1)])
def test_monochrome1_is_turned_round(tmp_path: Path, dtype: Any, top: int) -> None:
    frames = np.random.default_rng(13).integers(0, 200, (4, 9, 10)).astype(dtype)
    elements = {"BitsStored": 12, "HighBit": 11} if dtype == np.uint16 else {}
    images = cine(frames, PhotometricInterpretation="MONOCHROME1", **elements)
    sequence = read_sequence(save(tmp_path / "cine", images))
    assert sequence.frames.dtype == dtype
    np.testing.assert_array_equal(sequence.frames, top - frames.astype(int))


def test_run_length_encoding_is_decoded(tmp_path: Path) -> None:
    images = cine(FRAMES)
    for dataset in images:
        dataset.compress(RLELossless, generate_instance_uid=False)
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "cine", images)).frames, FRAMES)


def jpeg_2000(frames: NDArray[np.uint16], **elements: Any) -> list[Dataset]:
    """Return the images of frames, compressed without loss."""
    images = cine(frames)
    for dataset, frame in zip(images, frames, strict=True):
        coded = BytesIO()
        Image.fromarray(frame).save(coded, "JPEG2000", irreversible=False, no_jp2=True)
        dataset.PixelData = encapsulate([coded.getvalue()])
        dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
        for name, value in elements.items():
            setattr(dataset, name, value)
    return images


def test_jpeg_2000_is_decoded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, elements in (("all", {}), ("few", {"BitsStored": 12, "HighBit": 11})):
        folder = save(tmp_path / name, jpeg_2000(FRAMES, **elements))
        np.testing.assert_array_equal(read_sequence(folder).frames, FRAMES)
    assert caplog.text == ""


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_an_overlay_above_the_bits_that_are_stored_is_left_out(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    overlay = np.zeros_like(FRAMES)
    overlay[:, 2:5, 3:7] = 1 << 12
    stored = {"BitsStored": 12, "HighBit": 11, "PhotometricInterpretation": kind}
    plain, packed = cine(FRAMES | overlay, **stored), cine(FRAMES | overlay)
    for dataset in packed:
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.BitsStored, dataset.HighBit, dataset.PhotometricInterpretation = stored.values()
    expected = 4095 - FRAMES if kind == "MONOCHROME1" else FRAMES
    for name, images in (("plain", plain), ("run_lengths", packed)):
        np.testing.assert_array_equal(read_sequence(save(tmp_path / name, images)).frames, expected)
    assert caplog.text == ""
    images = jpeg_2000(FRAMES | overlay, **stored)
    np.testing.assert_array_equal(read_sequence(save(tmp_path / "jpeg_2000", images)).frames, expected)
    (record,) = caplog.records  # pydicom leaves the bits there; they may be of grey values
    assert "image1.dcm must fit into the 12 bits that it says are stored, got 6" in record.getMessage()
    assert "if they are of grey values, decompress the files and correct their BitsStored" in record.getMessage()


def test_each_file_its_own_series_is_one_sequence(tmp_path: Path) -> None:
    images = every(cine(FRAMES, period_s=None), SeriesInstanceUID=[generate_uid() for _ in range(8)])
    folder = save(tmp_path / "cine", images)
    np.testing.assert_array_equal(read_sequence(folder, COUNTED).frames, FRAMES)
    assert [series.uid for series in list_series(folder)] == [None]


def two_series(folder: Path, *, description: str = "coronal") -> Path:
    first = cine(FRAMES, SeriesNumber=4, SeriesDescription="sagittal")
    second = cine(FRAMES[::-1], SeriesNumber=5, SeriesDescription=description)
    save(folder, first)
    return save(folder, second, [f"second{t}" for t in range(8)])


def test_a_series_is_chosen_by_number_uid_or_description(tmp_path: Path) -> None:
    folder = two_series(tmp_path / "cine")
    uid = list_series(folder)[1].uid
    for wanted in ("5", uid, "Coronal"):
        sequence = read_sequence(folder, FramesSettings(series=wanted))
        np.testing.assert_array_equal(sequence.frames, FRAMES[::-1])
        assert sequence.origins["frames"] == "DICOM series 5"


def test_several_series_are_listed(tmp_path: Path) -> None:
    folder = two_series(tmp_path / "cine")
    with pytest.raises(ReadError, match=r"several, got 4: 8 frames of 9 x 10 in 1 .*; 5: 8 .*--series \(`cine"):
        read_sequence(folder)


@pytest.mark.parametrize(("wanted", "shown"), [("6", "'6'"), ("axial", "a UID or description"), ("1.2.3", "a UID or")])
def test_an_unknown_series_is_refused(tmp_path: Path, wanted: str, shown: str) -> None:
    folder = two_series(tmp_path / "cine")
    with pytest.raises(ReadError, match=rf"--series must name one of 4: 8 frames.*; 5: 8 .*, got {shown}"):
        read_sequence(folder, FramesSettings(series=wanted))


def test_an_ambiguous_series_is_refused(tmp_path: Path) -> None:
    folder = two_series(tmp_path / "cine", description="sagittal")
    with pytest.raises(ReadError, match=r"--series must name one series, got a UID or desc.* for 4: .*give the UID"):
        read_sequence(folder, FramesSettings(series="sagittal"))


@pytest.mark.parametrize("wanted", [None, "Meier Anna", "Meier Hans", "9"])
def test_what_was_typed_at_the_scanner_is_in_no_message(tmp_path: Path, wanted: str | None) -> None:
    folder = tmp_path / "cine"
    for number in (4, 5):
        images = cine(FRAMES, SeriesNumber=number, SeriesDescription="MEIER ANNA")
        save(folder, images, [f"{number}-{t}" for t in range(8)])
    uids = [str(series.uid) for series in list_series(folder)]
    with pytest.raises(ReadError, match="--series") as error:
        read_sequence(folder, FramesSettings(series=wanted))
    assert not any(text in str(error.value).casefold() for text in ("meier", *uids))


def interleaved(folder: Path) -> Path:
    """Save two sagittal planes and a coronal one, taken in turn."""
    frames = np.repeat(FRAMES, 3, axis=0)
    images = cine(frames, period_s=0.1)
    for t, dataset in enumerate(images):
        dataset.PixelData = (frames[t] + t % 3).tobytes()
        dataset.ImagePositionPatient = [[-92, 0, 0], [-52, 0, 0], [0, 40, 0]][t % 3]
        dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1] if t % 3 < 2 else [1, 0, 0, 0, 0, -1]
    return save(folder, images)


def test_planes_are_counted_by_orientation_and_position(tmp_path: Path) -> None:
    folder = interleaved(tmp_path / "cine")
    (series,) = list_series(folder)
    assert [(p.orientation, p.position_mm, p.frame_count) for p in series.planes] == [
        ("sagittal", 52.0, 8),
        ("sagittal", 92.0, 8),
        ("coronal", -40.0, 8),  # to the front, as in RAS+; its y is 40 in LPS
    ]
    for plane, added in ((0, 1), (1, 0), (2, 2)):
        sequence = read_sequence(folder, FramesSettings(plane=plane))
        np.testing.assert_array_equal(sequence.frames, FRAMES + added)
        np.testing.assert_allclose(sequence.times_s, np.arange(8) * 0.3)


def test_the_size_of_the_first_image_is_not_said_of_all(tmp_path: Path) -> None:
    images = [*cine(FRAMES), *cine(np.pad(FRAMES, ((0, 0), (0, 3), (0, 1))), start_s=36000.1)]
    for dataset in images[8:]:
        dataset.SeriesInstanceUID = images[0].SeriesInstanceUID
        dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 0, -1], [0, 40, 0]
    (series,) = list_series(save(tmp_path / "cine", images))
    assert series.without_text().endswith(": 16 frames of 9 x 10 and other sizes in 2 plane(s)")
    (series,) = list_series(save(tmp_path / "one", cine(FRAMES)))
    assert series.without_text().endswith(": 8 frames of 9 x 10 in 1 plane(s)")


@pytest.mark.parametrize(
    ("tilt", "shift_mm", "planes"),
    [(0.0, 0.05, 1), (0.0, 8.0, 2), (5e-4, 0.0, 1), (8e-3, 0.0, 2)],  # within rounding, and half a degree off
)
def test_what_differs_by_rounding_is_one_plane(tmp_path: Path, tilt: float, shift_mm: float, planes: int) -> None:
    images = cine(FRAMES)
    for dataset in images[1::2]:
        dataset.ImagePositionPatient = [-92 + shift_mm, 0, 0]
        dataset.ImageOrientationPatient = [tilt, 1, 0, 0, 0, -1]
    for dataset in images[::2]:
        dataset.ImagePositionPatient = [-92, 0, 0]
    (series,) = list_series(save(tmp_path / "cine", images))
    assert [plane.frame_count for plane in series.planes] == [8 // planes] * planes


@pytest.mark.parametrize("spacing_mm", [5.0, -5.0])
def test_planes_lie_as_far_apart_as_the_file_says(tmp_path: Path, spacing_mm: float) -> None:
    """Columns run to the back and rows to the feet: the normal points to the patient's right, +x in RAS."""
    affine = read_sequence(save(tmp_path / "cine", cine(FRAMES, SpacingBetweenSlices=spacing_mm))).affine
    assert affine is not None
    np.testing.assert_allclose(affine[:, 2], [5, 0, 0, 0])


def test_of_files_that_agree_nothing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_sequence(save(tmp_path / "cine", cine(FRAMES)))
    assert not any("mm apart" in message for message in caplog.messages)


def test_several_planes_are_listed(tmp_path: Path) -> None:
    folder = interleaved(tmp_path / "cine")
    with pytest.raises(ReadError, match=r"got 3 \(0: sagittal at 52.0 mm, 8 frame\(s\); 1: .*choose one with --plane"):
        read_sequence(folder)


def test_an_unknown_plane_is_refused(tmp_path: Path) -> None:
    folder = interleaved(tmp_path / "cine")
    with pytest.raises(ReadError, match=r"--plane must be one of the planes 0: sagittal.*got 3"):
        read_sequence(folder, FramesSettings(plane=3))


def test_slice_locations_tell_planes_apart_where_there_is_no_position(tmp_path: Path) -> None:
    images = cine(FRAMES, ImagePositionPatient=None, ImageOrientationPatient=None)
    folder = save(tmp_path / "cine", every(images, SliceLocation=[0.0, 8.0] * 4))
    sequence = read_sequence(folder, FramesSettings(plane=1))
    np.testing.assert_array_equal(sequence.frames, FRAMES[1::2])
    assert sequence.affine is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"SOPInstanceUID": ["1.2.3"] * 2 + [f"1.2.{t}" for t in range(4, 10)]},
            "same SOP instance in image1.dcm and image2.dcm",
        ),
        (
            {"AcquisitionTime": [clock_text(t - (t > 3)) for t in range(8)]},
            r"the same in image4.dcm and image5.dcm .*duplicate",
        ),
        ({"AcquisitionTime": ["12:70"] * 8}, "no acquisition, trigger .* tells frames apart"),
        (
            {"ImagePositionPatient": [[-92, 0, 3.0 * (t == 5)] for t in range(8)]},
            "got image6.dcm moved by 3.0 mm within the plane",
        ),
        (
            {"PixelSpacing": [[1, 1]] * 7 + [[2, 2]]},
            r"one pixel spacing, got \(1.0, 1.0\) in image1.dcm and \(2.0, 2.0\)",
        ),
        (
            {"PixelSpacing": [[1.4, 1.4]] * 7 + [[1.4, 1.41]]},  # 0.7 % are more than rounding
            r"one pixel spacing, got \(1.4, 1.4\) in image1.dcm and \(1.4, 1.41\)",
        ),
        (
            {"ImageType": [["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]] * 8},
            "must show one slice, got a mosaic of several in image1.dcm",
        ),
        ({"PhotometricInterpretation": ["PALETTE COLOR"] * 8}, "images must be grey, got colour in image1.dcm"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR TM")
def test_a_wrong_folder_is_refused(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    folder = save(tmp_path / "cine", every(cine(FRAMES), **change))
    with pytest.raises(ReadError, match=f"^cine: .*{sentence}"):
        read_sequence(folder)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([1, 2, 3, 3, 5, 6, 7, 8], r"got 3 in image3.dcm and image4.dcm \(duplicate\)"),
        ([1, 2, 3, 4, 6, 7, 8, 9], r"got 4 \(image4.dcm\) then 6 \(image5.dcm\) at a usual step of 1: missing frame"),
        ([1, 2, 3, None, 5, 6, 7, 8], "got 1 without one, the first image4.dcm"),
    ],
)
def test_wrong_numbers_without_times_are_refused(tmp_path: Path, numbers: list[Any], sentence: str) -> None:
    folder = save(tmp_path / "cine", every(cine(FRAMES, period_s=None), InstanceNumber=numbers))
    with pytest.raises(ReadError, match=sentence):
        read_sequence(folder, COUNTED)


def test_mixed_sizes_are_refused(tmp_path: Path) -> None:
    images = cine(FRAMES)
    images[5] = cine(FRAMES[:, :8], SeriesInstanceUID=images[0].SeriesInstanceUID)[5]
    folder = save(tmp_path / "cine", images)
    with pytest.raises(ReadError, match=r"must have one size, got 9 x 10 in image1.dcm and 8 x 10 in image6.dcm"):
        read_sequence(folder)


def test_colour_is_refused(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(np.zeros((4, 9, 10, 3), np.uint8)))
    with pytest.raises(ReadError, match=r"images must be grey, got colour in image1.dcm"):
        read_sequence(folder)


@pytest.mark.parametrize("kept", [0, 100, 140, 300, 600, -10, -180])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES))
    file = folder / "image3.dcm"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(
        ReadError, match=r"^cine: .*image3.dcm cannot be .*cut short or damaged; copy or export it again"
    ):
        read_sequence(folder)


def test_one_frame_is_no_sequence(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES[:1]))
    with pytest.raises(ReadError, match=r"needs at least 2 frames, got 1; give the folder"):
        read_sequence(folder / "image1.dcm")


def test_constant_images_are_refused(tmp_path: Path) -> None:
    frames = FRAMES.copy()
    frames[3] = 7
    folder = save(tmp_path / "cine", cine(frames))
    with pytest.raises(
        ReadError, match=r"^cine: every frame must show an image, got frame 3 with the constant value 7"
    ):
        read_sequence(folder)


def test_without_spacing_both_ways_are_named(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES, PixelSpacing=None))
    with pytest.raises(ReadError, match=r'have no PixelSpacing; put "pixel_spacing_mm" .*cine.json .*--pixel-spacing'):
        read_sequence(folder)


def test_a_spacing_from_elsewhere_scales_the_position(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES, PixelSpacing=None))
    sequence = read_sequence(folder, FramesSettings(pixel_spacing_mm=(2.0, 3.0)))
    np.testing.assert_allclose(sequence.affine @ [1, 1, 0, 1], [92, 112.25 - 3, 134 - 2, 1])


def test_nothing_about_the_patient_gets_out(tmp_path: Path) -> None:
    folder = two_series(tmp_path / "cine")
    sequence = read_sequence(folder, FramesSettings(series="5"))
    shown = [repr(sequence), repr([asdict(series) for series in list_series(folder)]), str(list_series(folder)[0])]
    with pytest.raises(ReadError, match=r"several") as error:
        read_sequence(folder)
    (folder / "image2.dcm").write_bytes((folder / "image2.dcm").read_bytes()[:-10])
    with pytest.raises(ReadError, match=r"cut short") as damaged:
        read_sequence(folder, FramesSettings(series="4"))
    for text in (*shown, str(error.value), str(damaged.value)):
        for secret in (PATIENT_NAME, PATIENT_ID, BIRTH_DATE):
            assert secret not in text


@pytest.mark.shared
def test_the_real_one_without_times(shared: Path) -> None:
    folder = shared / "data" / "cine" / "eth-1"
    sequence = read_sequence(folder)
    assert sequence.frames.shape == (200, 270, 270)
    assert sequence.frames.dtype == np.uint8
    assert sequence.frame_period_s == pytest.approx(0.3145)
    assert sequence.spacing_mm == (1.0, 1.0)
    assert sequence.affine is None
    assert sequence.split == Split(90, 180, 200)
    assert sequence.roi == Roi((153, 230), (51, 134))
    assert sequence.origins["frame_period_s"] == "sidecar eth-1.json"
    first = np.abs(np.diff(sequence.frames.astype(float), axis=0)).mean()
    by_text = np.argsort([str(t + 1) for t in range(200)])
    assert first < np.abs(np.diff(sequence.frames[by_text].astype(float), axis=0)).mean()


@pytest.mark.shared
def test_the_real_one_with_times(shared: Path) -> None:
    sequence = read_sequence(shared / "data" / "cine" / "ovgu-1")
    assert sequence.frames.shape == (498, 176, 140)
    assert sequence.frames.dtype == np.uint16
    assert sequence.frame_period_s == pytest.approx(0.1669, abs=5e-5)  # its clock ticks in 2.5 ms
    assert sequence.spacing_mm == pytest.approx((1.81818, 1.81818), abs=1e-5)
    assert sequence.origins["frame_period_s"] == "acquisition times of the DICOM files"
    assert sequence.times_s[-1] == pytest.approx(113 * 0.165 + 384 * 0.1675)
    (series,) = list_series(shared / "data" / "cine" / "ovgu-1")
    assert (series.number, series.frame_count, series.planes[0].orientation) == (9, 498, "sagittal")
