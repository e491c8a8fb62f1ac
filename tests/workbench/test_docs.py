"""The Python of docs/python.md runs, and what is public is named there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cinecast
from helpers.command_line import ROOT, environment

PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "docs/python.md", "exec"), names)
    assert (tmp_path / "frames.pdf").read_bytes().startswith(b"%PDF")
    assert names["predicted"].shape == (64, 56)  # type: ignore[attr-defined]


def test_every_public_name_is_on_the_page() -> None:
    named = set(re.findall(r"\w+", PAGE))
    assert {name for name in cinecast.__all__ if not name.startswith("_")} - named == {"OpenedRun"}


@pytest.mark.parametrize("page", ["python.md", "terminal.md"])
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", (ROOT / "docs" / page).read_text(encoding="utf-8").replace("\n", " "))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize("statement", ["import cinecast", "import cinecast; dir(cinecast)"])
def test_importing_it_loads_no_library(statement: str) -> None:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("cinecast")} == {"cinecast", "cinecast.version"}
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"cinecast"}
