"""MHA in the TrackRAD2025 layout."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence, source_files
from cinecast.frames.masks.itk_labels import read_mha_labels
from cinecast.frames.mha import read_mha_values
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

# A proper rotation that is not its own transpose.
OBLIQUE = np.array([[0.6, 0.0, 0.8], [0.64, 0.6, -0.48], [-0.48, 0.8, 0.36]])
FRAMES = np.random.default_rng(8).integers(0, 2000, (6, 9, 10)).astype(np.int16)


def save(
    path: Path,
    frames: np.ndarray = FRAMES,
    *,
    rate: object = 4.0,
    spacing: tuple[float, float] = (2.5, 1.5),
    origin: tuple[float, float, float] = (1.0, 2.0, 3.0),
    compressed: bool = True,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(frames, 0, -1)))
    image.SetSpacing((5.0, spacing[1], spacing[0]))
    image.SetOrigin(origin)
    SimpleITK.WriteImage(image, str(path), compressed)
    if rate is not None:
        (path.parent / "frame-rate.json").write_text(f"{rate}\n")
    return path


@given(
    dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32]),
    size=st.tuples(st.integers(3, 6), st.integers(8, 12), st.integers(8, 12)),
    rate=st.floats(0.5, 50.0),
    spacing=st.tuples(st.floats(0.2, 5.0), st.floats(0.2, 5.0)),
    compressed=st.booleans(),
)
def test_round_trip(
    dtype: Any, size: tuple[int, int, int], rate: float, spacing: tuple[float, float], compressed: bool
) -> None:
    frames = np.random.default_rng(9).integers(0, 250, size).astype(dtype)
    with TemporaryDirectory() as folder:
        path = save(Path(folder, "cine.mha"), frames, rate=rate, spacing=spacing, compressed=compressed)
        sequence = read_sequence(path)
    np.testing.assert_array_equal(sequence.frames, frames)
    assert sequence.frames.dtype == dtype
    np.testing.assert_allclose(sequence.times_s, np.arange(len(frames)) / rate)
    np.testing.assert_allclose(sequence.spacing_mm, spacing)


def test_position_is_that_of_itk_with_the_axes_named(tmp_path: Path) -> None:
    path = save(tmp_path / "cine.mha")
    image = SimpleITK.ReadImage(str(path))
    image.SetDirection(OBLIQUE.ravel().tolist())
    SimpleITK.WriteImage(image, str(path))
    column, row = 7, 4
    lps = image.TransformIndexToPhysicalPoint((0, column, row))
    sequence = read_sequence(path)
    np.testing.assert_allclose(sequence.affine @ [column, row, 0, 1], [-lps[0], -lps[1], lps[2], 1])
    np.testing.assert_allclose(sequence.affine[:3, 2], 5.0 * OBLIQUE[:, 0] * [-1, -1, 1])


def rewritten(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """Change the header of a file as ITK writes it; each line must be there."""
    content = path.read_bytes()
    for line, other in changes:
        assert re.search(line, content)
        content = re.sub(line, other, content, count=1)
    path.write_bytes(content)
    return path


SPACING_LINE, PLACE_LINES = rb"ElementSpacing = .*\n", (rb"TransformMatrix = .*\n", rb"Offset = .*\n")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (b"", "the MHA header has no ElementSpacing"),
        (
            b"DistanceUnits = cm\nElementSpacing = 0.5 0.15 0.25\n",
            "gives its lengths in 'cm' \\(DistanceUnits\\) and not",
        ),
    ],
)
def test_a_header_without_a_spacing_in_mm_gives_none(tmp_path: Path, change: bytes, why: str) -> None:
    # ITK takes a pixel for 1 mm, or cm for mm, and all errors in mm with it.
    path = rewritten(save(tmp_path / "cine.mha"), (SPACING_LINE, change))
    with pytest.raises(ReadError, match=f"a sequence needs a pixel spacing, and the MHA header .*{why[15:]}"):
        read_sequence(path)
    given = read_sequence(path, FramesSettings(pixel_spacing_mm=(2.5, 1.5)))
    assert given.spacing_mm == (2.5, 1.5)
    assert given.affine is None


@pytest.mark.parametrize("unit", [b"mm", b"?"])
def test_the_size_of_a_pixel_is_its_spacing_where_there_is_no_other(tmp_path: Path, unit: bytes) -> None:
    line = b"DistanceUnits = " + unit + b"\nElementSize = 5 1.5 2.5\n"
    assert read_sequence(rewritten(save(tmp_path / "cine.mha"), (SPACING_LINE, line))).spacing_mm == (2.5, 1.5)


def test_a_header_without_directions_and_origin_gives_no_position(tmp_path: Path) -> None:
    path = save(tmp_path / "cine.mha")
    assert read_sequence(path).affine is not None
    sequence = read_sequence(rewritten(path, *((line, b"") for line in PLACE_LINES)))
    assert sequence.affine is None
    assert "affine" not in sequence.origins


def test_masks_without_a_spacing_say_what_a_pixel_counts_as(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = rewritten(save(tmp_path / "labels.mha"), (SPACING_LINE, b""))
    assert read_mha_values(path).spacing_mm == (1, 1)
    assert "labels.mha: the MHA header has no ElementSpacing; a pixel counts as 1 x 1 mm" in caplog.text


def test_a_patient_folder_with_what_stands_beside_the_images(tmp_path: Path) -> None:
    folder = tmp_path / "A_001"
    save(folder / "images" / "A_001_frames.mha", rate=None)
    (folder / "frame-rate.json").write_text("4")
    (folder / "field-strength.json").write_text("1.5")
    (folder / "scanned-region.json").write_text('"thorax"')
    sequence = read_sequence(folder)
    assert sequence.name == "A_001"
    assert sequence.frame_period_s == 0.25
    assert sequence.origins["frame_period_s"] == "frame-rate.json"
    assert sequence.origins["field_strength_t"] == "1.5 (field-strength.json)"
    assert sequence.origins["scanned_region"] == "thorax (scanned-region.json)"
    names = {file.name for file in source_files(folder)}
    assert names == {"A_001_frames.mha", "frame-rate.json", "field-strength.json", "scanned-region.json"}


def test_a_second_scan_has_its_own_frame_rate(tmp_path: Path) -> None:
    first = save(tmp_path / "A_001" / "images" / "A_001_frames.mha", rate=None)
    second = save(tmp_path / "A_001" / "images" / "A_001_frames2.mha", rate=None)
    (tmp_path / "A_001" / "frame-rate.json").write_text("4")
    (tmp_path / "A_001" / "frame-rate2.json").write_text("2")
    assert read_sequence(first).frame_period_s == 0.25
    assert read_sequence(second).frame_period_s == 0.5


def test_the_frame_rate_of_another_scan_does_not_count(tmp_path: Path) -> None:
    path = save(tmp_path / "A_001" / "images" / "A_001_frames2.mha", rate=None)
    (tmp_path / "A_001" / "frame-rate.json").write_text("4")
    with pytest.raises(ReadError, match=r"there is no frame-rate2.json .*A_001_frames2.json .*--frame-period"):
        read_sequence(path)


def test_mhd_with_its_data_beside(tmp_path: Path) -> None:
    path = save(tmp_path / "cine.mhd", compressed=False)
    np.testing.assert_array_equal(read_sequence(path).frames, FRAMES)
    assert [file.name for file in source_files(path)] == ["cine.mhd", "cine.raw", "frame-rate.json"]


LIST = "\n".join(["LIST", *(f"row{row + 1}.raw" for row in range(9))])


@pytest.mark.parametrize("data", [LIST, "LIST 2", "row%d.raw 1 9 1", "LISTED.raw"])
@pytest.mark.parametrize("question", [read_sequence, list_series, source_files])
def test_data_in_several_files_are_refused(tmp_path: Path, data: str, question: Callable[[Path], object]) -> None:
    path = save(tmp_path / "cine.mhd", compressed=False)
    path.write_text(path.read_text().replace("cine.raw", data))
    for row, stored in enumerate(np.moveaxis(FRAMES, 0, -1)):
        (tmp_path / f"row{row + 1}.raw").write_bytes(stored.tobytes())
    with pytest.raises(ReadError, match=r"^cine.mhd: ElementDataFile of cine.mhd must name one data file .*one MHA"):
        question(path)


def test_broken_circumstances_are_left_out_and_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = save(tmp_path / "cine.mha")
    (tmp_path / "scanned-region.json").write_text("abdomen")
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        assert "scanned_region" not in read_sequence(path).origins
    assert "scanned-region.json must be JSON" in caplog.text


def test_listing(tmp_path: Path) -> None:
    (series,) = list_series(save(tmp_path / "cine.mha"))
    assert (series.frame_count, series.rows, series.columns) == (6, 9, 10)


def test_several_scans_of_a_patient_are_listed(tmp_path: Path) -> None:
    for name in ("A_frames.mha", "A_frames2.mha"):
        save(tmp_path / "A" / "images" / name)
    with pytest.raises(ReadError, match=r"must hold one scan in images/, got A_frames.mha, A_frames2.mha"):
        read_sequence(tmp_path / "A")


@pytest.mark.parametrize("rate", ["0", '"8 Hz"', "{}"])
def test_a_frame_rate_is_a_positive_number(tmp_path: Path, rate: str) -> None:
    path = save(tmp_path / "cine.mha", rate=rate)
    with pytest.raises(ReadError, match=r"frame rate in Hz in frame-rate.json must be a positive number"):
        read_sequence(path)


@pytest.mark.parametrize("kept", [0, 100, 600])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = save(tmp_path / "cine.mha")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ReadError, match=r"cine.mha cannot be read as MHA: it is cut short"):
        read_sequence(path)


def test_colour_is_refused(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(np.zeros((9, 10, 6, 3), np.uint8), isVector=True)
    SimpleITK.WriteImage(image, str(tmp_path / "cine.mha"))
    with pytest.raises(ReadError, match=r"one grey value per pixel, got 3 \(colour\)"):
        read_sequence(tmp_path / "cine.mha")


def test_another_number_of_axes_is_refused(tmp_path: Path) -> None:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(FRAMES[0]), str(tmp_path / "cine.mha"))
    with pytest.raises(ReadError, match=r"must have 3 axes \(time, column, row\).*got size \(10, 9\)"):
        read_sequence(tmp_path / "cine.mha")


def test_there_is_one_plane(tmp_path: Path) -> None:
    path = save(tmp_path / "cine.mha")
    with pytest.raises(ReadError, match=r"--plane must be 0 for MHA"):
        read_sequence(path, FramesSettings(plane=1))


@pytest.mark.shared
def test_the_real_one(shared: Path) -> None:
    sequence = read_sequence(shared / "data" / "trackrad" / "Z_001")
    assert sequence.frames.shape == (10, 125, 125)
    assert sequence.frame_period_s == 0.125
    assert sequence.spacing_mm == (1.0, 1.0)
    assert sequence.origins["field_strength_t"] == "0.35 (b-field-strength.json)"


def structured(count: int = 12) -> np.ndarray:
    return breathing(5, count=count, shape=(60, 40)).astype(np.uint16)


@pytest.mark.parametrize("axes", [3, 4])
def test_time_last_as_itk_writes_it(tmp_path: Path, axes: int) -> None:
    frames = structured()
    if axes == 3:
        image = SimpleITK.GetImageFromArray(frames)
        image.SetSpacing((1.5, 2.5, 0.25))
        image.SetDirection(OBLIQUE.ravel().tolist())
    else:
        slices = [SimpleITK.GetImageFromArray(frame[np.newaxis]) for frame in frames]
        for each in slices:
            each.SetSpacing((1.5, 2.5, 5.0))
            each.SetOrigin((10, 20, 30))
            each.SetDirection(OBLIQUE.ravel().tolist())
        image = SimpleITK.JoinSeries(slices, 0.0, 0.25)
    SimpleITK.WriteImage(image, str(tmp_path / "cine.mha"), True)
    with pytest.raises(ReadError, match=r"no frame-rate.json .*, and the step of 0.25 along time .* has no unit"):
        read_sequence(tmp_path / "cine.mha")
    (tmp_path / "frame-rate.json").write_text("4")
    sequence = read_sequence(tmp_path / "cine.mha")
    np.testing.assert_array_equal(sequence.frames, frames)
    assert sequence.spacing_mm == (2.5, 1.5)
    assert "last ITK axis" in sequence.origins["frames"]
    point = image.TransformIndexToPhysicalPoint((7, 4, 0, 0)[:axes])
    np.testing.assert_allclose(sequence.affine @ [7, 4, 0, 1], [-point[0], -point[1], point[2], 1])
    thickness = 1.0 if axes == 3 else 5.0  # of three axes none says how thick the slice is
    np.testing.assert_allclose(sequence.affine[:3, 2], thickness * OBLIQUE[:, 2] * [-1, -1, 1])
    (series,) = list_series(tmp_path / "cine.mha")
    assert (series.frame_count, series.rows, series.columns) == (12, 60, 40)


@pytest.mark.parametrize("count", [12, 60])
def test_time_first_is_known_from_the_pixels_too(tmp_path: Path, count: int) -> None:
    sequence = read_sequence(save(tmp_path / "cine.mha", structured(count)))
    np.testing.assert_array_equal(sequence.frames, structured(count))
    assert "first ITK axis" in sequence.origins["frames"]


def test_pixels_that_fit_both_layouts_are_refused(tmp_path: Path) -> None:
    """A column profile that neither time nor rows change: first and last axis are alike."""
    frames = np.tile(np.linspace(0, 900, 12).astype(np.int16), (12, 12, 1))
    with pytest.raises(ReadError, match=r"first \(time, column, row: TrackRAD2025\) or the last .*fit both; .*NIfTI"):
        read_sequence(save(tmp_path / "cine.mha", frames))


def test_planes_of_four_axes_are_chosen(tmp_path: Path) -> None:
    frames = structured()
    volumes = [SimpleITK.GetImageFromArray(np.stack([frame, frame[::-1]])) for frame in frames]
    for volume in volumes:
        volume.SetSpacing((1.5, 2.5, 4.0))
        volume.SetOrigin((10, 20, 30))
        volume.SetDirection(OBLIQUE.ravel().tolist())
    SimpleITK.WriteImage(SimpleITK.JoinSeries(volumes), str(tmp_path / "cine.mha"))
    (tmp_path / "frame-rate.json").write_text("4")
    with pytest.raises(ReadError, match=r"one plane must be chosen .*got 2"):
        read_sequence(tmp_path / "cine.mha")
    with pytest.raises(ReadError, match=r"--plane must be below the 2 planes of the MHA, got 2"):
        read_sequence(tmp_path / "cine.mha", FramesSettings(plane=2))
    sequence = read_sequence(tmp_path / "cine.mha", FramesSettings(plane=1))
    np.testing.assert_array_equal(sequence.frames, frames[:, ::-1])
    point = volumes[0].TransformIndexToPhysicalPoint((7, 4, 1))
    np.testing.assert_allclose(sequence.affine @ [7, 4, 0, 1], [-point[0], -point[1], point[2], 1])


@pytest.mark.parametrize("kind", ["MET_LONG", "MET_ULONG"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("beside", [False, True])
def test_numbers_of_eight_bytes_under_a_name_for_four_are_refused(
    tmp_path: Path, kind: str, packed: bool, beside: bool
) -> None:
    def write(number: type) -> Path:
        pixels = np.ascontiguousarray(np.moveaxis(FRAMES, 0, -1)).astype(number).tobytes()
        content = zlib.compress(pixels) if packed else pixels
        header = (
            f"ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
            f"CompressedData = {packed}\nCompressedDataSize = {len(content)}\nElementSpacing = 5 1.5 2.5\n"
            f"DimSize = {len(FRAMES)} {FRAMES.shape[2]} {FRAMES.shape[1]}\nElementType = {kind}\n"
            f"ElementDataFile = {'cine.raw' if beside else 'LOCAL'}\n"
        )
        (tmp_path / "frame-rate.json").write_text("4.0\n")
        (tmp_path / "cine.raw").write_bytes(content if beside else b"")
        path = tmp_path / "cine.mhd"
        path.write_bytes(header.encode() + (b"" if beside else content))
        return path

    np.testing.assert_array_equal(read_sequence(write(np.int32)).frames, FRAMES)
    with pytest.raises(ReadError, match=f"{kind} .*four bytes.*cine.mhd.*MET_INT"):
        read_sequence(write(np.int64))
    with pytest.raises(ReadError, match="four bytes"):
        read_mha_labels(write(np.int64))


def test_frames_as_vectors_are_named(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(structured().transpose(1, 2, 0), isVector=True)
    SimpleITK.WriteImage(image, str(tmp_path / "cine.mha"))
    with pytest.raises(ReadError, match=r"one grey value per pixel, got 12 \(vectors; if they are frames"):
        read_sequence(tmp_path / "cine.mha")
