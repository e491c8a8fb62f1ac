"""The file of a user's own landmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cinecast.errors import ReadError
from cinecast.frames.landmark_list import ListedPlace, read_landmark_list


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "marks.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "name,frame,row,column\ndome,0,10.5,7\ndome,3,12,7.25\n",
        "\ufeffname;frame;row;column\ndome;0;10.5;7\n\ndome;3;12;7.25",
        "column, frame, name, who, row\n7,0, dome ,me,10.5\n7.25,3.0,dome,me,12\n",
    ],
)
def test_a_list_in_any_usual_spelling(tmp_path: Path, text: str) -> None:
    expected = (ListedPlace("dome", 0, 10.5, 7.0), ListedPlace("dome", 3, 12.0, 7.25))
    assert read_landmark_list(write(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs the columns name, frame, row, column, got no name, frame, row, column in marks.csv"),
        ("name,frame,x,y\n", "got no row, column in marks.csv; name them in its first line"),
        ("name,frame,row,column\n", "needs at least one, got none in marks.csv; add a line for each"),
        ("name,frame,row,column\n,0,1,1\n", "every landmark needs a name, got none in marks.csv line 2; fill the cell"),
        (
            "name,frame,row,column\na,0.5,1,1\n",
            "a frame is a whole number, counted from 0, got 0.5 in marks.csv",
        ),
        ("name,frame,row,column\na,0,,1\n", "the row of a landmark must be a number, got '' in marks.csv line 2; mend"),
        ("name,frame,row,column\na,0,1\n", "the column of a landmark must be a number, got '' in marks.csv line 2"),
        ("name,frame,row,column\na,0,nan,1\n", "the row of a landmark must be a number, got 'nan'"),
        ("name,frame,row,column\na,one,1,1\n", "the frame of a landmark must be a number, got 'one'"),
    ],
)
def test_what_is_no_list(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        read_landmark_list(write(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"must be readable, got No such file .* for .*none.csv; check --landmarks"):
        read_landmark_list(tmp_path / "none.csv")
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"name,frame\xff\xfe")
    with pytest.raises(ReadError, match=r"must be text in UTF-8, got other bytes in bytes.csv"):
        read_landmark_list(path)
