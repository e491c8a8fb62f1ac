"""Times of dcm2niix: what its JSON says wins over the header, and what it cannot say is said."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.converter_json import converter_times
from cinecast.frames.nifti import read_nifti
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

FRAMES = breathing(2, count=20).astype(np.uint16)
KNOWN = {"ConversionSoftware": "dcm2niix", "Manufacturer": "Siemens"}


def converted(folder: Path, content: object, period: float = 0.2, name: str = "cine.nii.gz") -> Path:
    image = nibabel.Nifti1Image(FRAMES.transpose(2, 1, 0)[:, :, np.newaxis], np.diag([1.5, 1.5, 5, 1]))
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = period
    nibabel.save(image, folder / name)
    (folder / "cine.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder / name


def test_listed_times_win_over_the_mean_of_the_header(tmp_path: Path) -> None:
    times = np.round(0.2 * np.arange(20) + 0.004 * (np.arange(20) % 3) + 5, 4)
    path = converted(tmp_path, {**KNOWN, "FrameTimesStart": times.tolist()}, 0.21)
    sequence = read_sequence(path)
    np.testing.assert_allclose(sequence.times_s, times - times[0])
    assert sequence.origins["frame_period_s"].startswith("FrameTimesStart of cine.json")
    assert "sidecar" not in sequence.origins


def test_a_pause_is_where_it_was(tmp_path: Path) -> None:
    times = 0.2 * np.arange(20) + 3.0 * (np.arange(20) >= 10)
    path = converted(tmp_path, {**KNOWN, "FrameTimesStart": times.tolist(), "RepetitionTime": 0.358}, times[-1] / 19)
    source = read_nifti(path, FramesSettings())
    assert source.times_s is not None
    np.testing.assert_allclose(source.times_s, times)
    assert "the NIfTI header has 0.3579 s, their mean" in source.origins["frame_period_s"]


def test_the_same_list_by_its_name_in_bids(tmp_path: Path) -> None:
    times = (0.21 * np.arange(20)).tolist()
    path = converted(tmp_path, {"VolumeTiming": times})
    np.testing.assert_allclose(read_sequence(path).times_s, times)


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([0.0], r"one time for each of the 20 frames, got 1: .*order may be; .* DICOM"),
        ([0.2 * t for t in (1, 0, *range(2, 20))], r"must increase, got 0.2 s and then 0 s at frame 1: .*not in order"),
        ([0.0, 0.0, *(0.2 * t for t in range(2, 20))], r"must increase, got 0 s and then 0 s"),
        ("0 0.2", r"must be a list of times in s"),
        ([True] * 20, r"must be a list of times in s"),
        ([1e300] * 20, r"must be a list of times in s"),
    ],
)
def test_times_that_do_not_fit_are_refused_whatever_period_is_given(tmp_path: Path, times: Any, sentence: str) -> None:
    path = converted(tmp_path, {**KNOWN, "FrameTimesStart": times})
    for settings in (FramesSettings(), FramesSettings(frame_period_s=0.2)):
        with pytest.raises(ReadError, match=f"FrameTimesStart of cine.json .*{sentence}"):
            read_sequence(path, settings)


@pytest.mark.parametrize("settings", [FramesSettings(), FramesSettings(frame_period_s=0.2)])
def test_a_list_that_is_broken_off_means_frames_out_of_order(tmp_path: Path, settings: FramesSettings) -> None:
    path = converted(tmp_path, '{"Modality": "MR",\n"FrameTimesStart": [\n\t0,\n],\n"RepetitionTime": 0.04}')
    with pytest.raises(
        ReadError, match=r"cine.json must be JSON, got .*dcm2niix writes it so .*frames .* out of order"
    ):
        read_sequence(path, settings)


def test_other_faults_of_json_are_not_blamed_on_dcm2niix(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"cine.json must be JSON, got .* at line 1; mend it there"):
        read_sequence(converted(tmp_path, '{"FrameTimesStart": [0, 0.2], }'))


@pytest.mark.parametrize(
    ("content", "period", "said", "origin"),
    [
        ({"RepetitionTime": 0.2, "RepetitionTimeExcitation": 0.004}, 0.2, None, "NIfTI header and RepetitionTime"),
        ({"RepetitionTime": 0.04}, 0.04, "may be the time between excitations", "may be the time between excitations"),
        ({"RepetitionTime": 0.004}, 0.2, "is 0.2 s, RepetitionTime of cine.json 0.004 s", "says 0.004 s"),
        ({}, 0.2, None, "NIfTI header"),
        ({"RepetitionTime": "fast"}, 0.2, None, "NIfTI header"),
    ],
)
def test_where_the_period_comes_from_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: dict[str, Any], period: float, said: str, origin: str
) -> None:
    path = converted(tmp_path, KNOWN | content, period)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(path)
    assert sequence.frame_period_s == pytest.approx(period)
    assert origin in sequence.origins["frame_period_s"]
    assert (said in caplog.text) if said else not caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(path, FramesSettings(frame_period_s=0.2))
    counted = f"--frame-period 0.2 s counts, and not {period} s, 80 % shorter ({sequence.origins['frame_period_s']})"
    assert [record.getMessage() for record in caplog.records] == ([] if period == 0.2 else [counted])


@pytest.mark.parametrize(
    ("start", "doubted"),
    [
        ("23:59:55.000000", True),
        ("235955.0", True),
        ("23:59:50.000000", False),
        ("23:59:58.000000", False),
        ("12:00:00.000000", False),
        ("soon", False),
        (None, False),
    ],
)
def test_a_period_that_dcm2niix_made_across_midnight_is_doubted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, start: str | None, doubted: bool
) -> None:
    # Frames come every 0.3 s from 23:59:55 on. The last one before midnight is the 17th; 19 intervals share its time.
    period = 16 * 0.3 / 19
    path = converted(
        tmp_path,
        {**KNOWN, "RepetitionTime": period, "RepetitionTimeExcitation": 0.004, "AcquisitionTime": start},
        period,
    )
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(path)
    sentence = "its 20 frames of 0.2526 s would end just before midnight, by AcquisitionTime of cine.json"
    assert (sentence in caplog.text) if doubted else not caplog.text


def test_a_sidecar_of_ours_is_none_of_a_converter(tmp_path: Path) -> None:
    path = converted(tmp_path, {"frame_period_s": 0.3})
    assert converter_times(path, 20, 0.2, "NIfTI header") == (None, None, ())
