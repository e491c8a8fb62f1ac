"""What a class of settings says of its settings: names, ranges, defaults, descriptions."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from cinecast_models.setting_rules import Rule, setting_rules

_HEADING = re.compile(r"^(\w[\w, ]*)$")


class Row(NamedTuple):
    """One line of a table of settings, on a terminal or a page.

    Parameters
    ----------
    name, values, default, meaning
        Of the setting, in words.
    option
        Option of the command line that gives the setting as well; empty for none.
    """

    name: str
    values: str
    default: str
    meaning: str
    option: str = ""


@dataclass(frozen=True)
class SettingFacts:
    """One setting.

    Parameters
    ----------
    name
        Name in its table of a settings file.
    rule
        Which values it takes.
    default
        Value where none is given.
    description
        What its class's documentation says of it, on one line.
    """

    name: str
    rule: Rule
    default: Any
    description: str

    @property
    def default_text(self) -> str:
        """The default in words: none for None and for an empty path."""
        if isinstance(self.default, tuple):
            return ", ".join(self.default)
        return f"{self.default:g}" if isinstance(self.default, int | float) else self.default or "none"

    @property
    def summary(self) -> str:
        """First sentence of the description, without the range and the default, which stand beside it."""
        sentence = re.split(r"\.(?:\s|$)", self.description, maxsplit=1)[0]
        return re.split(r", (?:(?:above |from )?-?\d|default )", sentence, maxsplit=1)[0]

    @property
    def row(self) -> Row:
        """The facts in a table, with the summary alone."""
        return Row(self.name, self.rule.many, self.default_text, self.summary)

    @property
    def json(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        return {
            "name": self.name,
            "kind": self.rule.kind,
            "allowed": self.rule.allowed,
            "default": self.default,
            "description": self.description,
        }


def setting_facts(settings: type[Any]) -> tuple[SettingFacts, ...]:
    """Return the facts of every setting of a dataclass, in the order of definition."""
    described = _inherited_descriptions(settings)
    defaults = {field.name: field.default for field in fields(settings)}
    return tuple(
        SettingFacts(name, rule, defaults[name], described.get(name, ""))
        for name, rule in setting_rules(settings).items()
    )


def _inherited_descriptions(settings: type[Any]) -> dict[str, str]:
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
