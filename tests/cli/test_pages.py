"""The pages of settings and methods say what the code says."""

from __future__ import annotations

import runpy

import pytest

from cinecast_models import METHODS
from helpers.command_line import ROOT

PAGES: dict[str, str] = runpy.run_path(str(ROOT / "docs" / "make_pages.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    made = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert made == PAGES[name], f"docs/{name} is out of date: run python docs/make_pages.py"


def test_every_method_and_stage_has_a_section() -> None:
    headings = [line for line in PAGES["methods.md"].splitlines() if line.startswith("## ")]
    assert [heading.split()[1] for heading in headings] == [f"{name}:" for name in METHODS]
    assert "\n## flow\n" in PAGES["settings.md"]
    assert "| `levels` | whole numbers from 1 to 8, or auto | auto | Levels of the pyramid" in PAGES["settings.md"]
    assert "| `plane`<br>`--plane` | whole numbers, 0 or more | none | Which plane" in PAGES["settings.md"]


def test_readme_leads_to_the_pages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"(docs/{name})" in readme for name in PAGES)
