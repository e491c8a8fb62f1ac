"""The errors that a caller can cause and mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ForecastingError(ValueError):
    """A rule that the caller broke, in one sentence: the rule, the value got, the remedy."""


class DivergenceError(ForecastingError):
    """Every run of a method has diverged."""


def spelling_hint(given: str, known: Iterable[str]) -> str:
    """Return the end of an error: which name was meant, whatever its case, spaces and hyphens, or to choose one.

    Parameters
    ----------
    given
        A name that does not exist.
    known
        Names that do.

    Returns
    -------
    str
        ``did you mean rls?``, or ``choose one of these`` where none is near.
    """
    plain = {_letters(name): name for name in known}
    near = difflib.get_close_matches(_letters(given), plain, 1)
    return f"did you mean {plain[near[0]]}?" if near else "choose one of these"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
