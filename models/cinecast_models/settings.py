"""Settings of forecasters: frozen dataclasses whose fields carry their own range, read and set as scikit-learn does."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Self, get_origin, get_type_hints

from cinecast_models.errors import ForecastingError, spelling_hint
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


class SetParameters:
    """Give a forecaster ``get_params``, ``set_params`` and a repr, by the conventions of scikit-learn.

    The parameters are the settings that it was made with, by name. One that is made without settings has none.
    """

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *arguments: Any, **keywords: Any) -> Self:
        """Keep what the forecaster is made with; generators as they are before it draws from them."""
        made = super().__new__(cls)
        made._made_with = _copied(arguments, keywords)
        return made

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by name.

        Parameters
        ----------
        deep
            As scikit-learn asks for it; there is nothing deeper.

        Returns
        -------
        dict[str, Any]
            What `set_params` and `cinecast_models.method_settings` take.
        """
        del deep
        settings = self._settings_made_with()
        return {} if settings is None else dict(settings.given())

    def set_params(self, **params: Any) -> Self:
        """Change settings; what was learned is gone, as if the forecaster had been made with them.

        Sizes of what is learned depend on settings, so nothing learned with others is kept. Random numbers begin anew.

        Parameters
        ----------
        **params
            Settings by name; the others stay.

        Returns
        -------
        Self
            The same forecaster.

        Raises
        ------
        ForecastingError
            If a setting is unknown, out of range, or names a file, which is read before a forecaster is made. The
            forecaster is then as it was.
        """
        settings = self._settings_made_with()
        known = self.get_params()
        for name, value in params.items():
            if settings is None or name not in known:
                raise ForecastingError(
                    f"a parameter of {type(self).__name__} must be one of {', '.join(known) or 'none'}, got {name!r}; "
                    f"{spelling_hint(name, known)}"
                )
            if value != known[name] and isinstance(setting_ranges(type(settings))[name][1], FilePath):
                raise ForecastingError(
                    f"{name} of {type(self).__name__} must stay what was read, got {value!r}; make a new forecaster "
                    "with it"
                )
        if settings is not None and params:
            anew = self._made_anew(replace(settings, **params))
            vars(self).clear()
            vars(self).update(vars(anew))
        return self

    def __sklearn_clone__(self) -> Self:
        """Return a forecaster made with the same settings that has learned nothing."""
        return self._made_anew(self._settings_made_with())

    def __repr__(self) -> str:
        settings = self._settings_made_with()
        usual = {} if settings is None else {each.name: each.default for each in fields(settings)}
        changed = [f"{name}={value!r}" for name, value in self.get_params().items() if value != usual[name]]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _settings_made_with(self) -> MethodSettings | None:
        arguments, keywords = self._made_with
        return next((each for each in (*arguments, *keywords.values()) if isinstance(each, MethodSettings)), None)

    def _made_anew(self, settings: MethodSettings | None) -> Self:
        def chosen(given: Any) -> Any:
            return settings if isinstance(given, MethodSettings) else given

        arguments, keywords = _copied(*self._made_with)
        return type(self)(*map(chosen, arguments), **{name: chosen(given) for name, given in keywords.items()})


def _copied(arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return copies of what a forecaster is made with, but for settings: they are frozen, and may hold large models."""

    def copied(given: Any) -> Any:
        return given if isinstance(given, MethodSettings) else deepcopy(given)

    return tuple(map(copied, arguments)), {name: copied(given) for name, given in keywords.items()}
