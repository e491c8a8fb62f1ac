"""Settings as TOML: read, overridden by name, checked, written back."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w
from pydantic import TypeAdapter, ValidationError

from cinecast.errors import SettingsError
from cinecast.settings import ForecastSettings, Settings
from cinecast_models import METHODS, method_settings

# Forecast settings besides the tables of the methods.
_METHOD_TABLE = "method_settings"


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the nested tables of a settings file.

    Raises
    ------
    SettingsError
        If the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"the settings file must be readable, got {error.strerror} for {path}; check --settings"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file must be TOML, got {path}: {error}; mend that line") from error


def parse_assignment(text: str) -> dict[str, Any]:
    """Return ``{"flow": {"levels": 3}}`` for ``flow.levels=3``; a value that is not TOML is taken as text."""
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        raise SettingsError(f"--set takes STAGE.NAME=VALUE, such as flow.levels=3, got {text!r}")
    try:
        parsed = tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    table: dict[str, Any] = {parts[-1]: parsed}
    for part in reversed(parts[:-1]):
        table = {part: table}
    return table


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested tables with ``changes`` laid over ``base``; lists are replaced whole."""
    merged = dict(base)
    for name, value in changes.items():
        old = merged.get(name)
        merged[name] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


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
    _check_names("a stage of the settings", tables, stages)
    return Settings(**{name: _build_stage(name, stages[name], table) for name, table in tables.items()})


def settings_tables(settings: Settings) -> dict[str, Any]:
    """Return the nested tables of settings, without what is None: the inverse of `build_settings`."""
    tables = {name: _without_none(table) for name, table in asdict(settings).items()}
    methods = tables["forecast"].pop(_METHOD_TABLE)
    return {**tables, "forecast": tables["forecast"] | methods}


def settings_text(settings: Settings) -> str:
    """Return settings as the text of a settings file."""
    return tomli_w.dumps(settings_tables(settings))


def _build_stage(stage: str, kind: type, table: Any) -> Any:
    if not isinstance(table, Mapping):
        raise SettingsError(f"[{stage}] of the settings must be a table of names and values, got {table!r}")
    assert is_dataclass(kind)
    values = dict(table)
    if kind is ForecastSettings:
        values = _gather_methods(values)
    else:
        _check_names(f"a setting of {stage}", values, [f.name for f in fields(kind)])
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join([stage, *(str(part) for part in first["loc"])])
        raise SettingsError(f"{name}: {first['msg'].lower()}, got {first['input']!r}; mend this setting") from error


def _gather_methods(values: dict[str, Any]) -> dict[str, Any]:
    """Move the tables of methods under one name, each checked by the method's own definition."""
    known = [f.name for f in fields(ForecastSettings) if f.name != _METHOD_TABLE]
    _check_names("a setting of forecast", values, [*known, *METHODS])
    methods = {name: values.pop(name) for name in list(values) if name in METHODS}
    for name, table in methods.items():
        if not isinstance(table, Mapping):
            raise SettingsError(f"forecast.{name} must be a table of names and values, got {table!r}")
        method_settings(name, table)
    return {**values, _METHOD_TABLE: methods}


def _check_names(what: str, given: Mapping[str, Any], known: Mapping[str, Any] | list[str]) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), 1)
            hint = f"did you mean {near[0]}?" if near else "choose one of these"
            raise SettingsError(f"{what} must be one of {', '.join(known)}, got {name!r}; {hint}")


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            cleaned[name] = _without_none(value)
        elif value is not None:
            cleaned[name] = list(value) if isinstance(value, tuple) else value
    return cleaned
