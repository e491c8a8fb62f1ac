"""Sentences of README, docs and CHANGELOG are short."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from helpers.command_line import ROOT

LONGEST = 30  # words
PAGES = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "data/README.md",
    *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]
# What begins a sentence though it is no capital letter.
BEGINS = r"(?=[A-Z`*\[(\"]|cinecast\b|--)"


def blocks(text: str) -> Iterator[str]:
    """Yield paragraphs, items of lists and cells of tables, without code, headings and addresses of links."""
    text = re.sub(r"```.*?```", "\n\n", text, flags=re.DOTALL)
    text = re.sub(r"^( {4}.*|#.*|<!--.*)$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. )", text):
        lines = paragraph.splitlines()
        yield " ".join(line for line in lines if not line.startswith("|"))
        for row in (line for line in lines if line.startswith("|")):
            yield from re.split(r"(?<!\\)\|", row)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a page; a colon before a capital letter ends one."""
    for block in blocks(text):
        yield from re.split(rf"(?<=[.!?:])\**\s+{BEGINS}", block)


def words(sentence: str) -> int:
    """Return the number of words; a piece of code is one."""
    return sum(bool(re.search(r"\w", word)) for word in re.sub(r"`[^`]*`", "code", sentence).split())


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_is_long(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [each for each in sentences(text) if words(each) > LONGEST] == []


def test_long_sentences_are_found_wherever_they_stand() -> None:
    long = " ".join(["word"] * (LONGEST + 1))
    for text in (f"# Title\n\nShort. Then {long}.", f"- {long}\n- short", f"| a | {long} |", f"Short.\n{long}"):
        assert len([each for each in sentences(text) if words(each) > LONGEST]) == 1
    for text in (f"```\n{long}\n```", f"`{long}`", f"    {long}", f"[a]({long})"):
        assert all(words(each) <= LONGEST for each in sentences(text))
