"""Options that pages and messages name are options of the command that they name them with."""

from __future__ import annotations

import re

import pytest

from cinecast.cli.app import COMMANDS, load_command
from helpers.command_line import ROOT
from test_sentences import PAGES

OWN = {
    name: {"--help"}.union(*([*each.opts, *each.secondary_opts] for each in load_command(name).params))
    for name in COMMANDS
}
ALL = {"--version"}.union(*OWN.values())
# Options of other commands: gdcmconv's, those of the container of a challenge, dask's and pip's.
OTHERS = {"--raw", "--input", "--output", "--nthreads", "--editable"}
OPTION = r"(?<![\w-])--[a-z][a-z-]*(?![\w-])"


@pytest.mark.parametrize("page", PAGES)
def test_commands_on_a_page_have_the_options_that_it_gives_them(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    used = re.findall(rf"cinecast ({'|'.join(COMMANDS)})\b([^`\n|&#]*)", text)
    assert [(name, each) for name, rest in used for each in re.findall(OPTION, rest) if each not in OWN[name]] == []
    assert [each for each in re.findall(rf"`({OPTION})", text) if each not in ALL] == []


def test_messages_name_options_that_there_are() -> None:
    sources = [path for folder in ("pipeline", "models") for path in (ROOT / folder).rglob("*.py")]
    named = {each for path in sources for each in re.findall(OPTION, path.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert named - ALL - OTHERS == set()
