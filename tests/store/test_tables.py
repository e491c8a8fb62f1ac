"""CSV tables read back to the same bits."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.store.tables import read_columns, read_numbers, read_table, table_text, write_table

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True, width=64)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(ANY_FLOAT, min_size=width, max_size=width))))
def test_numbers_round_trip_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    path = tmp_path_factory.mktemp("tables") / "numbers.csv"
    width = len(rows[0]) if rows else 2
    names = [f"column_{i}" for i in range(width)]
    write_table(path, names, rows)
    columns, numbers = read_numbers(path)
    assert columns == names
    assert numbers.shape == (len(rows), width)
    for value, again in zip([cell for row in rows for cell in row], numbers.ravel().tolist(), strict=True):
        if np.isnan(value):
            assert np.isnan(again)
        else:
            assert struct.pack("<d", again) == struct.pack("<d", value)


@pytest.mark.parametrize("value", [-0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1 + 0.2, 1e22])
def test_numbers_at_the_edges(tmp_path: Path, value: float) -> None:
    write_table(tmp_path / "edge.csv", ["value"], [[value]])
    assert struct.pack("<d", read_numbers(tmp_path / "edge.csv")[1][0, 0]) == struct.pack("<d", value)


@given(st.floats(width=32, allow_nan=False))
def test_single_precision_round_trips_exactly(value: float) -> None:
    text = table_text(["value"], [[np.float32(value)]])  # type: ignore[list-item]
    assert np.float32(float(text.splitlines()[1])) == np.float32(value)


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), st.integers())))
def test_text_and_whole_numbers_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "text.csv"
    write_table(path, ["name", "count"], rows)
    assert read_table(path) == [{"name": name, "count": str(count)} for name, count in rows]
    assert read_columns(path) == {"name": [name for name, _ in rows], "count": [str(count) for _, count in rows]}


def test_what_is_unknown_is_an_empty_cell() -> None:
    assert table_text(["a", "b", "c"], [[np.nan, None, 1]]) == "a,b,c\n,,1\n"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        write_table(tmp_path / name, ["a", "b"], [["x,y", 1.5], ["\n", np.float64(2)]])
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes() == b'a,b\n"x,y",1.5\n"\n",2.0\n'


def test_columns_of_a_table_without_rows_are_empty_and_rows_are_of_one_length(tmp_path: Path) -> None:
    write_table(tmp_path / "empty.csv", ["one", "two"], [])
    assert read_columns(tmp_path / "empty.csv") == {"one": [], "two": []}
    (tmp_path / "cut.csv").write_text("one,two\n1,2\n3\n")
    with pytest.raises(ValueError, match="zip"):
        read_columns(tmp_path / "cut.csv")
