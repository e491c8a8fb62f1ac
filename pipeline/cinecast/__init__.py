"""Forecast the frames of a cine-MR sequence, causally, with the error in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cinecast.version import __version__ as __version__

if TYPE_CHECKING:
    from cinecast.live import LiveForecaster as LiveForecaster

__all__ = ["LiveForecaster", "__version__"]


def __getattr__(name: str) -> object:
    if name == "LiveForecaster":  # with it come numpy, OpenCV and numba, which help and version can do without
        from cinecast.live import LiveForecaster

        return LiveForecaster
    raise AttributeError(f"module 'cinecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
