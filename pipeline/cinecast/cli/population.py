"""``cinecast population``: train transformers on recorded sequences, for others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import typer

from cinecast.cli.console import BarProgress, say
from cinecast.cli.series_options import ArrayOption, ColumnOption, SampleRateOption, TimeColumnOption
from cinecast.errors import SettingsError
from cinecast.horizon import Horizon, parse_horizons
from cinecast.series import TraceSource
from cinecast.series.training import read_training_series
from cinecast.settings.toml_file import check_names, parse_value
from cinecast.store.single_file import make_folder, write_whole
from cinecast_models import setting_ranges
from cinecast_models.population.file import SUFFIX, population_bytes
from cinecast_models.population.population import Population, TrainingSeries
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.transformer.torch_extra import require_torch

_ASSIGNMENT = re.compile(r"\s*\w+\s*=.*", re.DOTALL)
_WHAT = "a model"
# Horizons have an option of their own.
_TRAINING = [name for name in setting_ranges(PopulationSettings) if name != "horizon"]


def population(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="RUN|FILE...", help="Finished runs; CSV or NPZ as for series.", show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="MODEL.safetensors|FOLDER", help="Folder for several horizons.", show_default=False
        ),
    ],
    horizon: Annotated[
        list[str],
        typer.Option(
            "--horizon", metavar="0.5s|3", help="Seconds or samples; repeat for several models.", show_default=False
        ),
    ],
    rate: Annotated[
        float,
        typer.Option(
            "--rate", metavar="HZ", help="Samples per second of the series to be forecast.", show_default=False
        ),
    ],
    components: Annotated[
        int | None,
        typer.Option("--components", metavar="K", help="Components. [default: 3 weights of a run, all of a file]"),
    ] = None,
    models: Annotated[int, typer.Option("--models", metavar="N", help="Random starts, a run each.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the training.")] = 0,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help=f"Change one of {', '.join(_TRAINING)}; repeat."),
    ] = None,
    time_column: TimeColumnOption = None,
    column: ColumnOption = None,
    array: ArrayOption = None,
    sample_rate: SampleRateOption = None,
) -> None:
    """Train transformers on recorded sequences, for others at a rate and a horizon (arXiv 2410.05882).

    Every sequence is resampled to the rate. The first four fifths are for training, the last fifth is for
    validation. Forecast with --method population_transformer --set forecast.population_transformer.model=MODEL.
    """
    require_torch("cinecast population")
    require_torch("cinecast population", package="safetensors")
    if not 0 < rate < float("inf"):
        raise SettingsError(f"--rate must be a positive number of Hz, got {rate}; such as 3.18")
    horizons = parse_horizons(tuple(horizon), 1 / rate)
    tables = _training_tables(assignments or [])
    trainings = {_target_file(out, each, len(horizons)): (each, _settings(tables, each)) for each in horizons}
    series = read_training_series(
        sources, TraceSource(time_column, tuple(column or ()), array, sample_rate), components
    )
    _print_series(series)
    for path, (each, settings) in trainings.items():
        make_folder(path.parent, _WHAT)
        started = perf_counter()
        trained = _train(series, rate, settings, seed, models)
        write_whole(path, population_bytes(trained), _WHAT)
        _print_model(trained, each, perf_counter() - started, path)


def _training_tables(assignments: list[str]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for text in assignments:
        if not _ASSIGNMENT.fullmatch(text):
            raise SettingsError(f"--set takes NAME=VALUE, such as epochs=100, got {text!r}; see --help for all")
        name, _, value = text.partition("=")
        tables[name.strip()] = parse_value(name.strip(), value)
    check_names("a setting of the training", tables, _TRAINING)
    return tables


def _settings(tables: Mapping[str, Any], horizon: Horizon) -> PopulationSettings:
    return PopulationSettings(**tables, horizon=horizon.frames)


def _target_file(out: Path, horizon: Horizon, count: int) -> Path:
    if out.suffix != SUFFIX or out.is_dir():
        return out / f"h{horizon.frames:03d}{SUFFIX}"
    if count > 1:
        raise SettingsError(
            f"--out must be a folder for several horizons, got the file {out} for {count}; leave the ending out"
        )
    return out


def _train(
    series: list[TrainingSeries], rate: float, settings: PopulationSettings, seed: int, models: int
) -> Population:
    # Only now: torch is slow to import, and missing in a plain installation.
    from cinecast_models.population.training import train_population

    with BarProgress().working("training", models) as advance:
        return train_population(series, target_rate=rate, settings=settings, seed=seed, runs=models, advance=advance)


def _print_series(series: list[TrainingSeries]) -> None:
    for each in series:
        count, components = each.samples.shape
        _say(f"{each.name}: {count} samples of {components} component(s) at {each.rate_hz:.4g} Hz")


def _print_model(population: Population, horizon: Horizon, seconds: float, path: Path) -> None:
    errors = np.sqrt(population.errors)
    _say(
        f"horizon {horizon.frames} ({horizon.seconds:.2f} s), {len(errors)} model(s): RMSE over the held-out fifths "
        f"{errors.mean():.3f} ({errors.min():.3f} to {errors.max():.3f}), persistence "
        f"{np.sqrt(population.persistence_error):.3f}, in standard deviations; {seconds:.1f} s"
    )
    _say(f"Model: {path}")


def _say(sentence: str) -> None:
    say(sentence)
