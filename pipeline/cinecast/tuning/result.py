"""What a search leaves in a run folder: every trial, the choice, and the settings file that `cinecast run` takes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cinecast.parsed_text import parse_json
from cinecast.settings import Settings, TunedSettings
from cinecast.store.tables import write_table
from cinecast.tuning.search import SearchResult

TRIALS_FILE, CHOICE_FILE, TUNED_FILE = "trials.csv", "choice.json", "tuned.toml"


class ValidationErrors(NamedTuple):
    """nRMSE of the weights over the validation span: of what was chosen, and of the defaults; NaN for unknown."""

    chosen: float
    default: float

    @property
    def gain(self) -> float:
        """The share of the error that the choice takes away; below 0 where it adds to it."""
        return 1 - self.chosen / self.default if self.default else math.nan


def write_choice(folder: Path, choice: SearchResult, default_nrmse: float = math.nan) -> None:
    """Write all trials as a table, and the choice as JSON.

    Parameters
    ----------
    folder
        An empty folder of the store, before it is committed.
    choice
        What a search found.
    default_nrmse
        nRMSE of the default settings over the same frames; NaN for unknown.
    """
    names = sorted({name for trial in choice.trials for name in trial.settings})
    columns = ["modes", *names, "nrmse", "half_range_95", "diverged"]
    rows = (
        [
            trial.modes,
            *(trial.settings.get(name) for name in names),
            trial.nrmse,
            trial.half_range_95,
            trial.diverged,
        ]
        for trial in choice.trials
    )
    write_table(folder / TRIALS_FILE, columns, rows)
    best = choice.best
    content = {
        "modes": best.modes,
        "settings": dict(best.settings),
        "validation_nrmse": best.nrmse,
        "default_nrmse": default_nrmse if math.isfinite(default_nrmse) else None,
        "registration_nrmse": {str(modes): error for modes, error in choice.registration_nrmse.items()},
    }
    (folder / CHOICE_FILE).write_text(json.dumps(content, indent=1), encoding="utf-8")


def read_choice(folder: Path, method: str, horizon: int) -> TunedSettings:
    """Return the choice that `write_choice` wrote.

    Parameters
    ----------
    folder
        Folder of one search in a run.
    method
        Name of the method that was searched.
    horizon
        Its horizon in frames.

    Returns
    -------
    The chosen settings and number of modes, as `cinecast run` takes them.
    """
    content = parse_json((folder / CHOICE_FILE).read_text(encoding="utf-8"))
    return TunedSettings(method, horizon, int(content["modes"]), dict(content["settings"]))


def read_errors(folder: Path) -> ValidationErrors:
    """Return the errors over the validation span that `write_choice` wrote, that of the defaults where it is known."""
    content = parse_json((folder / CHOICE_FILE).read_text(encoding="utf-8"))
    default = content.get("default_nrmse")
    return ValidationErrors(float(content["validation_nrmse"]), math.nan if default is None else float(default))


def tuned_settings(settings: Settings, chosen: Iterable[TunedSettings], as_they_are: Iterable[str] = ()) -> Settings:
    """Return settings that forecast the chosen methods at the chosen horizons as chosen.

    Parameters
    ----------
    settings
        Settings of all stages; all but methods and horizons stay as they are.
    chosen
        One choice for each method and horizon.
    as_they_are
        Methods that are run beside them with the settings that they have.

    Returns
    -------
    Settings that name no other methods and horizons than these.
    """
    entries = tuple(sorted(chosen, key=lambda each: (each.method, each.horizon_frames)))
    methods = tuple(dict.fromkeys([*(each.method for each in entries), *as_they_are]))
    horizons = tuple(str(frames) for frames in sorted({each.horizon_frames for each in entries}))
    forecast = replace(settings.forecast, methods=methods, horizons=horizons, tuned=entries)
    return replace(settings, forecast=forecast)
