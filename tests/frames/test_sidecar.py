"""The sidecar: what it adds, where it stands, and every way of getting it wrong."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import read_sequence, read_sidecar
from cinecast.sequence import Roi, Split
from cinecast.settings import FramesSettings

FRAMES = np.random.default_rng(2).integers(0, 200, (12, 9, 10)).astype(np.uint8)
TIMING = {"frame_period_s": 0.5, "pixel_spacing_mm": [2.0, 3.0]}


def archive(folder: Path, **arrays: Any) -> Path:
    path = folder / "cine.npz"
    np.savez(path, frames=FRAMES, **arrays)
    return path


def beside(path: Path, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (path.parent / "cine.json").write_text(text)
    return path


def test_it_gives_what_the_file_lacks(tmp_path: Path) -> None:
    content = {
        "_comment": "taken from the protocol",
        "name": "volunteer 1",
        **TIMING,
        "roi": {"rows": [1, 8], "columns": [2, 9]},
        "split": {"train_end": 5, "validation_end": 7},
        "axes": ["si", "AP"],
        "published": {"flow": {"nb_layers": 2}},
    }
    sequence = read_sequence(beside(archive(tmp_path), content))
    assert sequence.name == "volunteer 1"
    np.testing.assert_allclose(sequence.times_s, np.arange(12) * 0.5)
    assert sequence.spacing_mm == (2.0, 3.0)
    assert sequence.roi == Roi((1, 8), (2, 9))
    assert sequence.split == Split(5, 7, 12)
    assert sequence.axes == ("SI", "AP")
    assert sequence.published == {"flow": {"nb_layers": 2}}
    assert sequence.affine is None
    for fact in ("frame_period_s", "spacing_mm", "roi", "split", "axes"):
        assert sequence.origins[fact] == "sidecar cine.json"


def test_options_win_over_the_file_and_the_file_over_the_sidecar(tmp_path: Path) -> None:
    path = beside(archive(tmp_path, frame_period_s=0.25, pixel_spacing_mm=[1.0, 1.5]), TIMING)
    of_file = read_sequence(path)
    assert (of_file.frame_period_s, of_file.spacing_mm) == (0.25, (1.0, 1.5))
    assert of_file.origins["frame_period_s"] == "frame_period_s of the NPZ file"
    options = FramesSettings(frame_period_s=0.1, pixel_spacing_mm=(4.0, 5.0), train_end=3)
    chosen = read_sequence(path, options)
    assert chosen.frame_period_s == pytest.approx(0.1)
    assert chosen.spacing_mm == (4.0, 5.0)
    assert chosen.split == Split(3, 8, 12)
    assert chosen.origins["frame_period_s"] == "--frame-period"
    assert chosen.origins["spacing_mm"] == "--pixel-spacing"
    assert "frames.train_end as set" in chosen.origins["split"]


def test_test_end_shortens_the_default_split(tmp_path: Path) -> None:
    sequence = read_sequence(beside(archive(tmp_path), TIMING), FramesSettings(test_end=9))
    assert sequence.split == Split(3, 6, 9)


def test_a_sidecar_that_contradicts_its_file_is_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = beside(archive(tmp_path, frame_period_s=0.25, pixel_spacing_mm=[2.0, 3.0]), TIMING)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(path)
    assert "frame period of 0.25, its sidecar cine.json says 0.5" in caplog.text
    assert "pixel spacing" not in caplog.text


@pytest.mark.parametrize("name", ["cine.nii.gz", "cine.nii", "cine.mha", "cine.IMA", "cine.npz", "cine"])
def test_its_name_is_that_of_the_sequence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert read_sidecar(tmp_path / name).file_name == "cine.json"


def test_a_folder_with_a_dot_keeps_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "2. sq sl010"
    folder.mkdir()
    (tmp_path / "2. sq sl010.json").write_text('{"frame_period_s": 0.3}')
    assert read_sidecar(folder).frame_period_s == 0.3
    monkeypatch.chdir(folder)
    assert read_sidecar(Path(".")).frame_period_s == 0.3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "cine.json must be JSON, got .* at line 1"),
        ("[" * 100_000, "cine.json must be plain JSON, got one where lists or tables are nested too deep"),
        (f'{{"frame_period_s": {"9" * 5000}}}', "cine.json must be plain JSON, got one where a number has thousands"),
        ('{"frame_period_s": 0.3, "frame_period_s": 0.4}', "each key must be given once, got 'frame_period_s' again"),
        ('{"roi": {"rows": [1, 8], "columns": [2, 9], "rows": [1, 9]}}', "must be given once, got 'rows' again"),
        ([1], "sidecar cine.json must be a JSON object .*got list"),
        (
            {"frame_period_s": 1, "period": 1},
            "unknown key 'period'; known keys: name, frame_period_s, pixel_spacing_mm, roi, split, axes, published",
        ),
        ({"name": " "}, "sidecar cine.json: name must be a text"),
        ({"frame_period_s": 0}, "frame_period_s must be a positive number, got 0"),
        ({"frame_period_s": "0.3"}, "frame_period_s must be a positive number, got '0.3'"),
        ({"frame_period_s": True}, "frame_period_s must be a positive number, got True"),
        ('{"frame_period_s": Infinity}', "frame_period_s must be a positive number, got inf"),
        ({"pixel_spacing_mm": 1.0}, "pixel_spacing_mm must be two numbers of mm"),
        ({"pixel_spacing_mm": [1.0, -1.0]}, "pixel_spacing_mm must be a positive number, got -1.0"),
        ({"roi": [1, 2]}, "roi must be a JSON object with keys among rows, columns"),
        ({"roi": {"rows": [1, 8]}}, r"roi.columns must be two whole numbers \[start, stop\], got None"),
        ({"roi": {"rows": [1, 8], "columns": [2, 9.5]}}, "roi.columns must be a whole number, got 9.5"),
        (
            {"roi": {"rows": [1, 8], "columns": [2, 9], "x": 1}},
            "roi has the unknown key 'x'; known keys: rows, columns",
        ),
        ({"split": {"train": 5}}, "split has the unknown key 'train'; known keys: train_end, validation_end, test_end"),
        ({"split": {"train_end": 5.0}}, "split.train_end must be a whole number, got 5.0"),
        ({"axes": "SI"}, r"axes must be two of SI, AP, LR \[row, column\], got 'SI'; mend it there"),
        ({**TIMING, "axes": ["SI", "HF"]}, r"the axes must be two different ones of SI, AP, LR, .* got \('SI', 'HF'\)"),
        ({**TIMING, "axes": ["si", "SI"]}, r"the axes must be two different ones of .*got \('SI', 'SI'\)"),
        ({"published": 3}, "published must be a JSON object, got 3"),
        ({**TIMING, "roi": {"rows": [1, 88], "columns": [2, 9]}}, "ROI rows must satisfy .* got 1 to 88"),
        ({**TIMING, "split": {"train_end": 9}}, "the split must satisfy .*got 9, 8, 12"),
    ],
)
def test_a_wrong_sidecar_is_refused(tmp_path: Path, content: object, sentence: str) -> None:
    path = beside(archive(tmp_path), content)
    with pytest.raises(ReadError, match=sentence):
        read_sequence(path)


# As dcm2niix writes it; of its times none is the time between frames of every sequence.
OF_DCM2NIIX = {"Modality": "MR", "RepetitionTime": 0.00312, "EchoTime": 0.00143, "ConversionSoftware": "dcm2niix"}


def test_a_file_of_another_program_is_ignored_and_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = beside(archive(tmp_path, pixel_spacing_mm=[1.0, 1.5]), OF_DCM2NIIX)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(path, FramesSettings(frame_period_s=0.25))
    note = (
        "cine.json beside it has none of the keys name, frame_period_s, pixel_spacing_mm, roi, split, axes, published "
        "and is ignored"
    )
    assert sequence.origins["sidecar"] == note
    assert caplog.messages == [note]
    assert (sequence.name, sequence.frame_period_s, sequence.spacing_mm) == ("cine", 0.25, (1.0, 1.5))


@pytest.mark.parametrize(
    ("known", "remedy"),
    [({"pixel_spacing_mm": [1.0, 1.5]}, "give --frame-period"), ({"frame_period_s": 0.25}, "give --pixel-spacing")],
)
def test_what_lacks_is_not_asked_for_in_a_file_of_another_program(
    tmp_path: Path, known: dict[str, Any], remedy: str
) -> None:
    path = beside(archive(tmp_path, **known), OF_DCM2NIIX)
    with pytest.raises(ReadError, match=rf"^cine.npz: a sequence needs a [^;]*; {remedy}$"):
        read_sequence(path)


def test_a_sidecar_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path)
    (tmp_path / "cine.json").write_bytes('{"name": "é"}'.encode("latin-1"))
    with pytest.raises(ReadError, match=r"cine.json must be text in UTF-8"):
        read_sequence(path)


def test_without_frame_period_both_ways_are_named(tmp_path: Path) -> None:
    path = archive(tmp_path, pixel_spacing_mm=[1.0, 1.0])
    with pytest.raises(ReadError, match=r'^cine.npz: .*"frame_period_s".* sidecar cine.json .*--frame-period'):
        read_sequence(path)


def test_without_spacing_both_ways_are_named(tmp_path: Path) -> None:
    path = archive(tmp_path, frame_period_s=0.3)
    with pytest.raises(ReadError, match=r'^cine.npz: .*"pixel_spacing_mm".* sidecar cine.json .*--pixel-spacing'):
        read_sequence(path)


def test_one_that_the_system_cannot_reach_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "cine.json").symlink_to("cine.json")
    with pytest.raises(ReadError, match=r"cine\.json cannot be read \(Too many levels of symbolic links\)"):
        read_sequence(archive(tmp_path, **TIMING))
