"""Settings of forecasters: frozen dataclasses whose fields carry their own range."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Annotated, ClassVar, Self, get_origin, get_type_hints

from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import ForecastTask


@dataclass(frozen=True)
class Range:
    """Values that a setting may take.

    Parameters
    ----------
    minimum, maximum
        Bounds, both allowed.
    above
        The minimum itself is not allowed.
    below
        The maximum itself is not allowed.
    """

    minimum: float
    maximum: float
    above: bool = False
    below: bool = False

    def __contains__(self, value: float) -> bool:
        excluded = (self.above and value == self.minimum) or (self.below and value == self.maximum)
        return self.minimum <= value <= self.maximum and not excluded

    def __str__(self) -> str:
        return f"{'above' if self.above else 'from'} {self.minimum:g} to {'below ' * self.below}{self.maximum:g}"


@dataclass(frozen=True)
class FilePath:
    """A setting that names what is read from disk before the method is used; empty for nothing.

    Parameters
    ----------
    what
        What it names, in words.
    """

    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True)
class MethodSettings:
    """Settings that every method has; an invalid one cannot be made.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.

    Raises
    ------
    ForecastingError
        If a value has the wrong type or is out of range.
    """

    method: ClassVar[str] = "method"
    history_length: Annotated[int, Range(1, 100_000)] = 12

    def __post_init__(self) -> None:
        for name, (kind, allowed) in setting_ranges(type(self)).items():
            # Numbers of numpy and whole numbers for real ones are welcome; what is stored is plain Python.
            object.__setattr__(self, name, self._checked(name, getattr(self, name), kind, allowed))

    def loaded(self) -> Self:
        """Return the settings with what the files that they name hold; most methods have none.

        Raises
        ------
        ForecastingError
            If such a file is missing, or is not what it should be.
        """
        return self

    def at(self, task: ForecastTask) -> Self:
        """Return the settings for one series and horizon; those of most methods are the same for all.

        Parameters
        ----------
        task
            What is to be forecast.

        Raises
        ------
        ForecastingError
            If they cannot serve it.
        """
        del task
        return self

    def values(self) -> dict[str, int | float | str]:
        """Return all that forecasts depend on by name: a file stands with the digest of its content."""
        return self.given()

    def given(self) -> dict[str, int | float | str]:
        """Return the settings by name: a file stands with its path."""
        return {name: getattr(self, name) for name in setting_ranges(type(self))}

    def _checked(self, name: str, value: object, kind: type, allowed: Range | FilePath) -> int | float | str:
        if isinstance(allowed, FilePath):
            if isinstance(value, str | os.PathLike):
                return os.fspath(value)
            raise ForecastingError(f'{self.method}.{name} must be {allowed}, got {value!r}; write it as "{value}"')
        wanted = "a whole number" if kind is int else "a number"
        if not isinstance(value, bool):
            if kind is int and isinstance(value, Integral) and int(value) in allowed:
                return int(value)
            if kind is float and isinstance(value, Real) and math.isfinite(value) and float(value) in allowed:
                return float(value)
        raise ForecastingError(f"{self.method}.{name} must be {wanted} {allowed}, got {value!r}")


def setting_ranges(settings: type[MethodSettings]) -> dict[str, tuple[type, Range | FilePath]]:
    """Return the type (int, float or str) and the range of each setting of a class, by name, in order.

    Fields without a range are no settings: they hold what was read from files.
    """
    hints = get_type_hints(settings, include_extras=True)
    ranged = {field.name: hints[field.name] for field in fields(settings) if get_origin(hints[field.name]) is Annotated}
    return {name: (hint.__origin__, hint.__metadata__[0]) for name, hint in ranged.items()}
