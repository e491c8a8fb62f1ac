"""Methods and horizons that a command names: they add to what a run or a cohort has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cinecast.errors import SettingsError


@dataclass(frozen=True)
class Named:
    """What a command names.

    Parameters
    ----------
    methods, horizons
        What is to be there too; horizons as people give them.
    drop
        Methods and horizons that are taken out, files included (`cinecast.run.dropping`).
    """

    methods: tuple[str, ...] = ()
    horizons: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def check(self, *, states_whole: bool, only: str | None = None, until: str | None = None) -> None:
        """Refuse options that contradict each other.

        Parameters
        ----------
        states_whole
            Whether a settings file or a preset is given, which states the whole.
        only, until
            The stage that alone is run, and the last one that is.

        Raises
        ------
        SettingsError
            If something is dropped by a command that names it, states the whole, or leaves tables and report alone.
        """
        if not self.drop:
            return
        if states_whole:
            raise SettingsError(
                "--drop takes out of what is there, while --settings and --preset state the whole, got both; give one"
            )
        if only is not None or until is not None:
            raise SettingsError(f"--drop needs the whole run, got --only {only or until} with it; leave that out")
        both = [text for text in self.drop if text in (*self.methods, *self.horizons)]
        if both:
            raise SettingsError(
                f"--drop must not name what --method or --horizon names, got {both[0]!r} in both; leave it out of one"
            )


def with_named(tables: Mapping[str, Any], named: Named, *, adds: bool) -> dict[str, Any]:
    """Return settings with the methods and horizons that a command names.

    Parameters
    ----------
    tables
        Nested tables as in a settings file.
    named
        What the command names.
    adds
        Whether it is added to the methods and horizons of the tables; otherwise it takes their place.

    Returns
    -------
    dict[str, Any]
        The same tables with other lists in ``[forecast]``: each name once, those that were there first. A list of
        which nothing is named is left as it is.
    """
    own = tables.get("forecast") if adds else None
    lists = {
        name: list(dict.fromkeys([*_texts(own, name), *given]))
        for name, given in (("methods", named.methods), ("horizons", named.horizons))
        if given
    }
    from cinecast.settings.toml_file import merge  # knows all methods, which a batch need not load

    return merge(tables, {"forecast": lists}) if lists else dict(tables)


def _texts(table: Any, name: str) -> list[str]:
    """Return a list of a table; what is no list is refused where all settings are checked."""
    found = table.get(name) if isinstance(table, Mapping) else None
    return [str(each) for each in found] if isinstance(found, list | tuple) else []
