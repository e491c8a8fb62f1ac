"""Populations as safetensors files: plain arrays and text, never pickled."""

from __future__ import annotations

import json
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.population.population import Population, TrainedOn
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.transformer.torch_extra import require_torch

SUFFIX = ".safetensors"
# Raised when a file written by this version cannot be understood by older ones.
FORMAT = 1
_KEY = "cinecast.population"
_METHOD = "population_transformer"


def population_bytes(population: Population) -> bytes:
    """Return the content of a file that holds a population; the same population gives the same bytes.

    Raises
    ------
    ForecastingError
        If the extra with safetensors is not installed.
    """
    require_torch(_METHOD, package="safetensors")
    from safetensors.numpy import save

    # One entry: the format does not keep the order of several.
    metadata = {_KEY: json.dumps({"format": FORMAT, **population.about()}, sort_keys=True)}
    return bytes(save({"parameters": population.parameters}, metadata))


def save_population(population: Population, path: str | Path) -> None:
    """Write a population into a file that `load_population` reads.

    Parameters
    ----------
    population
        A trained one.
    path
        Name of the file, which is replaced if it exists; ``.safetensors`` at its end lets it be found in a folder.

    Raises
    ------
    ForecastingError
        If the extra with safetensors is not installed.
    """
    Path(path).write_bytes(population_bytes(population))


def load_populations(path: str) -> tuple[Population, ...]:
    """Read one file, all of a folder whose names end in ``.safetensors``, or all that match a pattern.

    Raises
    ------
    ForecastingError
        If there is none, or one of them is not a population.
    """
    given = Path(path)
    if given.is_file():
        files = [given]
    elif given.is_dir():
        files = sorted(given.glob(f"*{SUFFIX}"))
    else:
        files = sorted(each for each in map(Path, glob(path)) if each.is_file())
    if not files:
        raise ForecastingError(
            f"population_transformer.model must name a model file, a folder of them or a pattern, got {path!r}, where "
            f"there is none; train one with 'cinecast population --out {path if given.suffix == SUFFIX else 'FILE'}'"
        )
    return tuple(load_population(each) for each in files)


def load_population(path: str | Path) -> Population:
    """Read what `save_population` wrote.

    Raises
    ------
    ForecastingError
        If the file is none of these, is damaged, of a newer version or cannot be read, or the extra with safetensors
        is not installed.
    """
    require_torch(_METHOD, package="safetensors")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})[_KEY])
            parameters = file.get_tensor("parameters")
        version = int(about["format"])
    except OSError as error:
        raise ForecastingError(f"a model must be readable, got {error} for {path}; check its permissions") from error
    except (SafetensorError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _not_a_population(path, error) from error
    if version > FORMAT:
        raise ForecastingError(
            f"a model must have format {FORMAT} or older, got format {version} in {path}; use a newer cinecast"
        )
    try:
        return _population(about, parameters)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _not_a_population(path, error) from error


def _population(about: dict[str, Any], parameters: Array) -> Population:
    if parameters.dtype != np.float64 or parameters.ndim != 2 or not np.isfinite(parameters).all():
        raise ValueError("its weights are not a table of finite numbers in double precision")
    trained_on = [TrainedOn(**each | {"digests": frozenset(each["digests"])}) for each in about["trained_on"]]
    return Population(
        parameters,
        PopulationSettings(**about["settings"]),
        int(about["components"]),
        float(about["target_rate"]),
        tuple(trained_on),
        tuple(float(error) for error in about["errors"]),
        float(about["persistence_error"]),
    )


def _not_a_population(path: str | Path, error: Exception) -> ForecastingError:
    return ForecastingError(
        f"a model must be a safetensors file written by 'cinecast population', got {path} ({error}); train it again"
    )
