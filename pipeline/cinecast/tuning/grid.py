"""Grids of hyper-parameters: those of the papers, and thinner ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

from cinecast.errors import SettingsError
from cinecast.references import ORACLE

Values: TypeAlias = tuple[float | int, ...]
DataKind = Literal["cine", "markers"]

# Histories of the papers in seconds: with the frame rates of the papers these give their numbers of samples.
_HISTORY_S: dict[DataKind, tuple[float, ...]] = {
    "cine": (1.9, 3.8, 5.7, 7.55, 9.5),
    "markers": (1.2, 2.4, 3.6, 4.8, 6.0),
}
_NETS = ("fixed", "snap1", "uoro", "dni", "rtrl")
_NET_RATES: dict[DataKind, Values] = {"cine": (0.005, 0.01, 0.015, 0.02), "markers": (0.005, 0.01, 0.02)}
_NET_UNITS: dict[DataKind, Values] = {"cine": (10, 30, 50, 70, 90, 110), "markers": (30, 60, 90, 120, 150, 180)}
_TRANSFORMER: dict[str, Values] = {"learning_rate": (1e-4, 5e-4), "layers": (1, 2), "model_width": (8, 16)}
_SVR: dict[str, Values] = {
    "kernel_scale": (100, 200, 500, 1000),
    "epsilon": (0.005, 0.01, 0.02, 0.05),
    "box": (100, 200, 500, 1000),
}
# Methods that are in no paper, over ranges of the same kind.
_OWN: dict[str, dict[str, Values]] = {
    "nlms": {"learning_rate": (0.05, 0.1, 0.2, 0.5)},
    "rls": {"forgetting": (0.98, 0.99, 0.995, 1.0), "ridge": (0.3, 3.0, 30.0)},
    "kernel_ridge": {"relative_scale": (1.0, 2.0, 4.0), "ridge": (0.01, 0.1, 1.0)},
    "kernel_tracker": {"ridge": (0.01, 0.03, 0.1, 0.3), "forgetting": (0.99, 0.997, 1.0)},
    "analogue": {"neighbours": (5, 10, 20, 40)},
}
# Methods that a search passes over, and why.
_AS_THEY_ARE = {
    "persistence": "it learns nothing",
    "mixture": "it weighs several settings itself",
    "population_transformer": "its settings come with the file that it was trained into",
    ORACLE: "it forecasts nothing",
}


def why_not_tuned(method: str) -> str:
    """Return why a method has nothing to tune; empty where it has."""
    return _AS_THEY_ARE.get(method, "")


@dataclass(frozen=True)
class Grid:
    """All combinations of some values of some settings of a method.

    Parameters
    ----------
    method
        Name of the method.
    values
        Values to try, by name of the setting; settings that are not named keep their defaults.
    """

    method: str
    values: Mapping[str, Values]

    def __len__(self) -> int:
        count = 1
        for values in self.values.values():
            count *= len(values)
        return count

    def points(self) -> Iterator[dict[str, float | int]]:
        """Yield the settings of each point, the last setting changing fastest."""
        for point in product(*self.values.values()):
            yield dict(zip(self.values, point, strict=True))

    def thinned(self, most: int) -> Grid:
        """Return a grid with at most `most` values of each setting, evenly taken, both ends kept where there are two.

        Raises
        ------
        SettingsError
            If fewer than one value is asked for.
        """
        if most < 1:
            raise SettingsError(f"a grid must keep 1 value of each setting or more, got {most}; raise --thin")
        return Grid(self.method, {name: _evenly(values, most) for name, values in self.values.items()})

    def holding(self, given: Mapping[str, float | int]) -> Grid:
        """Return a grid that has the given value alone of each of its settings that is given."""
        return Grid(self.method, {name: (given[name],) if name in given else own for name, own in self.values.items()})


def _evenly(values: Values, most: int) -> Values:
    if len(values) <= most:
        return values
    if most == 1:
        return (values[len(values) // 2],)
    return tuple(values[round(i * (len(values) - 1) / (most - 1))] for i in range(most))


def paper_grid(method: str, kind: DataKind, rate_hz: float, *, longest: int | None = None) -> Grid:
    """Return the grid of arXiv 2410.05882 (cine) or 2403.01607 (markers) for a method, at any frame rate.

    Parameters
    ----------
    method
        Name of the method; those of no paper have grids of the same kind.
    kind
        ``cine`` or ``markers``.
    rate_hz
        Samples per second: histories are those of the papers in seconds.
    longest
        Longest history in samples that fits; longer ones are left out.

    Returns
    -------
    The whole grid; of no setting for persistence.

    Raises
    ------
    SettingsError
        If no history of the grid fits, the method's settings come with a file, or there is nothing to tune.
    """
    if method == "population_transformer":
        raise SettingsError(
            "population_transformer takes its settings from the file that it was trained into, got it for a grid; "
            "train it with other settings by 'cinecast population --set'"
        )
    if method == "mixture":
        raise SettingsError("mixture has nothing to tune, got it for a grid; run it as it is")
    if method == "persistence":
        return Grid(method, {})
    lengths = tuple(dict.fromkeys(max(1, round(seconds * rate_hz)) for seconds in _HISTORY_S[kind]))
    fitting = tuple(length for length in lengths if longest is None or length <= longest)
    if not fitting:
        raise SettingsError(
            f"a history of the grid must fit into {longest} samples, got {lengths[0]} at the least at {rate_hz:.4g} "
            "Hz; lengthen the train span, or ask for a shorter horizon"
        )
    return Grid(method, {"history_length": fitting} | _own_values(method, kind, rate_hz))


def _own_values(method: str, kind: DataKind, rate_hz: float) -> dict[str, Values]:
    if method in _NETS:
        units: Values = (10, 25, 40) if (method, kind) == ("rtrl", "markers") else _NET_UNITS[kind]
        return {"hidden_units": units, "learning_rate": _NET_RATES[kind]}
    if method == "lms":
        return {"learning_rate": _lms_rates(kind, rate_hz)}
    return {"transformer": _TRANSFORMER, "svr": _SVR}.get(method) or _OWN.get(method, {})


def _lms_rates(kind: DataKind, rate_hz: float) -> Values:
    if kind == "cine":
        return (0.02, 0.05, 0.1, 0.2)
    slowest: dict[float, Values] = {
        3.33: (2e-4, 5e-4, 1e-3),
        10: (1e-4, 2e-4, 5e-4),
        30: (5e-5, 1e-4, 2e-4),
    }
    return slowest[min(slowest, key=lambda known: abs(known - rate_hz))]
