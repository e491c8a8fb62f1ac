"""Settings of forecasters: frozen dataclasses whose fields carry their own range."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Annotated, ClassVar, get_type_hints

from cinecast_models.errors import ForecastingError


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

    def _checked(self, name: str, value: object, kind: type, allowed: Range) -> int | float:
        wanted = "a whole number" if kind is int else "a number"
        if not isinstance(value, bool):
            if kind is int and isinstance(value, Integral) and int(value) in allowed:
                return int(value)
            if kind is float and isinstance(value, Real) and math.isfinite(value) and float(value) in allowed:
                return float(value)
        raise ForecastingError(f"{self.method}.{name} must be {wanted} {allowed}, got {value!r}")


def setting_ranges(settings: type[MethodSettings]) -> dict[str, tuple[type, Range]]:
    """Return the type (int or float) and the range of each field of a settings class, by name, in order."""
    hints = get_type_hints(settings, include_extras=True)
    return {f.name: (hints[f.name].__origin__, hints[f.name].__metadata__[0]) for f in fields(settings)}
