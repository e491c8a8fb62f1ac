"""What the registered forecasters say of themselves."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from cinecast.cli.setting_facts import Row, SettingFacts, setting_facts
from cinecast_models import METHODS, Method


@dataclass(frozen=True)
class MethodFacts:
    """One registered method.

    Parameters
    ----------
    name
        Name in commands, files and tables.
    title
        Name for people.
    description
        First line of the forecaster's documentation.
    random_runs
        It draws random numbers, so it is run several times.
    offline
        It is fitted once on the train span and learns nothing afterwards.
    settings
        Its settings, in the order of their definition.
    source
        Name and version of the package that adds it; empty for those of cinecast.
    """

    name: str
    title: str
    description: str
    random_runs: bool
    offline: bool
    settings: tuple[SettingFacts, ...]
    source: str = ""

    @property
    def heading(self) -> str:
        """Name, title and kind in one line."""
        runs = "random runs" if self.random_runs else "deterministic"
        added = f", of {self.source}" if self.source else ""
        return f"{self.name}: {self.title} ({runs}, {'offline' if self.offline else 'online'}{added})"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The settings as lines of a table."""
        return tuple(setting.row for setting in self.settings)

    @property
    def json(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        return vars(self) | {"settings": [setting.json for setting in self.settings]}


def list_methods() -> tuple[MethodFacts, ...]:
    """Return the facts of every registered method, in the order of registration."""
    return tuple(_method_facts(method) for method in METHODS.values())


def methods_json() -> list[dict[str, Any]]:
    """Return the facts of every registered method as plain JSON values."""
    return [facts.json for facts in list_methods()]


def _method_facts(method: Method) -> MethodFacts:
    documentation = inspect.getdoc(method.forecaster) or ""
    return MethodFacts(
        method.name,
        method.title,
        documentation.partition("\n")[0],
        random_runs=not method.deterministic,
        offline=method.offline,
        settings=setting_facts(method.settings),
        source=method.source,
    )
