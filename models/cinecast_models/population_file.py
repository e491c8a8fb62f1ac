"""Populations as safetensors files: plain arrays and text, never pickled."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from cinecast_models.errors import ForecastingError
from cinecast_models.population import Population
from cinecast_models.population_settings import PopulationSettings
from cinecast_models.torch_extra import require_torch

_KEY = "cinecast.population"


def save_population(population: Population, path: str | Path) -> None:
    """Write weights and settings into one safetensors file.

    Parameters
    ----------
    population
        What to write; the same population gives the same bytes.
    path
        The file; one that exists is replaced.

    Raises
    ------
    ForecastingError
        If the extra with safetensors is not installed.
    """
    require_torch(PopulationSettings.method, package="safetensors")
    from safetensors.numpy import save

    about = {
        "settings": asdict(population.settings),
        "components": population.components,
        "target_rate": population.target_rate,
    }
    # One entry: the format does not keep the order of several.
    metadata = {_KEY: json.dumps(about, sort_keys=True)}
    Path(path).write_bytes(save({"parameters": population.parameters}, metadata))


def load_population(path: str | Path) -> Population:
    """Read what `save_population` wrote.

    Raises
    ------
    ForecastingError
        If the file is none of these, or the extra with safetensors is not installed.
    OSError
        If it cannot be read.
    """
    require_torch(PopulationSettings.method, package="safetensors")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads(file.metadata()[_KEY])
            parameters = file.get_tensor("parameters")
        settings = PopulationSettings(**about["settings"])
        return Population(parameters, settings, int(about["components"]), float(about["target_rate"]))
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ForecastingError(
            f"a population must be a safetensors file written by save_population, got {path} ({error}); train and save "
            "it again"
        ) from error
