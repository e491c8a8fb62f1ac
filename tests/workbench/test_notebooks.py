"""The notebooks in examples/ run, cell by cell, on the phantom that comes with the program."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cinecast_models import METHODS
from helpers.command_line import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def cells(notebook: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return found


def run_cell(code: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does, without our own future imports; return the value of its last expression."""
    tree = ast.parse(code)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec", dont_inherit=True), names)
    return eval(compile(ast.Expression(shown.value), "cell", "eval"), names) if isinstance(shown, ast.Expr) else None


def run_notebook(notebook: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[Any]]:
    """Run a notebook where its paths are true; return its names and what its cells show."""
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "examples").mkdir()
    monkeypatch.chdir(folder / "examples")
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = [run_cell("".join(cell["source"]), names) for cell in cells(notebook) if cell["cell_type"] == "code"]
    return names, [value for value in shown if value is not None]


@pytest.fixture(autouse=True)
def registered() -> Any:
    """Methods that a notebook registers are gone after it."""
    before = dict(METHODS)
    yield
    for name in METHODS.keys() - before.keys():
        del METHODS[name]


def test_there_are_three() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == ["1_from_files_to_mm", "2_stages_by_hand", "3_own_forecaster"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_short_things(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, shown = run_notebook(notebook, tmp_path, monkeypatch)
    assert "cinecast" in names
    assert shown
    assert all(len(repr(value)) < 300 for value in shown)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells(notebook))


def test_a_cell_that_fails_would_be_noticed() -> None:
    with pytest.raises(ZeroDivisionError):
        run_cell("x = 1\nx / 0", {})
