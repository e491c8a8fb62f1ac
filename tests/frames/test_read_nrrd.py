"""NRRD: sequences of Slicer with the list axis first or last, checked against SimpleITK where it reads them."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence, source_files
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

FRAMES = breathing(9, count=12, shape=(48, 40)).astype(np.uint16)
TIMES = 0.25 * np.arange(12)
DIRECTIONS = ("(0,1.5,0)", "(0,0,-2.5)", "(4,0,0)")
PACK = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}


def slicer(path: Path, *, first: bool = True, values: object = None, encoding: str = "gzip", **fields: str) -> Path:
    """Write a .seq.nrrd as Slicer does: list axis first (to 5.8) or last."""
    order = [0, 1, 2, 3] if first else [1, 2, 3, 0]
    per_axis = {
        "sizes": ["12", "40", "48", "1"],
        "space directions": ["none", *DIRECTIONS],
        "kinds": ["list", "domain", "domain", "domain"],
        "labels": ['"time"', '""', '""', '""'],
        "units": ['"s"', '""', '""', '""'],
    }
    lines = {"type": "unsigned short", "dimension": "4", "space": "left-posterior-superior"}
    lines |= {name: " ".join(words[axis] for axis in order) for name, words in per_axis.items()}
    lines |= {"endian": "little", "encoding": encoding, "space origin": "(-10,20,30)"} | fields
    text = "NRRD0005\n# Complete NRRD file format specification at:\n"
    text += "".join(f"{name}: {value}\n" for name, value in lines.items() if value)
    index = " ".join(f"{time:g}" for time in TIMES) if values is None else values
    text += f"axis {0 if first else 3} index type:=numeric\naxis {0 if first else 3} index values:={index}\n\n"
    array = FRAMES.transpose(2, 1, 0)[..., np.newaxis]  # column, row, plane, time
    array = np.moveaxis(array[:, :, np.newaxis, :, 0], 3, 0) if first else array[:, :, np.newaxis, :, 0]
    path.write_bytes(text.encode() + PACK[encoding](array.astype("<u2").tobytes(order="F")))
    return path


def plain(path: Path, **fields: str) -> Path:
    """Write an .nrrd of three axes (column, row, time) without a space."""
    lines = {"type": "ushort", "dimension": "3", "sizes": "40 48 12", "endian": "little", "encoding": "raw"} | fields
    text = "NRRD0004\n" + "".join(f"{name}: {value}\n" for name, value in lines.items()) + "\n"
    path.write_bytes(text.encode() + FRAMES.astype("<u2").tobytes())
    return path


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_the_list_axis_is_first_or_last(tmp_path: Path, first: bool, encoding: str) -> None:
    sequence = read_sequence(slicer(tmp_path / "cine.seq.nrrd", first=first, encoding=encoding))
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    np.testing.assert_allclose(sequence.times_s, TIMES)
    assert sequence.name == "cine"
    assert sequence.spacing_mm == (2.5, 1.5)
    # Column 3, row 5 in LPS: (-10, 20 + 4.5, 30 - 12.5).
    assert sequence.affine is not None
    np.testing.assert_allclose(sequence.affine @ [3, 5, 0, 1], (10, -24.5, 17.5, 1))


def test_simpleitk_reads_the_same(tmp_path: Path) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd")
    image = SimpleITK.ReadImage(str(path))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image)[0].transpose(2, 0, 1), read_sequence(path).frames)
    lps = image.TransformIndexToPhysicalPoint((3, 5, 0))
    affine = read_sequence(path).affine
    assert affine is not None
    np.testing.assert_allclose(affine @ [3, 5, 0, 1], (-lps[0], -lps[1], lps[2], 1))


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1000), ("us", 1e6), ("msec", 1000)])
def test_units_of_the_index(tmp_path: Path, unit: str, factor: float) -> None:
    values = " ".join(f"{time * factor:.6g}" for time in TIMES)
    path = slicer(tmp_path / "cine.seq.nrrd", values=values, units=f'"{unit}" "" "" ""')
    np.testing.assert_allclose(read_sequence(path).times_s, TIMES)


def test_times_that_are_listed_are_taken_one_by_one(tmp_path: Path) -> None:
    times = 0.25 * np.arange(12) + 0.003 * np.array([0, 3, -2, 1, 0, 4, 0, -3, 2, 0, 1, 0])
    values = " ".join(f"{1000 * (time + 7):g}" for time in times)  # the session began 7 s before
    path = slicer(tmp_path / "cine.seq.nrrd", values=values, units='"ms" "" "" ""')
    np.testing.assert_allclose(read_sequence(path).times_s, times, atol=1e-9)


@pytest.mark.parametrize(
    ("fields", "period_s"),
    [
        ({"units": '"mm" "mm" "ms"', "spacings": "1.5 2.5 250"}, 0.25),
        ({"units": '"mm" "mm" "s"', "spacings": "1.5 2.5 0.4"}, 0.4),
        ({"units": '"cm" "cm" "us"', "spacings": "0.15 0.25 125000"}, 0.125),
    ],
)
def test_three_axes_with_spacings_have_those_of_their_units(
    tmp_path: Path, fields: dict[str, str], period_s: float
) -> None:
    sequence = read_sequence(plain(tmp_path / "cine.nrrd", **fields))
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    assert sequence.spacing_mm == pytest.approx((2.5, 1.5))
    assert sequence.affine is None
    np.testing.assert_allclose(sequence.times_s, period_s * np.arange(12))


@pytest.mark.parametrize(("unit", "scale"), [("cm", 10), ("m", 1000), ("um", 1e-3), ("Millimeters", 1), ("", 1)])
def test_lengths_are_in_the_unit_of_the_space(tmp_path: Path, unit: str, scale: float) -> None:
    y, z, x, *origin = (f"{length / scale:g}" for length in (1.5, -2.5, 4, -10, 20, 30))
    fields = {"space directions": f"none (0,{y},0) (0,0,{z}) ({x},0,0)", "space origin": f"({','.join(origin)})"}
    fields["space units"] = " ".join([f'"{unit}"'] * 3)
    sequence = read_sequence(slicer(tmp_path / "cine.seq.nrrd", **fields))
    assert sequence.spacing_mm == pytest.approx((2.5, 1.5))
    assert sequence.affine is not None
    np.testing.assert_allclose(sequence.affine @ [3, 5, 0, 1], (10, -24.5, 17.5, 1))


@pytest.mark.parametrize(
    ("fields", "unit"),
    [
        ({"space units": '"inch" "inch" "inch"'}, "'inch'"),
        ({"space units": '"mm" "cm" "mm"'}, "'mm cm'"),
        (
            {"space": "", "space origin": "", "space directions": "", "spacings": "nan 1 2 4", "units": "s px px px"},
            "'px'",
        ),
    ],
)
def test_lengths_in_another_unit_are_no_spacing(tmp_path: Path, fields: dict[str, str], unit: str) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd", **fields)
    with pytest.raises(ReadError, match=f"needs a pixel spacing, and that of the NRRD header has the unit {unit}"):
        read_sequence(path)
    given = read_sequence(path, FramesSettings(pixel_spacing_mm=(2.5, 1.5)))
    assert given.spacing_mm == (2.5, 1.5)
    assert given.affine is None


def test_planes_follow_one_another_along_the_normal(tmp_path: Path) -> None:
    """Two planes, 4 mm apart along x in LPS: the second has other grey values, and lies 4 mm further right in RAS."""
    path = tmp_path / "cine.seq.nrrd"
    head = slicer(path, encoding="raw").read_bytes().partition(b"\n\n")[0].replace(b"12 40 48 1", b"12 40 48 2")
    array = np.stack([FRAMES, FRAMES[::-1]], axis=-1).transpose(0, 2, 1, 3)  # time, column, row, plane
    path.write_bytes(head + b"\n\n" + array.astype("<u2").tobytes(order="F"))
    (series,) = list_series(path)
    assert (series.frame_count, [plane.frame_count for plane in series.planes]) == (24, [12, 12])
    with pytest.raises(ReadError, match="one plane must be chosen where there are several, got 2;"):
        read_sequence(path)
    for plane, frames in enumerate((FRAMES, FRAMES[::-1])):
        sequence = read_sequence(path, FramesSettings(plane=plane))
        np.testing.assert_array_equal(sequence.frames, frames)
        assert sequence.affine is not None
        np.testing.assert_allclose(sequence.affine @ [3, 5, 0, 1], (10 - 4 * plane, -24.5, 17.5, 1))


def test_the_byte_order_is_that_of_the_header(tmp_path: Path) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd", encoding="raw")
    head, _, content = path.read_bytes().partition(b"\n\n")
    swapped = np.frombuffer(content, "<u2").astype(">u2").tobytes()
    path.write_bytes(head.replace(b"endian: little", b"endian: big") + b"\n\n" + swapped)
    np.testing.assert_array_equal(read_sequence(path).frames, FRAMES)


def test_an_index_without_a_unit_is_no_time(tmp_path: Path) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd", values=" ".join(map(str, range(12))), units="", labels='"frame" "" "" ""')
    with pytest.raises(ReadError, match=r"index of its frames in the NRRD header \(frame\) has no unit"):
        read_sequence(path)
    assert read_sequence(path, FramesSettings(frame_period_s=0.3)).frame_period_s == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("0 1 2", r"one time for each of its 12 frames, got 3 word"),
        ("a b c d e f g h i j k l", r"one time for each of its 12 frames"),
        ("0 1 2 3 4 5 7 6 8 9 10 11", r"must increase, got 7 s and then 6 s at frame 7"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(tmp_path: Path, values: str, sentence: str) -> None:
    with pytest.raises(ReadError, match=rf"axis 0 index values of cine.seq.nrrd must .*{sentence}|{sentence}"):
        read_sequence(slicer(tmp_path / "cine.seq.nrrd", values=values))


@pytest.mark.parametrize(
    ("space", "point"),
    [
        ("right-anterior-superior", (-10, 24.5, 17.5)),
        ("RAS", (-10, 24.5, 17.5)),
        ("LPS", (10, -24.5, 17.5)),
        ("left-posterior-inferior", (10, -24.5, -17.5)),
    ],
)
def test_spaces_of_the_patient(tmp_path: Path, space: str, point: tuple[float, ...]) -> None:
    affine = read_sequence(slicer(tmp_path / "cine.seq.nrrd", space=space)).affine
    assert affine is not None
    np.testing.assert_allclose(affine @ [3, 5, 0, 1], (*point, 1))


def test_a_space_that_is_no_patients_gives_no_position(tmp_path: Path) -> None:
    sequence = read_sequence(slicer(tmp_path / "cine.seq.nrrd", space="scanner-xyz"))
    assert sequence.affine is None
    assert sequence.spacing_mm == (2.5, 1.5)


def test_three_axes_of_simpleitk_are_column_row_and_time(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(FRAMES)
    image.SetSpacing((1.5, 2.5, 0.25))
    SimpleITK.WriteImage(image, str(tmp_path / "cine.nrrd"))
    with pytest.raises(ReadError, match=r"no time step with a unit .*volume, no cine"):
        read_sequence(tmp_path / "cine.nrrd")
    sequence = read_sequence(tmp_path / "cine.nrrd", FramesSettings(frame_period_s=0.25))
    np.testing.assert_array_equal(sequence.frames, FRAMES)
    assert sequence.spacing_mm == (2.5, 1.5)


def test_times_of_a_converter_beside_it(tmp_path: Path) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd", values=" ".join(map(str, range(12))), units="")
    (tmp_path / "cine.json").write_text(json.dumps({"FrameTimesStart": (0.3 * np.arange(12)).tolist()}))
    np.testing.assert_allclose(read_sequence(path).times_s, 0.3 * np.arange(12))
    assert [file.name for file in source_files(path)] == ["cine.json", "cine.seq.nrrd"]


def test_listing(tmp_path: Path) -> None:
    (series,) = list_series(slicer(tmp_path / "cine.seq.nrrd"))
    assert (series.frame_count, series.rows, series.columns, len(series.planes)) == (12, 48, 40, 1)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"data file": "other.raw"}, "its data lie in another file"),
        ({"encoding": "raw", "byte skip": "-1"}, "bytes stand between"),
        ({"type": "block"}, "the type is 'block'"),
        ({"dimension": "3"}, "dimension '3' and sizes"),
        ({"kinds": "list vector domain domain"}, "must have 3 or 4 axes, one of them time"),
    ],
)
def test_what_is_no_plain_sequence_is_refused(tmp_path: Path, fields: dict[str, str], sentence: str) -> None:
    encoding = fields.pop("encoding", "gzip")
    with pytest.raises(ReadError, match=sentence):
        read_sequence(slicer(tmp_path / "cine.seq.nrrd", encoding=encoding, **fields))


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = slicer(tmp_path / "cine.seq.nrrd", encoding="raw")
    path.write_bytes(path.read_bytes().replace(b"encoding: raw", b"encoding: hex"))
    with pytest.raises(ReadError, match="the encoding 'hex'; save it as raw or gzip"):
        read_sequence(path)


def test_an_unknown_plane_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"--plane must be below the 1 plane\(s\) of the NRRD, got 1"):
        read_sequence(slicer(tmp_path / "cine.seq.nrrd"), FramesSettings(plane=1))


def itk_series(path: Path, direction: tuple[float, ...] = tuple(np.eye(4).ravel())) -> Path:
    """Write frames as SimpleITK writes an image of four axes: no word on whose axes they are."""
    image = SimpleITK.GetImageFromArray(FRAMES[:, np.newaxis], isVector=False)
    image.SetSpacing((1.5, 2.5, 4.0, 0.25))
    image.SetDirection(direction)
    SimpleITK.WriteImage(image, str(path))
    return path


def test_the_spacing_of_four_axes_as_itk_writes_them_is_that_of_their_steps(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    turned = (0.8, -0.6, 0, 0, 0.6, 0.8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
    for direction in (tuple(np.eye(4).ravel()), turned):
        sequence = read_sequence(itk_series(tmp_path / "cine.nrrd", direction), FramesSettings(frame_period_s=0.25))
        np.testing.assert_array_equal(sequence.frames, FRAMES)
        assert sequence.spacing_mm == pytest.approx((2.5, 1.5))
        assert sequence.affine is None
    assert not caplog.records
    read_sequence(itk_series(tmp_path / "cine.nrrd"), FramesSettings(frame_period_s=0.3))
    assert "not the step of 0.25 along time in the header" in caplog.text


def test_a_step_that_leads_through_time_and_space_is_none(tmp_path: Path) -> None:
    path = itk_series(tmp_path / "cine.nrrd")
    path.write_bytes(path.read_bytes().replace(b"(1.5,0,0,0)", b"(1.5,0,0,1)"))
    with pytest.raises(ReadError, match="needs a pixel spacing, and the NRRD header gives none"):
        read_sequence(path, FramesSettings(frame_period_s=0.25))
