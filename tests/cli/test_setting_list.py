"""`cinecast settings` says what the code's own definitions say of every stage."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, get_type_hints

import pytest

from cinecast.cli.setting_list import list_stages
from cinecast.settings import Settings, StageSettings
from cinecast.settings.stage_settings import CommandOption, command_options
from cinecast_models.setting_rules import Range, setting_rules
from helpers.command_line import ROOT, call_cli, on_terminal, run_cli, succeed

STAGES = get_type_hints(Settings)


def cells_of(text: str) -> list[list[str]]:
    """Return the cells of each line of a printed table, without its heading."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]


@pytest.mark.parametrize("stage", STAGES)
def test_every_setting_of_every_stage_is_printed(stage: str) -> None:
    own = succeed("settings", stage)
    assert own.startswith(f"{stage}: {STAGES[stage].__doc__.splitlines()[0]}\n")
    lines = cells_of(own)
    kind, rules, options = STAGES[stage], setting_rules(STAGES[stage]), command_options(STAGES[stage])
    assert [line[0] for line in lines if line[0] and not line[0].startswith("(")] == list(rules)
    assert [line[0] for line in lines if line[0].startswith("(")] == [f"({option})" for option in options.values()]
    named = {line[0]: line[1:] for line in lines}
    for field in fields(kind):
        if field.name in rules:
            values, default, meaning = named[field.name]
            assert values == rules[field.name].many
            assert default == _in_words(field.default)
            assert meaning


def _in_words(default: Any) -> str:
    if default in (None, ""):
        return "none"
    return ", ".join(default) if isinstance(default, tuple) else str(default).removesuffix(".0")


def test_all_stages_are_printed_without_a_name() -> None:
    assert succeed("settings") == "".join(succeed("settings", stage) for stage in STAGES)


@pytest.mark.parametrize("stage", list_stages(), ids=lambda stage: stage.name)
def test_every_setting_is_described_by_a_sentence_of_its_own(stage: Any) -> None:
    assert stage.description.endswith(".")
    descriptions = [setting.description for setting in stage.settings]
    assert all(re.match(r"[A-Z`].*\.$", each) and "  " not in each for each in descriptions), descriptions
    assert len(set(descriptions)) == len(descriptions)


def test_methods_and_tuned_settings_are_pointed_to() -> None:
    assert "`[forecast.METHOD]` holds the settings of a method, as `cinecast methods` lists them" in succeed("settings")


def test_a_setting_defined_just_now_is_listed_with_all_that_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class NewSettings(StageSettings):
        """How stiff a thing is.

        Parameters
        ----------
        stiffness
            How much it resists. ``0`` is soft,
            5 is hard.
        """

        stage: ClassVar[str] = "report"
        stiffness: Annotated[float, Range(0, 5, unit="newtons"), CommandOption("--stiff")] = 1.5

    monkeypatch.setitem(Settings.__annotations__, "report", NewSettings)
    (stage,) = json.loads(succeed("settings", "report", "--json"))
    (setting,) = stage.pop("settings")
    assert stage == {"name": "report", "description": "How stiff a thing is.", "note": ""}
    assert setting == {
        "name": "stiffness",
        "kind": "float",
        "allowed": "from 0 to 5",
        "default": 1.5,
        "description": "How much it resists. ``0`` is soft, 5 is hard.",
        "unit": "newtons",
        "option": "--stiff",
    }
    meaning = "How much it resists. `0` is soft, 5 is hard."
    first, second = cells_of(succeed("settings", "report"))
    assert first == ["stiffness", "numbers of newtons from 0 to 5", "1.5", meaning]
    assert second == ["(--stiff)", "", "", ""]


def test_json_is_the_same_facts() -> None:
    assert json.loads(succeed("settings", "--json")) == json.loads(json.dumps([each.json for each in list_stages()]))
    assert [each.name for each in list_stages()] == list(STAGES)


def test_the_options_exist() -> None:
    printed = succeed("run", "--help")
    options = [option for kind in STAGES.values() for option in command_options(kind).values()]
    assert len(options) == 17
    assert all(option in printed for option in options)


def test_an_unknown_stage() -> None:
    sentence = call_cli("settings", "flo").sentence
    stages = "frames, flow, motion, forecast, warp, landmarks, target, score, report"
    assert f"a stage must be one of {stages}, got 'flo'; did you mean flow?" in sentence


def test_a_pipe_gets_the_whole_text() -> None:
    outcome = run_cli("settings", "flow")
    assert outcome.errors == ""
    assert "…" not in outcome.output
    words = " ".join(line[3] for line in cells_of(outcome.output))
    (flow,) = list_stages("flow")
    assert words == " ".join(setting.description.replace("``", "`") for setting in flow.settings)


def test_a_narrow_terminal_shows_names_and_every_word_whole() -> None:
    code, shown = on_terminal("settings", columns=80)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert code == 0
    lines = [line.rstrip() for line in text.splitlines() if line[:1] in "│┃┏└┡"]
    assert {len(line) for line in lines} == {80}
    meanings = " ".join(line[3] for line in cells_of(text))
    for stage in list_stages():
        for setting in stage.settings:
            assert f"│ {setting.name} " in text
            assert setting.description.replace("``", "`") in meanings


def test_the_listing_loads_no_heavy_library() -> None:
    code = """
        import sys
        from cinecast.cli.settings import settings
        settings("flow")
        print(*sorted({"numpy", "numba", "scipy", "cv2", "sklearn", "pydantic"} & set(sys.modules)), "loaded")
    """
    program = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "sigma_window" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["loaded"]
