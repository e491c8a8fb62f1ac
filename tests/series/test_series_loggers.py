"""Traces as loggers write them: units in names, RPM files, codes among the samples, flags beside them, rows twice."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.series import TraceSource, read_recording, read_trace
from cinecast.series.not_measured import codes_of
from cinecast.series.units import in_seconds, split_unit

RATE, SAMPLES = 30.0, 300
TIMES = np.arange(SAMPLES) / RATE


def wave(scale: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.asarray(scale * (5 * np.sin(2 * np.pi * TIMES / 4.1) + rng.normal(0, 0.05, SAMPLES)))


def write(folder: Path, header: str, rows: list[str], name: str = "trace.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def table(folder: Path, header: str, times: np.ndarray, *columns: np.ndarray) -> Path:
    rows = [",".join(f"{value:.6g}" for value in row) for row in zip(times, *columns, strict=True)]
    return write(folder, header, rows)


# Units


@pytest.mark.parametrize(
    ("name", "base", "unit"),
    [
        ("Time (s)", "Time", "s"),
        ("timestamp_ms", "timestamp", "ms"),
        ("t [ms]", "t", "ms"),
        ("Amplitude (mm)", "Amplitude", "mm"),
        ("time.us", "time", "us"),
        ("time_s", "time", "s"),
        ("marker1_x", "marker1_x", None),
        ("y", "y", None),
    ],
)
def test_units_stand_in_names(name: str, base: str, unit: str | None) -> None:
    assert split_unit(name) == (base, unit)


@pytest.mark.parametrize(
    ("column", "scale"), [("timestamp_ms", 1e3), ("Time (s)", 1), ("TIME [us]", 1e6), ("t.min", 1 / 60), ("time_s", 1)]
)
def test_times_are_read_in_the_unit_of_their_name(tmp_path: Path, column: str, scale: float) -> None:
    rows = [f"{t * scale:.12g},{y:.4f}" for t, y in zip(TIMES, wave(), strict=True)]
    trace = read_trace(write(tmp_path, f"{column},Amplitude (mm)", rows))
    np.testing.assert_allclose(trace.times_s, TIMES, atol=1e-9)
    assert trace.columns == ("Amplitude (mm)",)


def test_milliseconds_without_a_name_are_not_taken_for_seconds(tmp_path: Path) -> None:
    path = table(tmp_path, "time,y", np.round(TIMES * 1e3), wave())
    with pytest.raises(
        ReadError, match=r"must be seconds, got samples 33 apart in column 'time' .* look like ms; name"
    ):
        read_trace(path)
    trace = read_trace(path, TraceSource(time_unit="ms"))
    np.testing.assert_allclose(trace.times_s, TIMES, atol=6e-4)
    assert trace.period_s == pytest.approx(1 / RATE, rel=1e-3)
    assert "in ms" in trace.history[0]
    assert read_trace(path, TraceSource(time_unit="s")).period_s == pytest.approx(1e3 / RATE, rel=1e-3)


@pytest.mark.parametrize(("period", "seconds"), [(2.9, True), (3.1, False), (6e-4, True), (4e-4, False)])
def test_times_without_a_unit_are_seconds_at_rates_that_a_trace_may_have(period: float, seconds: bool) -> None:
    times = period * np.arange(40)
    if seconds:
        assert in_seconds(times, "time", None, None, "a.csv")[1] == "s"
    else:
        with pytest.raises(ReadError, match="times without a unit must be seconds"):
            in_seconds(times, "time", None, None, "a.csv")


def test_a_unit_that_cannot_be_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read_trace(table(tmp_path, "time_s,y", np.round(TIMES * 1e3), wave()))
    assert "lie 33 s apart, further than those of any breathing trace; check the unit of column 'time_s'" in caplog.text


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"times must be in s, ms, us, min, got 'hh:mm' in column 'Time \(hh:mm\)'"):
        read_trace(table(tmp_path, "Time (hh:mm),y", TIMES, wave()))


def test_a_line_of_units_and_comments(tmp_path: Path) -> None:
    rows = [f"{t * 1e3:.4f},{y:.4f}" for t, y in zip(TIMES, wave(), strict=True)]
    trace = read_trace(write(tmp_path, "# logger 1.2\n#\ntime,y", ["ms,mm", *rows]))
    np.testing.assert_allclose(trace.times_s, TIMES, atol=1e-6)
    assert len(trace.samples) == SAMPLES


def test_a_line_of_text_that_is_no_units_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"cells must be numbers with a decimal point, got 'in' in column 'y', line 2"):
        read_trace(write(tmp_path, "time_s,y", ["s,in", "0,1", "1,2"]))


def test_a_phase_is_an_angle(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = table(tmp_path, "time_s,y,phase", TIMES, wave(), TIMES % 6.28)
    with caplog.at_level(logging.WARNING):
        read_trace(path, TraceSource(columns=("y",)))
        assert not caplog.text
        read_trace(path)
    assert "column 'phase' of trace.csv is an angle" in caplog.text


# RPM

LAYOUT = "amplitude,phase,timestamp,validflag,ttlin,mark,ttlout"


def vxp(folder: Path, *, header: dict[str, str] | None = None, flags: dict[int, int] | None = None) -> Path:
    """Write a file as RPM 1.6 does: amplitude in cm, timestamp in ms, a mark at few rows alone."""
    facts = {"CRC": "29577", "Version": "1.6", "Data_layout": LAYOUT, "Patient_ID": "Doe^Jane", "Date": "01-02-2025"}
    facts |= {"Total_study_time": "10.0", "Samples_per_second": "30", "Scale_factor": "10.0"} | (header or {})
    lines = ["[Header]", *(f"{name}={value}" for name, value in facts.items() if value), "[Data]"]
    for i, (t, y) in enumerate(zip(TIMES, wave(), strict=True)):
        flag, mark = (flags or {}).get(i, 0), "P" if i % 123 == 7 else ""
        lines.append(f"{y / 10:.4f},{t / 4.1 * 6.283 % 6.283:.4f},{round(5000 + t * 1000)},{flag},0,{mark},0")
    path = folder / "rpm.vxp"
    path.write_bytes("\r\n".join([*lines, ""]).encode())
    return path


def test_rpm_amplitudes_are_in_mm_and_times_in_s(tmp_path: Path) -> None:
    trace = read_trace(vxp(tmp_path, flags={40: -1, 41: -1, 90: -2}))
    assert (trace.name, trace.columns) == ("rpm", ("amplitude",))
    assert np.flatnonzero(trace.lost).tolist() == [40, 41]
    kept = ~trace.lost
    np.testing.assert_allclose(trace.samples[kept, 0], wave()[kept], atol=6e-4)
    np.testing.assert_allclose(trace.times_s, 5 + TIMES, atol=1e-3)
    said = " ".join(trace.history)
    assert "amplitude in mm (Scale_factor 10)" in said
    assert "2 sample(s) flagged as lost" in said
    assert "1 sample(s) flagged as not periodic, taken as measured" in said
    assert "Doe" not in said


def test_rpm_files_are_known_by_their_content(tmp_path: Path) -> None:
    path = vxp(tmp_path).rename(tmp_path / "trace.csv")
    assert read_trace(path).columns == ("amplitude",)


def test_other_columns_of_rpm_may_be_asked_for(tmp_path: Path) -> None:
    trace = read_trace(vxp(tmp_path), TraceSource(columns=("phase", "amplitude")))
    assert trace.columns == ("phase", "amplitude")
    np.testing.assert_allclose(trace.samples[:, 1], wave(), atol=6e-4)
    assert trace.samples[:, 0].max() < 6.29


def test_rpm_without_a_scale_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trace = read_trace(vxp(tmp_path, header={"Scale_factor": ""}, flags={3: 1}))
    np.testing.assert_allclose(trace.samples[:, 0], wave() / 10, atol=6e-5)
    assert "names no Scale_factor: its amplitudes are left as they are, which is cm as a rule" in caplog.text
    assert "1 sample(s) of rpm.vxp have flags other than 0, -1 and -2, and are taken as measured" in caplog.text


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"Data_layout": ""}, "must have the column 'amplitude', got no layout in rpm.vxp"),
        (
            {"Data_layout": LAYOUT.replace("timestamp", "clock")},
            "must have the column 'timestamp', got amplitude, phase",
        ),
        ({"Samples_per_second": "25"}, None),
        ({"Samples_per_second": "15"}, r"must agree, got 30(\.3)? Hz and 15 Hz in rpm.vxp; say which"),
        ({"Data_layout": LAYOUT + ",more"}, "one cell per column, got 7 for 8 columns in line 11"),
    ],
)
def test_rpm_headers_that_do_not_fit(tmp_path: Path, header: dict[str, str], sentence: str | None) -> None:
    path = vxp(tmp_path, header=header)
    if sentence is None:
        assert read_trace(path).period_s == pytest.approx(1 / RATE, rel=1e-3)
        return
    with pytest.raises(ReadError, match=sentence):
        read_trace(path)


def test_rpm_files_cut_short(tmp_path: Path) -> None:
    whole = vxp(tmp_path).read_bytes()
    path = tmp_path / "cut.vxp"
    path.write_bytes(whole[: whole.index(b"[Data]")])
    with pytest.raises(ReadError, match=r"must have a part \[Data\], got none in cut.vxp"):
        read_trace(path)
    path.write_bytes(whole[: whole.index(b"[Data]") + 8])
    with pytest.raises(ReadError, match=r"needs samples below \[Data\], got none in cut.vxp"):
        read_trace(path)


@pytest.mark.parametrize(
    "source", [TraceSource(array="a"), TraceSource(time_column="t"), TraceSource(valid_when=("valid", 1.0))]
)
def test_options_that_are_not_for_rpm(tmp_path: Path, source: TraceSource) -> None:
    with pytest.raises(ReadError, match=r"is for other files than those of RPM"):
        read_trace(vxp(tmp_path), source)


# Codes among the samples


def with_codes(values: np.ndarray, places: list[int], code: float) -> np.ndarray:
    changed = values.copy()
    changed[places] = code
    return changed


@pytest.mark.parametrize(
    ("code", "places"),
    [(-9999.0, [20, 21, 22]), (-9999.0, [33]), (9999.0, [0, 299]), (25.0, [50, 51, 120]), (-1000.0, list(range(40)))],
)
def test_codes_are_named_with_their_rows_and_become_gaps(tmp_path: Path, code: float, places: list[int]) -> None:
    path = table(tmp_path, "time_s,y", TIMES, with_codes(wave(), places, code))
    with pytest.raises(ReadError) as refused:
        read_trace(path)
    sentence = str(refused.value)
    assert f"got {code:g} in column 'y' {len(places)} time(s) (line {places[0] + 2}" in sentence
    assert f"give --missing {code:g} if that means no sample" in sentence
    given = read_recording(path, TraceSource(missing=(code,)))
    assert np.flatnonzero(~given.measured).tolist() == places
    assert f"{len(places)} sample(s) hold {code:g} and count as missing" in " ".join(given.history)
    assert read_recording(path, TraceSource(missing=())).measured.all()


def test_several_codes_and_a_marker_at_the_origin(tmp_path: Path) -> None:
    counts = np.round(2048 + 200 * wave())
    assert codes_of(with_codes(with_codes(counts, [0, 61, 122], 5000), [150, 151], 5003)) == [5000, 5003]
    both = with_codes(with_codes(wave(), [5], -9999), [90], 9999)
    assert codes_of(both) == [-9999, 9999]
    assert codes_of(with_codes(100 + wave(), [60, 61, 62], 0.0)) == [0.0]


@pytest.mark.parametrize(
    "values",
    [
        wave(),
        np.round(wave()),
        wave() + np.where(TIMES > 8, 25 * np.clip(TIMES - 8, 0, 0.5), 0),  # a deep breath, held
        np.where(TIMES < 9.9, 3.0, 4.0),
        np.zeros(SAMPLES),
        np.cumsum(np.random.default_rng(1).normal(size=SAMPLES)),
        (np.arange(SAMPLES) % 61 == 0).astype(float),
        np.random.default_rng(2).standard_t(3, SAMPLES),
    ],
)
def test_what_is_measured_holds_no_codes(values: np.ndarray) -> None:
    assert codes_of(values) == []


def zigzag(frames: int, step: float) -> np.ndarray:
    """Return a wave from 0 to 1 and back, which goes on by the same step from sample to sample."""
    return np.asarray(np.abs((step * np.arange(frames) + 1) % 2 - 1))


@pytest.mark.parametrize(
    ("frames", "step", "above", "places", "found"),
    [
        (101, 0.02, 10.5, [50], True),  # alone: more than ten times the range of the others away
        (101, 0.02, 9.5, [50], False),
        (101, 0.02, 0.55, [20, 60], True),  # twice: more than half of it
        (101, 0.02, 0.45, [20, 60], False),
        (101, 0.2, 1.1, [20, 60], True),  # and more than five times the largest step
        (101, 0.2, 0.9, [20, 60], False),
        (100, 0.02, 10.5, list(range(40, 60)), True),  # in a fifth of the samples
        (100, 0.02, 10.5, list(range(40, 61)), False),
        (20, 0.1, 10.5, [11], True),
        (19, 0.1, 10.5, [11], False),
    ],
)
def test_what_is_far_enough_to_be_a_code(
    frames: int, step: float, above: float, places: list[int], found: bool
) -> None:
    samples = zigzag(frames, step)
    samples[places] = 1 + above
    assert codes_of(samples) == ([1 + above] if found else [])
    assert codes_of(-7 * samples) == ([-7 * (1 + above)] if found else [])


@pytest.mark.parametrize("number", [3, 4])
def test_no_more_than_three_different_numbers_are_codes(number: int) -> None:
    samples = zigzag(101, 0.02)
    codes = [50.0, 51.0, 52.0, 53.0][:number]
    samples[[10, 30, 50, 70][:number]] = codes
    assert codes_of(samples) == (codes if number == 3 else [])


@pytest.mark.shared
def test_real_markers_hold_no_codes(shared: Path) -> None:
    for path in sorted((shared / "data" / "markers").glob("markers-*.npz")):
        with np.load(path) as arrays:
            assert all(codes_of(row) == [] for name in arrays.files for row in arrays[name])


# Flags


def test_flags_by_the_convention_of_rpm(tmp_path: Path) -> None:
    flags = np.where(np.arange(SAMPLES) % 97 == 5, -1, 0)
    trace = read_trace(table(tmp_path, "time_s,y,valid", TIMES, wave(), flags))
    assert trace.columns == ("y",)
    assert np.flatnonzero(trace.lost).tolist() == np.flatnonzero(flags).tolist()
    assert "4 sample(s) flagged as lost in column 'valid'" in trace.history


def test_other_flags_are_asked_for(tmp_path: Path) -> None:
    path = table(tmp_path, "time_s,y,valid", TIMES, wave(), np.arange(SAMPLES) % 97 != 5)
    with pytest.raises(
        ReadError, match=r"flags must be 0 for a good sample.*got 1 in column 'valid'.*--valid-when valid="
    ):
        read_trace(path)
    trace = read_trace(path, TraceSource(valid_when=("valid", 1.0)))
    assert np.flatnonzero(trace.lost).tolist() == [5, 102, 199, 296]
    assert "4 sample(s) whose 'valid' is not 1 count as missing" in trace.history
    assert read_trace(path, TraceSource(columns=("y", "valid"))).samples.shape == (SAMPLES, 2)


def test_empty_cells_are_gaps(tmp_path: Path) -> None:
    rows = [f"{t:.4f},{'' if 50 <= i < 53 else y}" for i, (t, y) in enumerate(zip(TIMES, wave(), strict=True))]
    trace = read_trace(write(tmp_path, "time_s,y", rows))
    assert np.flatnonzero(trace.lost).tolist() == [50, 51, 52]
    assert "3 of 300 samples are missing: 3 filled in from their neighbours" in trace.history


@pytest.mark.parametrize(
    ("header", "sample", "missing"),
    [
        ("y,z", "{0:.5g},{0:.5g}", ","),
        ("y", "{0:.5g}", '""'),
        ("y,valid", "{0:.5g},0", ","),
        ("time_s,y", "0,{0:.5g}", " , "),
    ],
)
def test_empty_lines_are_missing_samples_where_times_are_counted(
    tmp_path: Path, header: str, sample: str, missing: str
) -> None:
    own = wave()
    rows = [missing if i in (50, 51, 52) else sample.format(y) for i, y in enumerate(own)]
    trace = read_trace(write(tmp_path, header, [*rows, "", ""]), TraceSource(sample_rate_hz=RATE))
    assert np.flatnonzero(trace.lost).tolist() == [50, 51, 52]
    np.testing.assert_allclose(trace.samples[53:, 0], own[53:], rtol=1e-4)
    np.testing.assert_allclose(trace.times_s, TIMES, atol=1e-9)


def test_blank_lines_between_samples_are_asked_for_where_times_are_counted(tmp_path: Path) -> None:
    lines = [f"{y:.5g}" for y in wave()]
    path = write(tmp_path, "y", [*lines[:50], "", "", *lines[50:], ""])
    with pytest.raises(
        ReadError, match=r"got 2 blank line\(s\) between samples of trace.csv \(line 52 to 53\); write nan"
    ):
        read_trace(path, TraceSource(sample_rate_hz=RATE))
    timed = [f"{t:.4f},{y}" for t, y in zip(TIMES, lines, strict=True)]
    assert len(read_trace(write(tmp_path, "time_s,y", [*timed[:50], "", *timed[50:]])).samples) == SAMPLES


# Rows twice


def test_rows_that_stand_there_twice_count_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{t:.4f},{y:.4f}" for t, y in zip(TIMES, wave(), strict=True)]
    twice = [*rows[:10], rows[9], *rows[10:20], rows[19], rows[19], *rows[20:]]
    trace = read_trace(write(tmp_path, "time_s,y", twice))
    assert len(trace.samples) == SAMPLES
    assert not trace.lost.any()
    assert "3 row(s) stand there twice and count once (line 12, 23 to 24)" in caplog.text
    assert "3 row(s) stand there twice and count once (line 12, 23 to 24)" in trace.history


def test_two_samples_of_one_time_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "time_s,y", np.repeat(np.round(TIMES[::2], 2), 2), wave())
    with pytest.raises(
        ReadError, match=r"got 150 with the time of the one before.*\(line 3, 5, 7, 9, 11 and 145 more\)"
    ):
        read_trace(path)
    assert len(read_trace(path, TraceSource(sample_rate_hz=RATE)).samples) == SAMPLES
