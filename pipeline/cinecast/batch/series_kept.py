"""The series that a cohort's settings name, by number: what people typed at the scanner is kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cinecast.batch.inputs import Entry
from cinecast.errors import CinecastError
from cinecast.frames.interface import name_series_for_keeping
from cinecast.frames.series_names import may_be_kept
from cinecast.settings import FramesSettings
from cinecast.settings.toml_file import merge


def with_kept_series(
    entries: Sequence[Entry], tables: Mapping[str, Any], faults: list[str]
) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    """Return the sequences and settings of a cohort, where each sequence names its series by number.

    A UID or description that the cohort has for all of its sequences becomes the number that each of them has for it.

    Parameters
    ----------
    entries
        The sequences.
    tables
        Settings of the cohort.
    faults
        Gets a sentence for each sequence that has no such series.

    Returns
    -------
    tuple[tuple[Entry, ...], dict[str, Any]]
        The sequences and the settings of the cohort; the same where no series is named otherwise.
    """
    common = _series(tables)
    named = tuple(_named(entry, _series(entry.tables) or common, faults) for entry in entries)
    if may_be_kept(common):
        return named, dict(tables)
    frames = {name: value for name, value in tables["frames"].items() if name != "series"}
    return named, {**tables, "frames": frames}


def _named(entry: Entry, wanted: str | None, faults: list[str]) -> Entry:
    if may_be_kept(wanted):
        return entry
    try:
        kept = name_series_for_keeping(entry.source, FramesSettings(series=wanted)).series
    except CinecastError as error:
        faults.append(str(error))
        return entry
    return replace(entry, tables=merge(entry.tables, {"frames": {"series": kept}}))


def _series(tables: Mapping[str, Any]) -> str | None:
    frames = tables.get("frames")
    wanted = frames.get("series") if isinstance(frames, Mapping) else None
    return wanted if isinstance(wanted, str) else None
