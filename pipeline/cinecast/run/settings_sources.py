"""Where the settings of a run come from: its own saved ones, a preset, a file, options, laid over one another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from cinecast.frames import read_sidecar
from cinecast.frames.interface import name_series_for_keeping
from cinecast.frames.series_names import may_be_kept
from cinecast.settings import Settings
from cinecast.settings.preset import preset_tables
from cinecast.settings.toml_file import build_settings, merge, read_settings_file, with_absolute_paths
from cinecast.store import artifacts as art
from cinecast.store.marker import saved_sequence


def resolve_settings(
    sequence: Path,
    out: Path,
    settings: Path | None,
    preset: str | None,
    changes: list[dict[str, Any]],
    *,
    watched: bool = False,
) -> Settings:
    """Lay the sources of settings over one another: saved run or preset, then file, then options.

    Parameters
    ----------
    sequence, out
        The sequence, whose sidecar a preset reads, and the run folder, whose own settings stand where neither a file
        nor a preset is given.
    settings, preset
        Settings file and name of a preset.
    changes
        Nested tables, laid over in order.
    watched
        The sequence is yet to come: a series that is named by UID or description keeps that name.

    Returns
    -------
    Settings
        Settings of all stages: defaults where no source gives a value, paths from the root of the file system, and
        a series by its number.

    Raises
    ------
    SettingsError
        If a setting is unknown or wrong.
    cinecast.errors.ReadError
        If the sequence has no such series.
    """
    tables: dict[str, Any] = {}
    saved = out / art.SETTINGS_FILE
    if settings is None and preset is None and saved_sequence(out) is not None and saved.is_file():
        tables = read_settings_file(saved)
    if preset is not None:
        sidecar = read_sidecar(sequence)
        tables = preset_tables(preset, sidecar.published, sidecar.file_name)
    if settings is not None:
        tables = merge(tables, with_absolute_paths(read_settings_file(settings), settings.parent))
    for change in changes:
        tables = merge(tables, with_absolute_paths(change))
    built = build_settings(tables)
    if may_be_kept(built.frames.series) or watched or not os.path.exists(sequence):
        return built
    return replace(built, frames=name_series_for_keeping(sequence, built.frames))
