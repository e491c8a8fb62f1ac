"""The unit of a series: as the file says it, or as the user does where the file does not; no contradictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import CinecastError, ReadError
from cinecast.series import TraceSource, keep_every, read_trace, resample, resample_causally
from cinecast.series.reader import read_recording
from cinecast.series.units import column_unit, with_unit


def csv(folder: Path, header: str, units: str = "") -> Path:
    columns = header.count(",")
    lines = [f"{t / 10},{','.join(str((t * 7 + k) % 5) for k in range(columns))}" for t in range(40)]
    path = folder / "belt.csv"
    path.write_text("\n".join([header, *([units] if units else []), *lines]))
    return path


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("x_mm", "mm"),
        ("x [cm]", "cm"),
        ("Amplitude (a.u.)", "a.u."),
        ("x1", None),
        ("phase_m", None),
        ("marker_x", None),
    ],
)
def test_units_in_names(name: str, unit: str | None) -> None:
    assert column_unit(name) == unit


def test_a_name_that_holds_its_unit_does_not_get_it_twice() -> None:
    assert [with_unit(*each) for each in (("x_mm", "mm"), ("x", "mm"), ("x", ""))] == ["x_mm", "x (mm)", "x"]


@pytest.mark.parametrize(
    ("header", "units", "given", "unit"),
    [
        ("time_s,x,y", "", None, ""),
        ("time_s,x,y", "", "mm", "mm"),
        ("time_s,x_mm,y_mm", "", None, "mm"),
        ("time_s,x_mm,y_mm", "", "MM", "MM"),
        ("time_s,x_mm,y_cm", "", None, ""),
        ("time_s,x_mm,y", "", None, ""),
        ("time,x,y", "s,cm,cm", None, "cm"),
        ("time,x,y", "s,-,-", None, ""),
    ],
)
def test_the_unit_of_a_file(tmp_path: Path, header: str, units: str, given: str | None, unit: str) -> None:
    assert read_trace(csv(tmp_path, header, units), TraceSource(unit=given)).unit == unit


def test_columns_of_different_units_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_trace(csv(tmp_path, "time_s,x_mm,y_MM,z"))
    assert not caplog.records
    read_trace(csv(tmp_path, "time_s,x_mm,y_cm,z_mm"), TraceSource(columns=("x_mm", "z_mm")))
    assert not caplog.records
    read_trace(csv(tmp_path, "time_s,x_mm,y_cm,z_mm"))
    assert "have different units, such as mm in 'x_mm' and cm in 'y_cm': errors and bands of all" in caplog.text


def test_another_unit_than_that_of_the_file_is_refused(tmp_path: Path) -> None:
    sentence = "--unit must be what belt.csv says itself, got mm where column 'y_cm' is in cm; leave --unit out"
    with pytest.raises(ReadError, match=sentence):
        read_trace(csv(tmp_path, "time_s,x_mm,y_cm"), TraceSource(unit="mm"))


def test_a_name_and_a_line_of_units_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="a column has one unit, got cm in the line below the header for column 'x_mm'"):
        read_trace(csv(tmp_path, "time,x_mm", "s,cm"))


@pytest.mark.parametrize("unit", ["", " mm", "millimetres and more", "m\nm"])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(CinecastError, match="--unit must be 1 to 12 letters or signs"):
        TraceSource(unit=unit)


def test_another_rate_keeps_the_unit(tmp_path: Path) -> None:
    recording = read_recording(csv(tmp_path, "time_s,x_mm"))
    trace = read_trace(csv(tmp_path, "time_s,x_mm"))
    found = [keep_every(trace, 2), resample(trace, 5), resample_causally(recording, 9, 1.0)]
    assert [each.unit for each in found] == ["mm"] * 3


def test_arrays_have_the_unit_that_is_given(tmp_path: Path) -> None:
    np.savez(tmp_path / "belt.npz", series=np.arange(40.0).reshape(20, 2) % 7, rate_hz=10.0)
    assert read_trace(tmp_path / "belt.npz").unit == ""
    assert read_trace(tmp_path / "belt.npz", TraceSource(unit="mm")).unit == "mm"
