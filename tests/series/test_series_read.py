"""Traces from CSV and NPZ: what is read, and one sentence for everything that cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cinecast.errors import ReadError, SettingsError
from cinecast.series import Trace, TraceSource, read_trace
from cinecast.store.tables import write_table
from helpers.npz_files import change_member


def _csv(folder: Path, text: str) -> Path:
    path = folder / "trace.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _npz(folder: Path, **named: object) -> Path:
    path = folder / "trace.npz"
    np.savez(path, **named)  # type: ignore[arg-type]
    return path


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=2), elements=st.floats(-1e9, 1e9)))
def test_csv_gives_back_every_bit(tmp_path_factory: pytest.TempPathFactory, samples: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("csv") / "trace.csv"
    times = np.arange(len(samples)) * 0.1
    names = [f"c{k}" for k in range(samples.shape[1])]
    write_table(path, ["time_s", *names], np.column_stack([times, samples]).tolist())
    trace = read_trace(path)
    np.testing.assert_array_equal(trace.samples, samples)
    np.testing.assert_array_equal(trace.times_s, times)
    assert trace.columns == tuple(names)
    assert (trace.name, trace.named) == ("trace", True)


@pytest.mark.parametrize(
    "text",
    [
        "time_s,a,b\n0,1,2\n0.5,3,4\n",
        "a;Time;b\r\n1;0;2\r\n\r\n3;0.5;4\r\n",
        "a\tb\tt\n1\t2\t0\n3\t4\t0.5\n",
        '\ufeff"a", "b",time\n1,2,0\n3,4,0.5',
    ],
)
def test_csv_dialects_and_time_columns(tmp_path: Path, text: str) -> None:
    trace = read_trace(_csv(tmp_path, text))
    assert {name.strip('" ') for name in trace.columns} == {"a", "b"}
    np.testing.assert_array_equal(trace.samples, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(trace.times_s, [0, 0.5])


@pytest.mark.parametrize(
    "text",
    [
        "t,a,b,\n0,1,2,\n0.5,3,4,\n",
        "t,a,b, ,\n0,1,2,,\n0.5,3,4,,\n",
        "t,a,b,\n0,1,2\n0.5,3,4\n",
        "t;a;b;\ns;mm;mm;\n0;1;2;\n;;;\n0.5;3;4;\n",
    ],
)
def test_separators_at_the_ends_of_lines_are_no_columns(tmp_path: Path, text: str) -> None:
    trace = read_trace(_csv(tmp_path, text))
    assert trace.columns == ("a", "b")
    np.testing.assert_array_equal(trace.samples, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(trace.times_s, [0, 0.5])


def test_one_column_is_enough(tmp_path: Path) -> None:
    assert read_trace(_csv(tmp_path, "t,a\n0,1\n1,2\n")).samples.shape == (2, 1)


def test_columns_and_time_column_are_chosen_by_name(tmp_path: Path) -> None:
    path = _csv(tmp_path, "clock,a,note,b\n0,1,in,2\n1,3,out,4\n")
    trace = read_trace(path, TraceSource(time_column="clock", columns=("b", "a")))
    assert trace.columns == ("b", "a")
    np.testing.assert_array_equal(trace.samples, [[2, 1], [4, 3]])


def test_a_rate_replaces_the_times(tmp_path: Path) -> None:
    path = _csv(tmp_path, "t,a\n0,1\n0,2\n0,3\n")
    np.testing.assert_allclose(read_trace(path, TraceSource(sample_rate_hz=4)).times_s, [0, 0.25, 0.5])
    without = read_trace(_csv(tmp_path, "a,b\n1,2\n2,3\n"), TraceSource(sample_rate_hz=4))
    assert without.samples.shape == (2, 2)
    assert "4 Hz (--sample-rate)" in without.history[0]


CSV_MISTAKES = {
    "empty file": ("", "must hold a series, got an empty file"),
    "blank header": ("\n1,2\n", "must begin with a header, got an empty line"),
    "no header": ("0,1\n1,2\n", "must begin with a header of names, got the number.* 0, 1"),
    "no samples": ("t,a\n", "needs samples below its header, got none"),
    "one sample": ("t,a\n0,1\n", "at least 2 samples, got 1"),
    "no time column": ("a,b\n1,2\n2,3\n", "needs a time column called time_s, time, t, got a, b .*--time-column"),
    "only times": ("t\n0\n1\n", "at least one column beside its times, each once, got none"),
    "same name twice": ("t,a,a\n0,1,2\n", "columns must have different names, got 'a' twice in trace.csv; rename one"),
    "nameless column": (
        "t,a,\n0,1,2\n",
        "every column must have a name, got none for column 3 of 3 in trace.csv",
    ),
    "nameless columns": (",,\n0,1,2\n", "every column must have a name, got none for column 1 of 3"),
    "nameless within": ("t,,a\n0,,2\n", "every column must have a name, got none for column 2 of 3"),
    "longer than the header": ("t,a,\n0,1,,\n", "one cell per column, got 4 for 2 columns in line 2"),
    "text cell": ("t,a\n0,1\n1,two\n", "cells must be numbers .* got 'two' in column 'a', line 3"),
    "underscore": ("t,a\n0,1\n1,1_000\n", "got '1_000' in column 'a', line 3"),
    "time of day": (
        "t,a\n10:15:00,1\n10:15:01,2\n",
        "got '10:15:00' in column 't', line 2 .*as seconds.*--time-column.*-rate",
    ),
    "decimal comma": ('t;a\n0;1\n1;"1,5"\n', "with a decimal point, got '1,5' .*; write a point for each decimal"),
    "hardly any": ("t,a\n0,1\n1,nan\n2,\n", "at least 2 samples, got 1 measured in all columns"),
    "infinity": ("t,a\n0,1\n1,-inf\n", "got -inf in column 'a' at sample 1"),
    "short line": ("t,a,b\n0,1,2\n1,2\n", "one cell per column, got 2 for 3 columns in line 3"),
    "open quote": ('t,a\n0,1\n1,"2\n', "must be CSV, got"),
    "time missing": ("t,a\n0,1\n,2\n2,3\n", "times must be finite numbers of seconds, got nan at sample 1"),
    "same time twice": ("t,a\n0,1\n1,2\n1,3\n", r"a time each, got 1 with the time of the one before .*\(line 4\)"),
    "times go back": ("t,a\n0,1\n2,2\n1,3\n", "times must increase, got 2 s then 1 s at sample 2"),
    "irregular": ("t,a\n0,1\n1,2\n2,3\n3.4,4\n", r"got 1.4 s after the sample with number 2 .*--causal-rate 0.882"),
}


@pytest.mark.parametrize("mistake", CSV_MISTAKES)
def test_csv_mistakes(tmp_path: Path, mistake: str) -> None:
    text, sentence = CSV_MISTAKES[mistake]
    path = _csv(tmp_path, text)
    with pytest.raises(ReadError, match=sentence):
        read_trace(path)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (TraceSource(time_column="clock"), "--time-column must name a column .* got 'clock'; choose one of t, a"),
        (TraceSource(columns=("b",)), "--column must name a column .* got 'b'; choose one of t, a"),
        (TraceSource(columns=("t",)), "at least one column beside its times, each once, got t"),
        (TraceSource(columns=("a", "a")), "each once, got a, a"),
        (TraceSource(array="hz_10"), "--array names an array of an NPZ file, got 'hz_10'"),
    ],
)
def test_csv_options_that_do_not_fit(tmp_path: Path, source: TraceSource, sentence: str) -> None:
    path = _csv(tmp_path, "t,a\n0,1\n1,2\n")
    with pytest.raises(ReadError, match=sentence):
        read_trace(path, source)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"there is no file .*missing\.csv; check the path"):
        read_trace(tmp_path / "missing.csv")


def test_other_bytes_than_text(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_bytes(b"t,a\n0,\xff\xfe\n")
    with pytest.raises(ReadError, match="must be text in UTF-8"):
        read_trace(path)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(SettingsError, match="--sample-rate must be a positive number of Hz"):
        TraceSource(sample_rate_hz=rate)


def test_npz_with_times_or_rate(tmp_path: Path, rng: np.random.Generator) -> None:
    samples = rng.normal(size=(20, 3))
    times = 5 + np.arange(20) / 8
    trace = read_trace(_npz(tmp_path, series=samples, times_s=times, columns=np.array(["a", "b", "c"])))
    np.testing.assert_array_equal(trace.samples, samples)
    np.testing.assert_array_equal(trace.times_s, times)
    assert (trace.name, trace.columns, trace.named) == ("trace", ("a", "b", "c"), True)
    counted = read_trace(_npz(tmp_path, series=samples.astype(np.float32), rate_hz=8.0))
    np.testing.assert_allclose(counted.times_s, times - 5)
    assert (counted.columns, counted.named) == (("c1", "c2", "c3"), False)


def test_npz_with_several_arrays_and_either_layout(tmp_path: Path, rng: np.random.Generator) -> None:
    path = _npz(tmp_path, hz_3=rng.normal(size=(9, 40)), hz_9=rng.normal(size=(9, 120)))
    trace = read_trace(path, TraceSource(array="hz_3", sample_rate_hz=3, columns=("c9", "c1")))
    np.testing.assert_array_equal(trace.samples, np.load(path)["hz_3"].T[:, [8, 0]])
    assert trace.name == "trace_hz_3"
    assert "array 'hz_3', columns are samples" in trace.history[0]


def test_times_tell_which_axis_is_time(tmp_path: Path, rng: np.random.Generator) -> None:
    samples = rng.normal(size=(4, 6))
    np.testing.assert_array_equal(read_trace(_npz(tmp_path, series=samples, times_s=np.arange(4))).samples, samples)
    np.testing.assert_array_equal(read_trace(_npz(tmp_path, series=samples, times_s=np.arange(6))).samples, samples.T)


def test_times_tell_the_axis_also_where_others_are_counted(tmp_path: Path, rng: np.random.Generator) -> None:
    samples = rng.normal(size=(30, 40))
    path = _npz(tmp_path, series=samples, times_s=np.arange(30))
    np.testing.assert_array_equal(read_trace(path, TraceSource(sample_rate_hz=8)).samples, samples)


def test_names_tell_which_axis_is_time(tmp_path: Path, rng: np.random.Generator) -> None:
    samples, names = rng.normal(size=(30, 40)), np.array([f"m{k}" for k in range(40)])
    for written in (samples, samples.T):
        read = read_trace(_npz(tmp_path, series=written, columns=names, rate_hz=8.0))
        np.testing.assert_array_equal(read.samples, samples)


def test_a_series_of_more_components_than_samples_is_asked_for(tmp_path: Path, rng: np.random.Generator) -> None:
    """Its longer axis would pass for time, and its components for samples."""
    samples = rng.normal(size=(30, 40))
    with pytest.raises(ReadError, match=r"must have shape \(T, K\), got \(30, 40\).*write times_s or columns"):
        read_trace(_npz(tmp_path, series=samples, rate_hz=8.0))


def test_one_dimension_is_one_column(tmp_path: Path) -> None:
    assert read_trace(_npz(tmp_path, series=np.arange(5), rate_hz=1)).samples.shape == (5, 1)


NPZ_MISTAKES = {
    "no series": ({"a": np.ones((4, 2)), "b": np.ones(3)}, r"an array 'series' or one .*got a \(4, 2\), b \(3,\)"),
    "no rate": ({"series": np.ones((4, 2))}, "must hold times_s or rate_hz, got neither; .*--sample-rate"),
    "rate of zero": ({"series": np.ones((4, 2)), "rate_hz": 0.0}, "rate_hz .* must be one positive number, got 0.0"),
    "rates": ({"series": np.ones((4, 2)), "rate_hz": np.ones(2)}, r"one positive number, got \[1.0, 1.0\]"),
    "text": ({"series": np.array([["a"], ["b"]]), "rate_hz": 1}, r"must be numbers of shape \(T, K\), got <U1"),
    "three axes": ({"series": np.ones((4, 2, 2)), "rate_hz": 1}, r"shape \(T, K\), got float64 \(4, 2, 2\)"),
    "too few times": ({"series": np.ones((4, 2)), "times_s": np.arange(3)}, r"one time per sample, got 3 for series"),
    "times of text": ({"series": np.ones((4, 2)), "times_s": np.array(["a"])}, r"times_s .* must be numbers of shape"),
    "names": ({"series": np.ones((4, 2)), "rate_hz": 1, "columns": np.array(["a"])}, "must name 2 columns"),
    "objects": ({"series": np.array([{}, {}], dtype=object)}, "Python objects, which are never unpickled"),
    "infinity": ({"series": np.array([0, np.inf, 1]), "rate_hz": 1}, "got inf in column 'c1' at sample 1"),
}


@pytest.mark.parametrize("mistake", NPZ_MISTAKES)
def test_npz_mistakes(tmp_path: Path, mistake: str) -> None:
    named, sentence = NPZ_MISTAKES[mistake]
    path = _npz(tmp_path, **named)
    with pytest.raises(ReadError, match=sentence):
        read_trace(path)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (TraceSource(array="hz_10"), r"must hold the array 'hz_10', got series \(4, 2\), rate_hz \(\)"),
        (TraceSource(columns=("x1",)), "--column must name a column .* got 'x1'; choose one of c1, c2"),
        (TraceSource(time_column="t"), "--time-column names a column of a CSV file, got 't'"),
    ],
)
def test_npz_options_that_do_not_fit(tmp_path: Path, source: TraceSource, sentence: str) -> None:
    path = _npz(tmp_path, series=np.ones((4, 2)), rate_hz=1.0)
    with pytest.raises(ReadError, match=sentence):
        read_trace(path, source)


@pytest.mark.parametrize("kept", [10, 200])
def test_a_damaged_npz(tmp_path: Path, kept: int) -> None:
    path = _npz(tmp_path, series=np.ones((40, 2)), rate_hz=1.0)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ReadError, match="cannot be read as NPZ: it is cut short or damaged"):
        read_trace(path)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("series", b"(40, 2), }", b"(40, 2 , ("),
        ("series", b"(40, 2), }", b"(49**9, 2)"),
        ("series", b"(40, 2), }  ", b"(4000, 900)}"),
        ("series", b"'<f8'", b"'<f9'"),
        ("columns", b"b\0\0\0", b"b\xff\xff\xff"),  # no letter of any script
    ],
)
def test_a_damaged_array_within_an_npz(tmp_path: Path, name: str, old: bytes, new: bytes) -> None:
    path = _npz(tmp_path, series=np.ones((40, 2)), rate_hz=1.0, columns=np.array(["a", "b"]))
    change_member(path, f"{name}.npy", old, new)
    with pytest.raises(ReadError, match="cannot be read as NPZ: it is cut short or damaged"):
        read_trace(path)


def test_facts_of_a_trace() -> None:
    trace = Trace("a", ("b", "c"), np.array([[1.0, 2], [1, 3], [1, 2]]), np.array([0, 0.5, 1.01]))
    assert trace.period_s == pytest.approx(0.505)
    assert trace.constant_columns == ("b",)


def test_array_and_rate_are_asked_for_at_once(tmp_path: Path) -> None:
    other = {"hz_10": np.ones((9, 2))}
    with pytest.raises(ReadError, match=r"choose one with --array, and give the rate with --sample-rate$"):
        read_trace(_npz(tmp_path, **other))
    with pytest.raises(ReadError, match=r"choose one with --array$"):
        read_trace(_npz(tmp_path, times_s=np.arange(9.0), **other))
