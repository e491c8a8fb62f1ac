"""Forecasters of the user's own, registered for as long as the program or notebook lasts."""

from __future__ import annotations

from dataclasses import replace

from cinecast.workbench.own_code import code_digest
from cinecast_models import METHODS, ForecastingError, Method
from cinecast_models.registry import fault_of_method

_OWN: set[str] = set()


def register_method(method: Method) -> None:
    """Let a forecaster be used by its name in this program, such as in `run_sequence` and `forecast_weights`.

    A name may be registered again, as happens when a cell of a notebook is run again. Where the code of its forecaster
    has changed, or a function of your own that it uses, its results in run folders are out of date.

    Raises
    ------
    ForecastingError
        If the name is that of a method that comes with cinecast or with a plug-in, or of a row that stands beside
        methods in tables, such as ``oracle``; or if it breaks another rule that holds for the methods of plug-ins.
    """
    name = str(getattr(getattr(method, "settings", None), "method", "unnamed"))
    if fault := fault_of_method(name, method, METHODS.keys() - _OWN):
        raise ForecastingError(f"a method of your own must {fault}, in {name!r}; mend that, and register it again")
    METHODS[method.name] = replace(method, code=code_digest(method.forecaster))
    _OWN.add(method.name)
