"""Text from outside in CSV files: a spreadsheet must not take a name for a formula."""

from __future__ import annotations

import re

# What spreadsheets begin a formula with; apostrophes before it are counted so that every text reads back as it was.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a cell that spreadsheets show as text: an apostrophe stands before what would be a formula.

    Numbers, such as ``-1.5``, stay as they are.
    """
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def as_given(cell: str) -> str:
    """Return the text that `guarded` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()
