"""A frame period that the user gives and that the file contradicts is said, with both numbers, in every format."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK

from cinecast.frames import read_sequence
from cinecast.frames.given_period import contradicted_period, contradicted_step, contradicted_times
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

FRAMES = breathing(0, 24, shape=(64, 56)).astype(np.int16)
PAUSED = np.array([0.25 * t + (3.0 if t > 11 else 0.0) for t in range(24)])


def nifti(path: Path, step: float, unit: str) -> Path:
    image = nibabel.Nifti1Image(FRAMES.transpose(2, 1, 0)[:, :, np.newaxis], np.eye(4))
    image.header.set_zooms((1.0, 1.0, 1.0, step))
    image.header.set_xyzt_units("mm", unit)
    nibabel.save(image, path)
    return path


def beside(path: Path, **content: object) -> Path:
    path.with_name(path.name.split(".")[0] + ".json").write_text(json.dumps(content))
    return path


def mha(path: Path, step: float, rate: float | None = None) -> Path:
    image = SimpleITK.JoinSeries([SimpleITK.GetImageFromArray(frame) for frame in FRAMES])
    image.SetSpacing((1.0, 1.0, step))
    SimpleITK.WriteImage(image, str(path))
    if rate is not None:
        (path.parent / "frame-rate.json").write_text(json.dumps(rate))
    return path


def nrrd(path: Path, index: str = "", unit: str = "", step: str = "nan") -> Path:
    lines = ["NRRD0005", "type: short", "dimension: 3", "sizes: 24 56 64", "encoding: raw", "endian: little"]
    lines += ["kinds: list domain domain", f"spacings: {step} 1 1", f'units: "{unit}" "mm" "mm"']
    lines += [f"axis 0 index values:={index}"] if index else []
    header = "\n".join(lines) + "\n\n"
    path.write_bytes(header.encode() + FRAMES.transpose(1, 2, 0).tobytes())
    return path


def npz(path: Path, **times: object) -> Path:
    np.savez(path, frames=FRAMES, pixel_spacing_mm=[1.0, 1.0], **times)
    return path


SPACES = " ".join(str(250 * t) for t in range(24))
WITH_ANOTHER_PERIOD = {
    "NIfTI header": lambda root: nifti(root / "a.nii", 250, "msec"),
    "NIfTI header and RepetitionTime of a.json": lambda root: beside(
        nifti(root / "a.nii", 0.25, "sec"),
        ConversionSoftware="dcm2niix",
        RepetitionTime=0.25,
        RepetitionTimeExcitation=0.004,
    ),
    "FrameTimesStart of a.json": lambda root: beside(
        nifti(root / "a.nii", 0.25, "sec"),
        ConversionSoftware="dcm2niix",
        FrameTimesStart=[0.25 * t for t in range(24)],
    ),
    "frame-rate.json": lambda root: mha(root / "a.mha", 1.0, 4.0),
    "axis 0 index values of the NRRD header": lambda root: nrrd(root / "a.nrrd", SPACES, "ms"),
    "step of the time axis in the NRRD header": lambda root: nrrd(root / "a.nrrd", unit="s", step="0.25"),
    "times_s of the NPZ file": lambda root: npz(root / "a.npz", times_s=0.25 * np.arange(24)),
    "frame_period_s of the NPZ file": lambda root: npz(root / "a.npz", frame_period_s=0.25),
    "sidecar a.json": lambda root: beside(nifti(root / "a.nii", 0, "unknown"), frame_period_s=0.25),
}


def said(path: Path, period_s: float, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(path, FramesSettings(frame_period_s=period_s, pixel_spacing_mm=(1.0, 1.0)))
    np.testing.assert_allclose(sequence.times_s, period_s * np.arange(24))
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("origin", WITH_ANOTHER_PERIOD)
def test_the_period_of_every_format_is_held_against_the_one_given(
    tmp_path: Path, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = WITH_ANOTHER_PERIOD[origin](tmp_path)
    assert said(path, 0.3, caplog) == [f"--frame-period 0.3 s counts, and not 0.25 s, 17 % shorter ({origin})"]
    assert said(path, 0.2, caplog) == [f"--frame-period 0.2 s counts, and not 0.25 s, 25 % longer ({origin})"]
    assert said(path, 0.252, caplog) == []


@pytest.mark.parametrize(
    ("write", "step"),
    [
        (lambda root: nifti(root / "a.nii", 250, "unknown"), 250),
        (lambda root: mha(root / "a.mha", 0.25), 0.25),
        (lambda root: nrrd(root / "a.nrrd", SPACES), 250),
        (lambda root: mha(root / "a.nrrd", 0.25), 0.25),
        (lambda root: nrrd(root / "a.nrrd", step="250000"), 250000),
    ],
)
def test_a_step_without_a_unit_must_be_the_period_in_some_unit(
    tmp_path: Path, write: object, step: float, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path)  # type: ignore[operator]
    (sentence,) = said(path, 0.3, caplog)
    assert sentence.startswith(f"--frame-period 0.3 s counts, and not the step of {step:g} along time in the header:")
    assert said(path, 0.25, caplog) == []


@pytest.mark.parametrize("write", [lambda root: nifti(root / "a.nii", 1, "sec"), lambda root: mha(root / "a.mha", 1)])
def test_a_step_of_one_says_nothing(tmp_path: Path, write: object, caplog: pytest.LogCaptureFixture) -> None:
    assert said(write(tmp_path), 0.3, caplog) == []  # type: ignore[operator]


def test_a_pause_that_is_counted_over_is_said() -> None:
    (sentence,) = contradicted_times(0.25, PAUSED, "times_s of the NPZ file")
    assert sentence == (
        "the file has 1 interval(s) of another length, up to 3.25 s (times_s of the NPZ file); "
        "--frame-period counts as if all were alike"
    )


def test_a_clock_of_whole_seconds_says_how_long_all_took() -> None:
    coarse = np.floor(0.3145 * np.arange(72))
    assert contradicted_times(0.3145, coarse, "clock") == []
    assert contradicted_times(0.32, coarse, "clock") == []
    (sentence,) = contradicted_times(0.2, coarse, "clock")
    assert sentence == "--frame-period 0.2 s counts, and not 0.31 s or so on the average, 55 % longer (clock)"


def test_times_that_say_nothing() -> None:
    assert contradicted_times(0.2, np.zeros(9), "clock") == []
    assert contradicted_times(0.2, np.array([0.0]), "clock") == []
    assert contradicted_times(0.2, np.array([0.0, 1.0, 0.5]), "clock") == []
    assert contradicted_step(0.2, None) == []
    assert contradicted_step(0.2, float("nan")) == []


def test_large_differences_are_told_as_factors() -> None:
    (sentence,) = contradicted_period(0.3, 300.0, "NIfTI header")
    assert sentence == "--frame-period 0.3 s counts, and not 300 s, 1000 times as long (NIfTI header)"
