"""Which methods and horizons a cohort has: those that a command names are added to those that were there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cinecast.errors import CinecastError, SettingsError
from cinecast.run.dropping import without_dropped
from cinecast.run.naming import Named, with_named
from cinecast.settings import ForecastSettings
from cinecast.settings.preset import PUBLISHED_METHODS
from cinecast.settings.toml_file import build_settings, merge, read_settings_file
from cinecast.store import CohortFolder
from cinecast.store import artifacts as art
from cinecast.store.kept_results import kept_results

# The best causal method; a cohort compares it with persistence.
METHODS_OF_A_NEW_COHORT = ("mixture",)


def name_forecasts(
    folder: CohortFolder, tables: Mapping[str, Any], named: Named, known: Sequence[str], preset: str | None
) -> dict[str, Any]:
    """Return settings of a cohort that state its methods and horizons, with what a command names.

    Stated, they stay what they are when another version has other defaults.

    Parameters
    ----------
    folder
        The folder of the cohort.
    tables
        Settings as given so far: saved ones, or those of a file.
    named
        What the command names. It is added where the cohort goes on, and else takes the place of what is there.
    known
        Names of the sequences of the cohort that goes on; none where it is new, or a file or preset states the whole.
    preset
        The preset under the tables.

    Returns
    -------
    dict[str, Any]
        The same tables with both lists in ``[forecast]``.

    Raises
    ------
    SettingsError
        If something is dropped that the cohort does not have, or all of it.
    """
    if named.drop and not known:
        raise SettingsError(f"--drop takes out of a batch that is there, got none in {folder.root}; leave it out")
    if known:
        tables = _with_lists(tables, _lists_of_runs(folder, known))
    tables = _with_lists(with_named(tables, named, adds=bool(known)), _defaults(preset))
    if not named.drop:
        return tables
    kept = {result.method for name in known for result in kept_results(folder.run_folder(name))}
    left = without_dropped(build_settings(tables).forecast, named.drop, kept)
    return merge(tables, {"forecast": _lists_of(left)})


def _with_lists(tables: Mapping[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables with the lists of methods and horizons that they lack."""
    return merge({"forecast": lists}, tables)


def _defaults(preset: str | None) -> dict[str, Any]:
    methods = PUBLISHED_METHODS if preset == "published" else METHODS_OF_A_NEW_COHORT
    return _lists_of(ForecastSettings(methods=methods))


def _lists_of(forecast: ForecastSettings) -> dict[str, Any]:
    return {"methods": list(forecast.methods), "horizons": list(forecast.horizons)}


def _lists_of_runs(folder: CohortFolder, names: Iterable[str]) -> dict[str, Any]:
    """Return the lists of the first run that has any: older versions stated none for the cohort."""
    for name in names:
        path = folder.run_folder(name) / art.SETTINGS_FILE
        try:
            return _lists_of(build_settings(read_settings_file(path)).forecast)
        except CinecastError:
            continue
    return {}
