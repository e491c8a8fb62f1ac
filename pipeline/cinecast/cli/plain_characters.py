"""Output on a terminal or in a file whose encoding lacks some of our characters."""

from __future__ import annotations

import codecs
import io
import sys
from contextlib import suppress

_NAME = "cinecast.plain"
# A minus that became a question mark would change a number.
_PLAIN = (
    dict.fromkeys("\u2212\u2013\u2014─━═", "-")  # minus, dashes, rules
    | dict.fromkeys("│┃", "|")
    | {"±": "+-", "\u00d7": "x", "≤": "<=", "≥": ">=", "µ": "u", "…": "..."}
)


def allow_any_character() -> None:
    """Have the standard streams write what they have no character for in plain ones, instead of failing."""
    codecs.register_error(_NAME, _in_plain_ones)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "backslashreplace", "surrogateescape"):
            with suppress(OSError):  # what has been printed finds no place: the end of the process tells
                stream.reconfigure(errors=_NAME)


def _in_plain_ones(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each, "?") for each in lacking), error.end
