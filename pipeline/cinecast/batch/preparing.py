"""From inputs and options to jobs: all that can be refused is refused here, before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w

from cinecast.batch.forecasts_named import name_forecasts
from cinecast.batch.inputs import Entry, check_entries, find_entries
from cinecast.batch.job import BatchError, Job
from cinecast.batch.list_file import read_list
from cinecast.batch.planes import entries_by_plane, without_plane
from cinecast.batch.request import Request
from cinecast.batch.series_kept import with_kept_series
from cinecast.errors import CinecastError
from cinecast.frames import read_sidecar
from cinecast.parsed_text import parse_toml
from cinecast.run.overruled_tuning import without_overruled_tuning
from cinecast.run.own_targets import check_gating_options, with_found_target
from cinecast.run.settings_sources import with_options
from cinecast.settings.preset import preset_tables
from cinecast.settings.toml_file import (
    build_settings,
    merge,
    read_settings_file,
    with_absolute_paths,
    with_relative_paths,
)
from cinecast.store import CohortFolder
from cinecast.store.cohort import SETTINGS_FILE
from cinecast.store.marker import RUN_FILE, check_run
from cinecast_models import ForecastingError


@dataclass(frozen=True)
class Cohort:
    """All sequences of a cohort and their settings.

    Parameters
    ----------
    entries
        The sequences, those of earlier commands included.
    given
        Names of those that this command is about.
    tables, preset
        Settings of the cohort, as given so far, and the preset under them.
    """

    entries: tuple[Entry, ...]
    given: frozenset[str]
    tables: Mapping[str, Any]
    preset: str | None

    def jobs(self) -> list[Job]:
        """Return the jobs of all sequences.

        Raises
        ------
        BatchError
            With all faults of settings at once.
        """
        faults: list[str] = []
        jobs = _jobs(self, faults)
        _refuse(faults)
        return jobs

    def content(self, root: Path) -> dict[str, Any]:
        """Return what ``batch.json`` in a folder keeps of it: paths are relative to the folder."""
        base = Path(os.path.realpath(root))
        sequences = [
            {
                "name": entry.name,
                "path": os.path.relpath(entry.source, base),
                "settings": with_relative_paths(entry.tables, base),
            }
            for entry in self.entries
        ]
        return {"preset": self.preset, "sequences": sequences}

    def settings_text(self) -> str:
        """Return the cohort's settings as the text of a settings file."""
        return tomli_w.dumps(self.tables)


def saved_cohort(folder: CohortFolder) -> Cohort:
    """Return the cohort that a folder holds; an empty one where it is new.

    Raises
    ------
    BatchError
        If what it holds cannot be understood.
    """
    try:
        content = folder.read()
        base = Path(os.path.realpath(folder.root))
        entries = tuple(_saved_entry(each, base) for each in content.get("sequences", ()))
        saved = folder.root / SETTINGS_FILE
        tables = parse_toml(saved.read_text(encoding="utf-8")) if saved.is_file() else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BatchError(
            f"the folder of a batch must be readable, got a damaged one in {folder.root} ({error}); restore it or "
            "choose another --out"
        ) from error
    return Cohort(entries, frozenset(entry.name for entry in entries), tables, content.get("preset"))


def _saved_entry(saved: Mapping[str, Any], base: Path) -> Entry:
    """Return a sequence as ``batch.json`` has it; older versions wrote paths from the root, which count as they are."""
    source = Path(os.path.normpath(base / saved["path"]))
    return Entry(str(saved["name"]), source, with_absolute_paths(saved["settings"], base))


def prepare_cohort(folder: CohortFolder, inputs: Sequence[str], request: Request) -> Cohort:
    """Return the cohort that a command makes of the saved one; without inputs it is about all sequences saved.

    A sequence that is not given is forgotten once its run folder has been removed.

    Parameters
    ----------
    folder
        The folder of the cohort, locked by this command.
    inputs
        Files, folders, globs and CSV lists, as typed.
    request
        What the command asks of the settings.

    Returns
    -------
    Cohort
        Sequences of earlier commands included, with the names of those that this one is about.

    Raises
    ------
    BatchError
        With all faults of the inputs and settings at once.
    cinecast.errors.StoreError
        If a run folder was made by a newer version.
    """
    saved = saved_cohort(folder)
    faults: list[str] = []
    given = _given(inputs, faults) if inputs else list(saved.entries)
    if not given and not faults:
        faults.append("no sequence is given, and the folder holds none yet; give files, folders, globs or a CSV list")
    cohort, recordings = saved, {entry.name for entry in given}
    try:
        tables, preset = _changed(folder, saved, request)
        if request.each_plane:
            given = [each for entry in given for each in entries_by_plane(entry, tables)]
        names = {entry.name for entry in given}
        others = [entry for entry in saved.entries if entry.name not in names | recordings]
        kept = [entry for entry in others if (folder.run_folder(entry.name) / RUN_FILE).is_file()]
        cohort = Cohort((*kept, *given), frozenset(names), tables, preset)
        entries, tables = with_kept_series(cohort.entries, cohort.tables, faults)
        cohort = replace(cohort, entries=entries, tables=tables)
        check_gating_options([job.settings.target for job in _jobs(cohort, faults)], request.changes)
    except (CinecastError, ForecastingError) as error:
        faults.append(str(error))
    faults += check_entries(given)
    _refuse(faults)
    for entry in given:
        if (folder.run_folder(entry.name) / RUN_FILE).is_file():
            check_run(folder.run_folder(entry.name))
    return cohort


def _given(inputs: Iterable[str], faults: list[str]) -> list[Entry]:
    entries: list[Entry] = []
    for text in inputs:
        is_list = text.lower().endswith(".csv") and os.path.isfile(text)
        entries += read_list(Path(text), faults) if is_list else find_entries(text, faults)
    return entries


def _changed(folder: CohortFolder, saved: Cohort, request: Request) -> tuple[Mapping[str, Any], str | None]:
    """Return the settings of the cohort, and the preset under them, as a command changes them."""
    tables, preset = saved.tables, saved.preset
    goes_on = request.file is None and request.preset is None
    if not goes_on:
        tables, preset = {}, request.preset
    if request.file is not None:
        tables = with_absolute_paths(read_settings_file(request.file), request.file.parent)
    known = [entry.name for entry in saved.entries] if goes_on else []
    tables = name_forecasts(folder, tables, request.named, known, preset)
    tables = with_options(dict(tables), request.changes)
    return (without_plane(tables) if request.each_plane else tables), preset


def _jobs(cohort: Cohort, faults: list[str]) -> list[Job]:
    common = build_settings(cohort.tables)  # of most sequences; a fault in it is said once
    jobs = []
    for entry in cohort.entries:
        settings = common
        if entry.tables or cohort.preset is not None:
            try:
                under = _preset(cohort.preset, entry)
                own = without_overruled_tuning(merge(under, cohort.tables), entry.tables)
                settings = build_settings(merge(own, entry.tables))
            except (CinecastError, ForecastingError) as error:
                faults.append(f"{entry.name}: {error}")
        with_target = with_found_target(entry.source, settings)
        jobs.append(Job(entry.name, entry.source, with_target, with_target is not settings))
    return jobs


def _preset(preset: str | None, entry: Entry) -> dict[str, Any]:
    if preset is None:
        return {}
    sidecar = read_sidecar(entry.source)
    return preset_tables(preset, sidecar.published, sidecar.file_name)


def _refuse(faults: list[str]) -> None:
    if len(faults) == 1:
        raise BatchError(faults[0])
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        raise BatchError(f"inputs and settings must be without fault, got {len(faults)}; nothing was started:{listed}")
