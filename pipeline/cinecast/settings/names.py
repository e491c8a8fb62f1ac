"""Names of settings, stages and methods that a user gives, held against those that exist."""

from __future__ import annotations

from collections.abc import Iterable

from cinecast.errors import SettingsError
from cinecast_models.errors import spelling_hint


def check_names(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that do not exist.

    Parameters
    ----------
    what
        What the names stand for, such as "a setting of flow": the sentence begins with it.
    given, known
        Names from the user, and all that exist.

    Raises
    ------
    SettingsError
        If a name does not exist; the sentence lists those that do, and guesses which one was meant.
    """
    choices = list(known)
    for name in given:
        if name not in choices:
            raise SettingsError(
                f"{what} must be one of {', '.join(choices)}, got {name!r}; {spelling_hint(name, choices)}"
            )
