"""What the stages say of their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_type_hints

from cinecast.cli.setting_facts import Row, SettingFacts, setting_facts
from cinecast.settings import Settings, StageSettings
from cinecast.settings.names import check_names
from cinecast.settings.stage_settings import command_options

# What stands in the table of a stage beside its own settings.
_NOTES = {
    "forecast": "`[forecast.METHOD]` holds the settings of a method, as `cinecast methods` lists them; "
    "`[[forecast.tuned]]` what `cinecast tune` chose for a method at a horizon."
}


@dataclass(frozen=True)
class StageFacts:
    """The settings of one stage.

    Parameters
    ----------
    name
        Name of the stage, and of its table in a settings file.
    description
        What the stage does with them, in one line.
    settings
        Its settings, in the order of their definition.
    options
        Options of the command line that give settings as well, by the name of the setting.
    note
        What else stands in its table; empty for nothing.
    """

    name: str
    description: str
    settings: tuple[SettingFacts, ...]
    options: dict[str, str]
    note: str

    @property
    def heading(self) -> str:
        """Name and description in one line."""
        return f"{self.name}: {self.description}"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The settings as lines of a table, with all that is said of them."""
        return tuple(
            setting.row._replace(
                meaning=setting.description.replace("``", "`"), option=self.options.get(setting.name, "")
            )
            for setting in self.settings
        )

    @property
    def json(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        more = [{"unit": setting.rule.unit, "option": self.options.get(setting.name, "")} for setting in self.settings]
        settings = [setting.json | each for setting, each in zip(self.settings, more, strict=True)]
        return {"name": self.name, "description": self.description, "note": self.note, "settings": settings}


def list_stages(only: str | None = None) -> tuple[StageFacts, ...]:
    """Return the facts of every stage, in the order of the stages, or of one alone.

    Parameters
    ----------
    only
        Name of a stage.

    Raises
    ------
    SettingsError
        If there is no such stage.
    """
    kinds: dict[str, type[StageSettings]] = get_type_hints(Settings)
    if only is None:
        return tuple(_stage_facts(kind) for kind in kinds.values())
    check_names("a stage", [only], kinds)
    return (_stage_facts(kinds[only]),)


def _stage_facts(kind: type[StageSettings]) -> StageFacts:
    description = (kind.__doc__ or "").partition("\n")[0]
    options = dict(command_options(kind))
    return StageFacts(kind.stage, description, setting_facts(kind), options, _NOTES.get(kind.stage, ""))
