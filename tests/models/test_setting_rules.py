"""The one check of settings: what each kind of field takes and refuses, and the sentence of a refusal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from cinecast_models.setting_rules import _LONGEST_SHOWN, FilePath, Range, check_settings, setting_rules


class _WrongError(Exception):
    pass


@dataclass(frozen=True)
class _Everything:
    count: Annotated[int, Range(1, 8)] = 2
    width: Annotated[float, Range(0, 50, above=True, unit="pixels", remedy="2 is wide")] = 1.5
    level: Annotated[float, Range(0, 1, above=True, below=True)] = 0.5
    start: Annotated[int | None, Range(2, unit="frames")] = None
    spacing: Annotated[tuple[float, float] | None, Range(0, above=True, unit="mm")] = None
    name: str | None = None
    names: tuple[str, ...] = ()
    mode: Literal["plain", "fancy"] = "plain"
    model: Annotated[str, FilePath("a model file")] = ""
    content: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        check_settings(self, lambda name: f"stage.{name}", _WrongError)


NAN, INFINITE, HUGE = float("nan"), float("inf"), 10**400

REFUSED: list[tuple[str, Any, str]] = [
    *(
        ("count", value, f"a whole number from 1 to 8, got {value!r}")
        for value in (0, 9, 2.0, "3", True, None, NAN, [1])
    ),
    *(
        ("width", value, f"a number of pixels above 0 to 50, got {value!r}; 2 is wide")
        for value in (0, 50.1, "wide", True, np.True_, None, NAN, INFINITE, -INFINITE, 1j, (1.0,))
    ),
    (
        "width",
        HUGE,
        f"a number of pixels above 0 to 50, got {str(HUGE)[:_LONGEST_SHOWN]}... (401 characters); 2 is wide",
    ),
    *(("level", value, f"a number above 0 to below 1, got {value!r}") for value in (0, 1, 0.0, 1.0)),
    *(
        ("start", value, f"a whole number of frames, 2 or more, got {value!r}")
        for value in (1, 2.5, False, "", INFINITE)
    ),
    *(
        ("spacing", value, f"a list of two numbers of mm above 0, got {value!r}")
        for value in (
            1.0,
            "12",
            [],
            [1.0],
            [1, 2, 3],
            ["1", "2"],
            (1.0, 0.0),
            (1.0, NAN),
            [INFINITE, 1],
            [True, 1],
            [None, 1],
        )
    ),
    *(("name", value, f"a text, got {value!r}") for value in (True, 1.5, ["a"], b"a")),
    *(
        ("names", value, f'a list of texts such as ["one", "two"], got {value!r}')
        for value in ("one", None, 3, [0.5], ["a", True], [["a"]], {"a": 1})
    ),
    *(
        ("mode", value, f"one of plain, fancy, got {value!r}; choose one of these")
        for value in ("Plain", "", None, 0, ["plain"], np.array(["plain", "fancy"]))
    ),
    *(("model", value, f'a model file, got {value!r}; write it as "{value}"') for value in (3, None, ["a"])),
]


@pytest.mark.parametrize(("name", "value", "rest"), REFUSED, ids=str)
def test_what_is_refused_and_how(name: str, value: Any, rest: str) -> None:
    with pytest.raises(_WrongError) as refused:
        _Everything(**{name: value})
    assert str(refused.value) == f"stage.{name} must be {rest}"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("count", np.int64(8), 8),
        ("width", 50, 50.0),
        ("width", np.float32(0.5), 0.5),
        ("width", Fraction(1, 4), 0.25),
        ("start", None, None),
        ("start", np.uint8(2), 2),
        ("spacing", [1, 2.5], (1.0, 2.5)),
        ("spacing", (np.float64(1.0), 2), (1.0, 2.0)),
        ("name", 7, "7"),
        ("name", "", ""),
        ("names", ["a", 3], ("a", "3")),
        ("mode", "fancy", "fancy"),
        ("model", Path("a/b"), "a/b"),
    ],
)
def test_what_is_stored_is_plain(name: str, value: Any, stored: Any) -> None:
    kept = asdict(_Everything(**{name: value}))[name]
    assert kept == stored
    assert type(kept) is type(stored)
    assert [type(each) for each in kept] == [type(each) for each in stored] if isinstance(kept, tuple) else True


def test_fields_of_other_types_are_no_settings() -> None:
    assert list(setting_rules(_Everything)) == [field.name for field in fields(_Everything) if field.name != "content"]
    assert _Everything(content=(Path("a"),)).content == (Path("a"),)


def test_rules_tell_programs_what_they_are() -> None:
    rules = setting_rules(_Everything)
    assert {name: (rule.kind, rule.allowed, rule.unit) for name, rule in rules.items()} == {
        "count": ("int", "from 1 to 8", ""),
        "width": ("float", "above 0 to 50", "pixels"),
        "level": ("float", "above 0 to below 1", ""),
        "start": ("int", "2 or more", "frames"),
        "spacing": ("list of two float", "above 0", "mm"),
        "name": ("str", "", ""),
        "names": ("list of str", "", ""),
        "mode": ("choice", "plain, fancy", ""),
        "model": ("str", "a model file", ""),
    }
    assert {name: rule.many for name, rule in rules.items()} == {
        "count": "whole numbers from 1 to 8",
        "width": "numbers of pixels above 0 to 50",
        "level": "numbers above 0 to below 1",
        "start": "whole numbers of frames, 2 or more",
        "spacing": "two numbers of mm above 0",
        "name": "texts",
        "names": "a list of texts",
        "mode": "one of plain, fancy",
        "model": "a model file",
    }


@dataclass(frozen=True)
class _Unlimited:
    count: int | None = None


def test_a_number_needs_a_range() -> None:
    with pytest.raises(TypeError, match=r"must have a Range, got <class 'int'>; annotate it with one"):
        setting_rules(_Unlimited)
