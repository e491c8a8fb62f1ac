"""Recordings of several planes as one sequence for each plane: ``batch --plane all``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinecast.batch.inputs import Entry
from cinecast.errors import CinecastError, SettingsError
from cinecast.frames import list_planes
from cinecast.run.every_plane import check_every_plane
from cinecast.settings.toml_file import build_settings, merge
from cinecast_models import ForecastingError


def without_plane(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a cohort without the plane that all of its recordings were asked for."""
    frames = {name: value for name, value in tables.get("frames", {}).items() if name != "plane"}
    return {**tables, **({"frames": frames} if "frames" in tables else {})}


def entries_by_plane(entry: Entry, tables: Mapping[str, Any]) -> list[Entry]:
    """Return one entry for each plane of a recording, ``NAME_plane_0`` and so on.

    Parameters
    ----------
    entry
        The recording as it was given.
    tables
        Settings of the cohort; series and kind of image are chosen by them.

    Returns
    -------
    list[Entry]
        The entry itself where it names its plane, has one alone, or cannot be read: it fails when its turn comes, with
        the reason.

    Raises
    ------
    SettingsError
        If the recording has several planes, and a file goes with it that does not say of which one it is.
    """
    if "plane" in entry.tables.get("frames", {}):
        return [entry]
    try:
        settings = build_settings(merge(dict(tables), dict(entry.tables)))
        planes = list_planes(entry.source, settings.frames)
    except (CinecastError, ForecastingError):
        return [entry]
    if len(planes) < 2:
        return [entry]
    try:
        check_every_plane(settings)
    except CinecastError as error:
        raise SettingsError(f"{entry.name}: {error}") from error
    return [
        Entry(
            f"{entry.name}_plane_{plane.index}",
            entry.source,
            merge(dict(entry.tables), {"frames": {"plane": plane.index}}),
        )
        for plane in planes
    ]
