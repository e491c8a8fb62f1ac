"""Forecast the frames of a cine-MR sequence, causally, with the error in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cinecast.live import LiveForecaster as LiveForecaster

__all__ = ["LiveForecaster", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Every module asks this one for the version: it must not need them in turn before it is asked for more.
    if name == "LiveForecaster":
        from cinecast.live import LiveForecaster

        return LiveForecaster
    raise AttributeError(f"module 'cinecast' has no attribute {name!r}")
