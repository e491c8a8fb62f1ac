"""A spreadsheet takes no name for a formula, and every name reads back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.spreadsheet_cells import as_given, guarded
from cinecast.store.tables import read_numbers, read_table, table_text, write_table

TRICKY = st.text(alphabet="'=+-@\t\r1.e ax", max_size=6) | st.text(max_size=6)


@given(TRICKY)
def test_every_text_reads_back(text: str) -> None:
    assert as_given(guarded(text)) == text


@given(TRICKY)
def test_no_cell_begins_a_formula(text: str) -> None:
    try:
        float(text)
    except ValueError:
        assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("number", ["-1.5", "+2", "-1e-05", "-inf", "0", "12"])
def test_numbers_stay(number: str) -> None:
    assert guarded(number) == number


def test_a_table_with_names_of_formulas(tmp_path: Path) -> None:
    names = ["=1+2", "@home", "-lung", "+", "'=x", "liver", "-1.5"]
    rows = [(name, -1.5, None) for name in names]
    write_table(tmp_path / "t.csv", ["name", "=value", "empty"], rows)
    text = (tmp_path / "t.csv").read_text()
    assert text.splitlines()[:3] == ["name,'=value,empty", "'=1+2,-1.5,", "'@home,-1.5,"]
    assert [row["name"] for row in read_table(tmp_path / "t.csv")] == names
    assert {row["=value"] for row in read_table(tmp_path / "t.csv")} == {"-1.5"}
    (tmp_path / "n.csv").write_text(table_text(["-x", "y"], [(-1.0, 2.0)]))
    columns, numbers = read_numbers(tmp_path / "n.csv")
    assert columns == ["-x", "y"]
    assert numbers.tolist() == [[-1.0, 2.0]]


def test_a_table_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name\n" + '"' + "a" * 200_000)
    with pytest.raises(ValueError, match="field larger"):
        read_table(tmp_path / "t.csv")
