"""An error says the rule, the value got, and the remedy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.command_line import ROOT

SOURCES = [*ROOT.glob("pipeline/**/*.py"), *ROOT.glob("models/**/*.py")]
# Rules that say themselves what to do.
REMEDIES_IN_THE_RULE = ("must be left out", "such as")


def text_of(node: ast.expr) -> str:
    """Return a sentence as it is written, with a star for each value in it; nothing where it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "*" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left) + text_of(right)
    return ""


def raised(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the sentence of every error that is raised."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            yield node.lineno, text_of(node.exc.args[0])


def without_remedy(source: str) -> list[tuple[int, str]]:
    """Return the sentences that say what was got and not what to do."""
    return [
        (line, text)
        for line, text in raised(source)
        if ", got " in text
        and ";" not in text.split(", got ", 1)[1]
        and not any(words in text for words in REMEDIES_IN_THE_RULE)
        and not text.endswith("**")  # behind the value come words that are made elsewhere
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_says_what_to_do(path: Path) -> None:
    assert without_remedy(path.read_text(encoding="utf-8")) == []


def test_errors_without_a_remedy_are_found() -> None:
    rule = 'raise ValueError(f"a level must be above 0, got {level}'
    assert without_remedy(f'{rule}")') == [(1, "a level must be above 0, got *")]
    assert without_remedy(f'{rule}; ask for 0.9, say")') == []
    assert sum(len(list(raised(path.read_text(encoding="utf-8")))) for path in SOURCES) > 600
