"""Settings of forecasters: frozen dataclasses whose fields carry their own range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self, get_origin, get_type_hints

from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.setting_rules import FilePath as FilePath
from cinecast_models.setting_rules import Range as Range
from cinecast_models.setting_rules import check_settings, setting_rules


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
        check_settings(self, lambda name: f"{self.method}.{name}", ForecastingError)

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
        return {name: getattr(self, name) for name in setting_rules(type(self))}


def setting_ranges(settings: type[MethodSettings]) -> dict[str, tuple[type, Range | FilePath]]:
    """Return the type (int, float or str) and the range of each setting of a class, by name, in order.

    Fields without a range are no settings: they hold what was read from files.
    """
    hints = get_type_hints(settings, include_extras=True)
    ranged = {name: hints[name] for name in setting_rules(settings) if get_origin(hints[name]) is Annotated}
    return {name: (hint.__origin__, hint.__metadata__[0]) for name, hint in ranged.items()}
