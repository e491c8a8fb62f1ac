"""What the settings of every stage have in common: they are checked when they are made, and options may give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, get_type_hints

from cinecast.errors import SettingsError
from cinecast_models.setting_rules import check_settings


@dataclass(frozen=True)
class CommandOption:
    """The option of the command line that gives a setting as well.

    Parameters
    ----------
    name
        As it is written, such as ``--plane``.
    """

    name: str


@dataclass(frozen=True)
class StageSettings:
    """Settings of one stage; an invalid one cannot be made.

    Raises
    ------
    SettingsError
        If a value has the wrong type or is out of range.
    """

    stage: ClassVar[str]

    def __post_init__(self) -> None:
        options = command_options(type(self))
        check_settings(self, lambda name: self._label(name, options.get(name, "")), SettingsError)

    def _label(self, name: str, option: str) -> str:
        return f"{self.stage}.{name} ({option})" if option else f"{self.stage}.{name}"


def command_options(settings: type[StageSettings]) -> Mapping[str, str]:
    """Return the options of the command line that give settings of a stage, by the name of the setting."""
    return _OPTIONS(settings)


def _options_of(settings: Any) -> Mapping[str, str]:
    notes = {
        name: getattr(hint, "__metadata__", ()) for name, hint in get_type_hints(settings, include_extras=True).items()
    }
    return MappingProxyType(
        {name: note.name for name, each in notes.items() for note in each if isinstance(note, CommandOption)}
    )


_OPTIONS: Callable[[Any], Mapping[str, str]] = cache(_options_of)
