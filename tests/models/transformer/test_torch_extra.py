"""PyTorch is installed by one command, in the message and in the docs; the extra has what messages name."""

from __future__ import annotations

import re
import tomllib

from cinecast_models.transformer.torch_extra import INSTALL
from helpers.command_line import ROOT


def test_the_docs_give_the_command_of_the_message() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    given = [
        command for page in pages for command in re.findall(r"pip install [^`\n]*\btorch\b[^`\n]*", page.read_text())
    ]
    assert len(given) > 1
    assert set(given) == {INSTALL}


def test_the_command_names_an_extra_of_both_packages() -> None:
    (name,) = re.findall(r"\[(\w+)\]", INSTALL)
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][name]
    assert {re.split("[>=<]", each)[0] for each in extra} == {"torch", "safetensors"}
