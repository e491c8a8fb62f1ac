"""`cinecast methods` says what the code's own definitions say, of every method, and of one registered just now."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar

import pytest

from cinecast.cli.method_list import list_methods, methods_json
from cinecast.cli.setting_facts import parameter_descriptions
from cinecast_models import METHODS, FilePath, Method, MethodSettings, Range, setting_ranges
from cinecast_models.linear.linear import Linear
from helpers.command_line import succeed


@dataclass(frozen=True)
class _NewSettings(MethodSettings):
    """Settings of a method that no list can know of.

    Parameters
    ----------
    stiffness
        How much a forecast resists, above 0.25 to 7.5, default 1.75. A second sentence,
        over two lines.

    Raises
    ------
    ForecastingError
        If a value is wrong.
    """

    method: ClassVar[str] = "newcomer"
    stiffness: Annotated[float, Range(0.25, 7.5, above=True)] = 1.75


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> Method:
    method = Method("A newcomer", _NewSettings, Linear, deterministic=False, offline=False, standardised=True)
    monkeypatch.setitem(METHODS, method.name, method)
    return method


@pytest.mark.parametrize("name", METHODS)
def test_every_field_of_every_method_is_printed(name: str) -> None:
    text = succeed("methods")
    start = text.index(f"{name}: {METHODS[name].title} (")
    own = text[start:].split("┘")[0]
    assert ("random runs" in own) is not METHODS[name].deterministic
    assert ("offline" in own) is METHODS[name].offline
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in own.splitlines() if "│" in line]
    cells = {row[0]: row[1:] for row in rows if row[0]}
    ranges = setting_ranges(METHODS[name].settings)
    assert list(cells) == list(ranges)
    for field in fields(METHODS[name].settings):
        if field.name not in ranges:  # what was read from a file
            continue
        allowed = ranges[field.name][1]
        assert cells[field.name][1] == ("none" if isinstance(allowed, FilePath) else f"{field.default:g}")
        expected = "a model file" if isinstance(allowed, FilePath) else f"{allowed.maximum:g}"
        assert expected in cells[field.name][0]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_and_field_is_described(name: str) -> None:
    (facts,) = [facts for facts in list_methods() if facts.name == name]
    assert facts.description.endswith(".")
    for setting in facts.settings:
        assert setting.summary[:1].isupper(), setting
        assert "  " not in setting.description
        assert f"default {setting.default_text}" in setting.description, setting


def test_json_is_the_same_facts() -> None:
    assert json.loads(succeed("methods", "--json")) == json.loads(json.dumps(methods_json()))
    assert [each["name"] for each in methods_json()] == list(METHODS)


def test_a_method_registered_just_now_is_listed(newcomer: Method) -> None:
    printed = succeed("methods")
    assert "newcomer: A newcomer (random runs, online)" in printed
    facts = {each["name"]: each for each in json.loads(succeed("methods", "--json"))}["newcomer"]
    inherited, own = facts["settings"]
    assert inherited["description"].startswith("Number L of newest samples")
    assert own == {
        "name": "stiffness",
        "kind": "float",
        "allowed": "above 0.25 to 7.5",
        "default": 1.75,
        "description": "How much a forecast resists, above 0.25 to 7.5, default 1.75. "
        "A second sentence, over two lines.",
    }
    assert list_methods()[-1].settings[1].summary == "How much a forecast resists"


def test_names_that_share_a_description() -> None:
    assert parameter_descriptions(Range.__doc__ or "")["maximum"] == "Bounds, both allowed."
    assert parameter_descriptions("No section.\n") == {}
