"""Where the settings of a run come from: its own saved ones, a preset, a file, options, laid over one another."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cinecast.frames import read_sidecar
from cinecast.frames.interface import name_series_for_keeping
from cinecast.frames.series_names import may_be_kept
from cinecast.run.naming import Named, with_named
from cinecast.run.overruled_tuning import without_overruled_tuning
from cinecast.settings import Settings
from cinecast.settings.preset import preset_tables
from cinecast.settings.toml_file import (
    build_settings,
    merge,
    read_kept_settings,
    read_settings_file,
    with_absolute_paths,
)
from cinecast.store import artifacts as art
from cinecast.store.marker import saved_sequence

_LOG = logging.getLogger(__name__)


def resolve_settings(
    sequence: Path,
    out: Path,
    settings: Path | None,
    preset: str | None,
    changes: list[dict[str, Any]],
    *,
    named: Named | None = None,
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
    named
        Methods and horizons: they add to those of the run's own settings. A file or a preset states the whole; what is
        named takes the place of what these say.
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
    of_itself = settings is None and preset is None and saved_sequence(out) is not None
    goes_on = of_itself and saved.is_file() and saved.stat().st_size > 0
    if goes_on:
        tables = read_kept_settings(saved)
    elif of_itself and (out / art.FRAMES).is_dir():
        _LOG.warning(
            "%s holds results but no %s (it is gone or empty, or the first run failed): all settings that are not "
            "given are the defaults; --settings FILE gives others",
            out,
            art.SETTINGS_FILE,
        )
    if preset is not None:
        sidecar = read_sidecar(sequence)
        tables = preset_tables(preset, sidecar.published, sidecar.file_name)
    if settings is not None:
        tables = merge(tables, with_absolute_paths(read_settings_file(settings), settings.parent))
    tables = with_named(tables, named or Named(), adds=goes_on)
    built = build_settings(with_options(tables, changes))
    if may_be_kept(built.frames.series) or watched or not os.path.exists(sequence):
        return built
    return replace(built, frames=name_series_for_keeping(sequence, built.frames))


def with_options(tables: dict[str, Any], changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return settings with those of options laid over them, and without what these make untrue.

    Parameters
    ----------
    tables
        Nested tables of all stages.
    changes
        Nested tables of the options, laid over in order.

    Returns
    -------
    dict[str, Any]
        Of another target nothing of the one before is left, and what was tuned gives way to what is asked for.
    """
    asked: dict[str, Any] = {}
    for change in changes:
        asked = merge(asked, with_absolute_paths(change))
    return merge(without_overruled_tuning(_without_another_target(tables, asked), asked), asked)


def _without_another_target(tables: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without what they say of targets, where others are asked for.

    Label, name, frame and reference masks belong to the files that they were given with. Kept, they would let a kidney
    go by the name of the tumour before it, in the frame that this was drawn on.
    """
    own, files = _setting(tables, "target", "files"), _setting(asked, "target", "files")
    if files is None or not own or files == own:
        return _without_another_choice(tables, asked)
    labels = _setting(tables, "score", "labels")
    if labels and files and _setting(asked, "score", "labels") is None:
        _LOG.warning("%s are labels of the target before, and are let go; give --labels for this one", labels)
    return merge(tables, {"score": {"labels": ""}}) | {"target": {}}


def _without_another_choice(tables: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without the labels and names of targets, where another of these is asked for.

    Which structures of the files are meant is said by both together. A name that was given to label 1 is not that of
    label 2, and a label that was chosen before must not go by the name of a structure that is chosen by name now.
    """
    both = ("labels", "names")
    own, given = ([_setting(each, "target", name) for name in both] for each in (tables, asked))
    if all(new in (None, old) for new, old in zip(given, own, strict=True)):
        return tables
    return merge(tables, {"target": {"labels": [], "names": []}})


def _setting(tables: Mapping[str, Any], stage: str, name: str) -> Any:
    table = tables.get(stage)
    return table.get(name) if isinstance(table, Mapping) else None
