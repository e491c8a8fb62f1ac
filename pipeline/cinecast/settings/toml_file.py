"""Settings as TOML: read, overridden by name, checked, written back."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args, get_type_hints

import tomli_w
from pydantic import TypeAdapter, ValidationError

from cinecast.errors import SettingsError
from cinecast.references import ORACLE
from cinecast.settings.stages import ForecastSettings, Settings, TunedSettings
from cinecast_models import METHODS, MethodSettings, method_settings, setting_ranges

# Forecast settings that are no plain values: the tables of the methods, and the list of tuned ones.
_METHOD_TABLE, _TUNED = "method_settings", "tuned"

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "tuple[str, ...]": 'a list of texts such as ["one", "two"]',
    "tuple[float, float]": "a list of two numbers",
}


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


def with_absolute_paths(tables: Mapping[str, Any], base: Path | None = None) -> dict[str, Any]:
    """Return settings whose paths do not depend on where the command was given: a run keeps them for the next one.

    Parameters
    ----------
    tables
        Nested tables as in a settings file.
    base
        Folder that paths are relative to; None: the current one.
    """
    forecast = tables.get("forecast")
    if not isinstance(forecast, Mapping):
        return dict(tables)
    made = {
        name: _absolute(METHODS[name].settings, table, base or Path()) if name in METHODS else table
        for name, table in forecast.items()
    }
    return {**tables, "forecast": made}


def _absolute(kind: type[MethodSettings], table: Any, base: Path) -> Any:
    if not isinstance(table, Mapping):
        return table  # refused later, where all settings are
    paths = [name for name, (setting, _) in setting_ranges(kind).items() if setting is str]
    return {
        name: str((base / value).absolute()) if name in paths and value and isinstance(value, str) else value
        for name, value in table.items()
    }


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
    """Return settings as the text of a settings file."""
    return tomli_w.dumps(settings_tables(settings))


def _build_stage(stage: str, kind: type, table: Any) -> Any:
    if not isinstance(table, Mapping):
        raise SettingsError(f"[{stage}] of the settings must be a table of names and values, got {table!r}")
    hints = get_type_hints(kind)
    methods = METHODS if kind is ForecastSettings else {}
    hints.pop(_METHOD_TABLE, None)
    check_names(f"a setting of {stage}", table, [*hints, *methods])
    tuned = hints.pop(_TUNED, None)
    values = {name: _checked(f"{stage}.{name}", hints[name], value) for name, value in table.items() if name in hints}
    if tuned and _TUNED in table:
        values[_TUNED] = _tuned_entries(table[_TUNED])
    own = {name: _method_table(name, table[name]) for name in methods if name in table}
    if own:
        values[_METHOD_TABLE] = own
    settings = kind(**values)
    if isinstance(settings, ForecastSettings):
        check_names("a method of forecast.methods (--method)", settings.methods, [*METHODS, ORACLE])
    return settings


def _method_table(method: str, table: Any) -> dict[str, Any]:
    """Return a method's table, checked by the method's own definition."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"forecast.{method} must be a table of names and values, got {table!r}")
    check_names(f"a setting of forecast.{method}", table, setting_ranges(METHODS[method].settings))
    method_settings(method, table)
    return dict(table)


def _tuned_entries(entries: Any) -> tuple[TunedSettings, ...]:
    """Return the entries of ``[[forecast.tuned]]``, each checked like the settings of a method."""
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise SettingsError(f"forecast.tuned must be a list of tables, got {entries!r}; write [[forecast.tuned]]")
    return tuple(_tuned_entry(entry) for entry in entries)


def _tuned_entry(entry: Mapping[str, Any]) -> TunedSettings:
    hints = get_type_hints(TunedSettings)
    check_names("a setting of forecast.tuned", entry, hints)
    missing = [name for name in hints if name not in entry and name != "settings"]
    if missing:
        raise SettingsError(
            f"an entry of forecast.tuned must have {', '.join(hints)}, got none of {', '.join(missing)}"
        )
    check_names("a method of forecast.tuned", [str(entry["method"])], METHODS)
    hints.pop("settings")
    values = {name: _checked(f"forecast.tuned.{name}", hint, entry[name]) for name, hint in hints.items()}
    return TunedSettings(**values, settings=_method_table(values["method"], entry.get("settings", {})))


def _checked(name: str, hint: Any, value: Any) -> Any:
    """Return a value from TOML as the type that a setting has; nothing is guessed from text, bool or fractions."""
    kind = str(hint.__name__ if isinstance(hint, type) and not get_args(hint) else hint).removesuffix(" | None")
    try:
        return TypeAdapter(hint).validate_python(_as_text(value, kind), strict=True)
    except ValidationError as error:
        what = _WORDS.get(kind) or f"one of {', '.join(get_args(hint))}"
        raise SettingsError(f"{name} must be {what}, got {value!r}; mend this setting") from error


def _as_text(value: Any, kind: str) -> Any:
    """Return lists as tuples, and a whole number as text where a text is wanted: a horizon of 3, series 7."""
    if isinstance(value, list):
        return tuple(_as_text(each, "str" if "str" in kind else "") for each in value)
    return str(value) if kind == "str" and type(value) is int else value


def check_names(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise unless every name given is known; the sentence begins with `what`, and guesses which one was meant.

    Raises
    ------
    SettingsError
        If one is not.
    """
    choices = list(known)
    for name in given:
        if name not in choices:
            near = difflib.get_close_matches(name, choices, 1)
            hint = f"did you mean {near[0]}?" if near else "choose one of these"
            raise SettingsError(f"{what} must be one of {', '.join(choices)}, got {name!r}; {hint}")


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            cleaned[name] = _without_none(value)
        elif value is not None:
            cleaned[name] = list(value) if isinstance(value, tuple) else value
    return cleaned
