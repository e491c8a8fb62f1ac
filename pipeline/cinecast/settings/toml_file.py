"""Settings as TOML: read, overridden by name, checked, written back."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w

from cinecast.errors import SettingsError
from cinecast.parsed_text import parse_toml
from cinecast.references import ORACLE
from cinecast.settings.names import check_names as check_names
from cinecast.settings.stage_settings import StageSettings
from cinecast.settings.stages import ForecastSettings, Settings, TunedSettings
from cinecast_models import METHODS, method_settings
from cinecast_models.errors import spelling_hint
from cinecast_models.setting_rules import FilePath, setting_rules

# Forecast settings that are no plain values: the tables of the methods, and the list of tuned ones.
_METHOD_TABLE, _TUNED = "method_settings", "tuned"
# What runs did before there was a setting, where that is not its default.
_BEFORE = {"motion": {"drift": "made_for_it"}}
# Of the name in an assignment; no setting lies deeper.
_MOST_PARTS = 8
# Settings of one name that an error suggests.
_MOST_MEANT = 3


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the nested tables of a settings file.

    Raises
    ------
    SettingsError
        If the file is missing or is not TOML.
    """
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"the settings file must be readable, got {error.strerror} for {path}; check --settings"
        ) from error
    except ValueError as error:
        raise SettingsError(f"the settings file must be TOML, got {path}: {error}; mend that line") from error


def read_kept_settings(path: Path) -> dict[str, Any]:
    """Return the nested tables that a run has kept; a run of before a setting existed goes on as it was made.

    Raises
    ------
    SettingsError
        If the file is missing or is not TOML.
    """
    return merge(_BEFORE, read_settings_file(path))


def parse_assignment(text: str) -> dict[str, Any]:
    """Return ``{"flow": {"levels": 3}}`` for ``flow.levels=3``; a value that is not TOML is taken as text.

    A method may stand in the place of a stage: ``rls.ridge=3`` is ``forecast.rls.ridge=3``.

    Raises
    ------
    SettingsError
        If there is no equals sign, no stage or method or an unknown one, or if the value is a number of thousands of
        digits or nested too deep.
    """
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or not 2 <= len(parts) <= _MOST_PARTS or not all(parts):
        hint = _full_names(parts[0], value) if equals and len(parts) == 1 else ""
        raise SettingsError(
            "--set takes STAGE.NAME=VALUE or METHOD.NAME=VALUE, such as flow.levels=3 or rls.ridge=3, got "
            f"{text!r}{hint}"
        )
    stages = get_type_hints(Settings)
    if parts[0] in METHODS:
        parts.insert(0, "forecast")
    elif parts[0] not in stages:
        hint = spelling_hint(parts[0], [*stages, *METHODS])
        raise SettingsError(
            f"--set begins with a stage ({', '.join(stages)}) or a method, such as flow.levels=3 or rls.ridge=3, got "
            f"{parts[0]!r}; {hint}"
        )
    table: dict[str, Any] = {parts[-1]: parse_value(name, value)}
    for part in reversed(parts[:-1]):
        table = {part: table}
    return table


def parse_value(name: str, text: str) -> Any:
    """Return the value of ``--set NAME=VALUE``: as TOML has it, or the text itself where it is none.

    Parameters
    ----------
    name
        What it is given for, for the sentence.
    text
        The value as typed.

    Returns
    -------
    Any
        A plain value.

    Raises
    ------
    SettingsError
        If it is a number of thousands of digits or nested too deep.
    """
    try:
        return parse_toml(f"value = {text.strip()}")["value"]
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError):
            raise SettingsError(
                f"--set takes a value that can be read, got one for {name} where {error}; shorten it"
            ) from None
        return text.strip()


def _full_names(name: str, value: str) -> str:
    """Return which settings one without stage or method may be: empty where there is none of this name."""
    own = {stage: setting_rules(kind) for stage, kind in get_type_hints(Settings).items()}
    own |= {method: setting_rules(each.settings) for method, each in METHODS.items()}
    found = [f"{owner}.{name}={value}" for owner, rules in own.items() if name in rules]
    more = ", ..." if len(found) > _MOST_MEANT else ""
    return f"; did you mean {', '.join(found[:_MOST_MEANT])}{more}?" if found else ""


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested tables with others laid over them.

    Parameters
    ----------
    base, changes
        Tables as in a settings file, unchecked; neither is changed.

    Returns
    -------
    merged
        All names of both. Where both have a value, that of `changes` stands; a list is replaced whole.
    """
    merged = dict(base)
    for name, value in changes.items():
        old = merged.get(name)
        merged[name] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def with_absolute_paths(tables: Mapping[str, Any], base: Path | None = None) -> dict[str, Any]:
    """Return settings whose paths do not depend on where the command was given: a run keeps them for the next one.

    Parameters
    ----------
    tables
        Nested tables as in a settings file.
    base
        Folder that paths are relative to; None: the current one.

    Returns
    -------
    tables
        The same tables, in which settings that are paths begin at the root.
    """
    base = base or Path()
    return _with_paths(tables, lambda path: os.path.abspath(base / path))


def with_relative_paths(tables: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """Return settings whose paths begin at a folder, such as the one that they are kept in.

    Parameters
    ----------
    tables
        Nested tables as in a settings file, with absolute paths.
    base
        An absolute path.

    Returns
    -------
    tables
        The same tables; `with_absolute_paths` turns them back.
    """
    return _with_paths(tables, lambda path: os.path.relpath(path, base))


def _with_paths(tables: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    stages = get_type_hints(Settings)
    made = {name: _changed(stages[name], table, change) if name in stages else table for name, table in tables.items()}
    forecast = tables.get("forecast")
    if isinstance(forecast, Mapping):
        made["forecast"] = {
            name: _changed(METHODS[name].settings, table, change) if name in METHODS else table
            for name, table in forecast.items()
        }
    return made


def _changed(kind: type[Any], table: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(table, Mapping):
        return table  # refused later, where all settings are
    hints = get_type_hints(kind, include_extras=True).items()
    paths = [n for n, hint in hints if any(isinstance(note, FilePath) for note in getattr(hint, "__metadata__", ()))]
    return {name: _changed_path(value, change) if name in paths else value for name, value in table.items()}


def _changed_path(value: Any, change: Callable[[str], str]) -> Any:
    """Return a path changed, or each of several; what is no path is refused later."""
    if isinstance(value, list | tuple):
        return [_changed_path(each, change) for each in value]
    return change(value) if value and isinstance(value, str) else value


def build_settings(tables: Mapping[str, Any]) -> Settings:
    """Return validated settings of all stages.

    Parameters
    ----------
    tables
        Nested tables as in a settings file: one per stage; within ``forecast`` one per method.

    Raises
    ------
    SettingsError
        If a stage or a setting is unknown, or a value is wrong; the sentence lists what exists.
    """
    stages = get_type_hints(Settings)
    check_names("a stage of the settings", tables, stages)
    return Settings(**{name: _build_stage(name, stages[name], table) for name, table in tables.items()})


def settings_tables(settings: Settings) -> dict[str, Any]:
    """Return the nested tables of settings, without what is None: the inverse of `build_settings`."""
    tables = {name: _without_none(table) for name, table in asdict(settings).items()}
    methods, tuned = (tables["forecast"].pop(name) for name in (_METHOD_TABLE, _TUNED))
    return {**tables, "forecast": tables["forecast"] | methods | ({_TUNED: tuned} if tuned else {})}


def settings_text(settings: Settings) -> str:
    """Return settings as the text of a settings file.

    Raises
    ------
    SettingsError
        If a path in them is no UTF-8.
    """
    text = tomli_w.dumps(settings_tables(settings))
    if (wrong := re.search(r'[^"]*[\ud800-\udfff][^"]*', text)) is not None:
        name = os.fsencode(wrong[0]).decode("utf-8", "replace")
        raise SettingsError(
            f"a path in the settings must be UTF-8, which settings.toml is, got {name}; rename the file"
        )
    return text


def _build_stage(stage: str, kind: type[StageSettings], table: Any) -> Any:
    if not isinstance(table, Mapping):
        raise SettingsError(
            f"[{stage}] of the settings must be a table of names and values, got {table!r}; write it so"
        )
    if kind is ForecastSettings:
        return _build_forecast(table)
    check_names(f"a setting of {stage}", table, setting_rules(kind))
    return kind(**table)


def _build_forecast(table: Mapping[str, Any]) -> ForecastSettings:
    """Return settings whose methods exist, with the tables of methods and the tuned entries that stand among them."""
    rules = setting_rules(ForecastSettings)
    check_names("a setting of forecast", table, [*rules, _TUNED, *METHODS])
    values = {name: value for name, value in table.items() if name in rules}
    own = {name: _method_table(name, table[name]) for name in METHODS if name in table}
    tuned = _tuned_entries(table[_TUNED]) if _TUNED in table else ()
    settings = ForecastSettings(**values, method_settings=own, tuned=tuned)
    check_names("a method of forecast.methods (--method)", settings.methods, [*METHODS, ORACLE])
    return settings


def _method_table(method: str, table: Any) -> dict[str, Any]:
    """Return a method's table, checked by the method's own definition."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"forecast.{method} must be a table of names and values, got {table!r}; write it so")
    check_names(f"a setting of forecast.{method}", table, setting_rules(METHODS[method].settings))
    method_settings(method, table)
    return dict(table)


def _tuned_entries(entries: Any) -> tuple[TunedSettings, ...]:
    """Return the entries of ``[[forecast.tuned]]``, each checked like the settings of a method."""
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise SettingsError(f"forecast.tuned must be a list of tables, got {entries!r}; write [[forecast.tuned]]")
    return tuple(_tuned_entry(entry) for entry in entries)


def _tuned_entry(entry: Mapping[str, Any]) -> TunedSettings:
    names = [each.name for each in fields(TunedSettings)]
    check_names("a setting of forecast.tuned", entry, names)
    missing = [name for name in names if name not in entry and name != "settings"]
    if missing:
        raise SettingsError(
            f"an entry of forecast.tuned must have {', '.join(names)}, got none of {', '.join(missing)}; add them"
        )
    check_names("a method of forecast.tuned", [str(entry["method"])], METHODS)
    return TunedSettings(**{**entry, "settings": _method_table(entry["method"], entry.get("settings", {}))})


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            cleaned[name] = _without_none(value)
        elif value is not None:
            cleaned[name] = list(value) if isinstance(value, tuple) else value
    return cleaned
