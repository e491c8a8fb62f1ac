"""What the registered forecasters say of themselves: names, settings, ranges, defaults, descriptions."""

from __future__ import annotations

import inspect
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from cinecast_models import METHODS, Method, MethodSettings, setting_ranges

_HEADING = re.compile(r"^(\w[\w, ]*)$")


@dataclass(frozen=True)
class SettingFacts:
    """One setting of a method.

    Parameters
    ----------
    name
        Name in ``--set METHOD.NAME=VALUE``.
    kind
        Type of its values.
    allowed
        Range of its values, in words.
    default
        Value where none is given.
    description
        What its class's documentation says of it, on one line.
    """

    name: str
    kind: str
    allowed: str
    default: Any
    description: str

    @property
    def default_text(self) -> str:
        """The default in words: none for an empty path."""
        return self.default or "none" if isinstance(self.default, str) else f"{self.default:g}"

    @property
    def summary(self) -> str:
        """First sentence of the description, without the range and the default, which stand beside it."""
        sentence = re.split(r"\.(?:\s|$)", self.description, maxsplit=1)[0]
        return re.split(r", (?:(?:above |from )?-?\d|default )", sentence, maxsplit=1)[0]


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
    """

    name: str
    title: str
    description: str
    random_runs: bool
    offline: bool
    settings: tuple[SettingFacts, ...]


def list_methods() -> tuple[MethodFacts, ...]:
    """Return the facts of every registered method, in the order of registration."""
    return tuple(_method_facts(method) for method in METHODS.values())


def methods_json() -> list[dict[str, Any]]:
    """Return the facts of every registered method as plain JSON values."""
    return [asdict(facts) for facts in list_methods()]


def _method_facts(method: Method) -> MethodFacts:
    documentation = inspect.getdoc(method.forecaster) or ""
    return MethodFacts(
        method.name,
        method.title,
        documentation.partition("\n")[0],
        random_runs=not method.deterministic,
        offline=method.offline,
        settings=_setting_facts(method.settings),
    )


def _setting_facts(settings: type[MethodSettings]) -> tuple[SettingFacts, ...]:
    ranges, described = setting_ranges(settings), _inherited_descriptions(settings)
    defaults = {field.name: field.default for field in fields(settings)}
    return tuple(
        SettingFacts(name, kind.__name__, str(allowed), defaults[name], described.get(name, ""))
        for name, (kind, allowed) in ranges.items()
    )


def _inherited_descriptions(settings: type[MethodSettings]) -> dict[str, str]:
    """Return the descriptions of all fields; where a class leaves one out, that of its parent counts."""
    described: dict[str, str] = {}
    for each in reversed(settings.__mro__):
        described |= parameter_descriptions(each.__doc__ or "")
    return described


def parameter_descriptions(docstring: str) -> dict[str, str]:
    """Return the description of each name of a numpydoc ``Parameters`` section, each on one line.

    Parameters
    ----------
    docstring
        Documentation of a class; names that share a description stand on one line, divided by commas.
    """
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in _parameters_section(inspect.cleandoc(docstring).splitlines()):
        if heading := _HEADING.match(line):
            names = [name.strip() for name in heading[1].split(",")]
            found |= {name: [] for name in names}
        for name in names if line.startswith(" ") else ():
            found[name].append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items()}


def _parameters_section(lines: list[str]) -> list[str]:
    starts = [i for i, line in enumerate(lines[1:]) if line.startswith("---")]
    ends = [*starts[1:], len(lines)]
    for start, end in zip(starts, ends, strict=False):
        if lines[start].strip() == "Parameters":
            return lines[start + 2 : end]
    return []
