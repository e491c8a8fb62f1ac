"""NumPy archives."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence
from cinecast.sequence import Roi, Split
from cinecast.settings import FramesSettings
from helpers.npz_files import change_member

FRAMES = np.random.default_rng(4).integers(0, 200, (12, 9, 10)).astype(np.uint16)
FACTS: dict[str, Any] = {"frames": FRAMES, "frame_period_s": 0.25, "pixel_spacing_mm": [1.0, 2.0]}


def archive(folder: Path, **arrays: Any) -> Path:
    path = folder / "cine.npz"
    np.savez(path, **{name: array for name, array in {**FACTS, **arrays}.items() if array is not None})
    return path


@given(
    dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32, ">i2"]),
    period=st.floats(1e-3, 5.0),
    spacing=st.tuples(st.floats(0.1, 10.0), st.floats(0.1, 10.0)),
    start=st.floats(-1e3, 1e3),
)
def test_round_trip(dtype: Any, period: float, spacing: tuple[float, float], start: float) -> None:
    frames = np.random.default_rng(5).integers(0, 120, (6, 8, 11)).astype(dtype)
    affine = np.array([[0, 0, 4.0, 92], [-spacing[1], 0, 0, 11], [0, -spacing[0], 0, 13], [0, 0, 0, 1]])
    with TemporaryDirectory() as folder:
        path = Path(folder, "cine.npz")
        times = start + np.arange(6) * period
        np.savez(path, frames=frames, times_s=times, pixel_spacing_mm=spacing, affine=affine)
        sequence = read_sequence(path)
    np.testing.assert_array_equal(sequence.frames, frames)
    assert sequence.frames.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_allclose(sequence.times_s, np.arange(6) * period, atol=1e-9)
    assert sequence.spacing_mm == spacing
    np.testing.assert_allclose(sequence.affine, affine, rtol=1e-12)


def test_roi_and_split_are_those_of_the_file(tmp_path: Path) -> None:
    sequence = read_sequence(archive(tmp_path, roi=[1, 8, 2, 9], split=[3, 6, 10]))
    assert sequence.roi == Roi((1, 8), (2, 9))
    assert sequence.split == Split(3, 6, 10)
    assert sequence.origins["roi"] == "roi of the NPZ file"


def test_arrays_that_are_not_used_are_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(archive(tmp_path, masks=FRAMES))
    assert "arrays masks are not used" in caplog.text


def test_listing(tmp_path: Path) -> None:
    (series,) = list_series(archive(tmp_path))
    assert (series.frame_count, series.rows, series.columns, len(series.planes)) == (12, 9, 10, 1)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"frames": None}, "must hold the array 'frames'"),
        (
            {"frames": np.array([FRAMES, None], dtype=object)},
            "frames of cine.npz holds Python objects, .*never unpickled",
        ),
        ({"frames": np.stack([FRAMES] * 3, axis=-1)}, r"shape \(T, H, W\) .*got uint16 \(12, 9, 10, 3\)"),
        ({"frames": FRAMES > 3}, "must be numbers .*got bool"),
        ({"times_s": np.arange(12)}, "either times_s or frame_period_s, got both"),
        ({"frame_period_s": 0.0}, "frame_period_s of an NPZ file must be a positive number, got 0.0"),
        ({"frame_period_s": None, "times_s": np.arange(11)}, "got 11 times for 12 frames"),
        ({"frame_period_s": None, "times_s": np.arange(12)[::-1]}, "frame times must increase, got .*order the frames"),
        (
            {"frame_period_s": None, "times_s": np.arange(12) ** 1.7},
            "frames must not come sooner than after one",
        ),
        ({"pixel_spacing_mm": [1.0]}, r"pixel_spacing_mm of cine.npz must be numbers of shape \(2\)"),
        ({"affine": np.eye(3)}, r"affine of cine.npz must be numbers of shape \(4, 4\)"),
        ({"roi": [1.0, 8.0, 2.0, 9.0]}, "roi of cine.npz must be whole numbers, got float64"),
        ({"split": [3, 6]}, "split of cine.npz must be numbers of shape .*train_end, validation_end, test_end"),
    ],
)
def test_a_wrong_archive_is_refused(tmp_path: Path, arrays: dict[str, Any], sentence: str) -> None:
    path = archive(tmp_path, **arrays)
    with pytest.raises(ReadError, match=sentence):
        read_sequence(path)


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(ReadError, match=r"cine.npz cannot be read as NPZ: it is cut short or damaged"):
        read_sequence(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"(12, 9, 10), }", b"(12, 9, 10 , ("),  # NumPy reads on for the bracket, as if it were Python
        (b"(12, 9, 10), }", b"(12, 9, 10**9)"),
        (b"(12, 9, 10), }      ", b"(12000, 9, 1000), } "),
        (b"'<u2'", b"'<u7'"),
    ],
)
def test_a_damaged_header_within_an_archive_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = archive(tmp_path)
    change_member(path, "frames.npy", old, new)
    with pytest.raises(ReadError, match=r"cine.npz cannot be read as NPZ: it is cut short or damaged"):
        read_sequence(path)


def test_there_is_one_plane(tmp_path: Path) -> None:
    path = archive(tmp_path)
    with pytest.raises(ReadError, match=r"--plane must be 0 for NPZ"):
        read_sequence(path, FramesSettings(plane=1))
