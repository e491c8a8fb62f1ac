"""Forecast the frames of a cine-MR sequence, causally, with the error in millimetres.

What scripts and notebooks need is here by name: runs (`read_sequence`, `run_sequence`, `open_run`), the stages as
functions of arrays, and `LiveForecaster`. Each is imported when it is first asked for: with it come numpy, OpenCV and
numba, which help and version can do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cinecast.version import __version__ as __version__

if TYPE_CHECKING:
    from cinecast.flow import choose_reference as choose_reference
    from cinecast.live import LiveForecaster as LiveForecaster
    from cinecast.motion import MotionModel as MotionModel
    from cinecast.motion import fit_motion_model as fit_motion_model
    from cinecast.score import pixel_distance_mm as pixel_distance_mm
    from cinecast.workbench.own_methods import register_method as register_method
    from cinecast.workbench.plots import draw_pictures as draw_pictures
    from cinecast.workbench.plots import draw_weights as draw_weights
    from cinecast.workbench.runs import OpenedRun as OpenedRun
    from cinecast.workbench.runs import open_run as open_run
    from cinecast.workbench.runs import run_sequence as run_sequence
    from cinecast.workbench.series_results import series_scores as series_scores
    from cinecast.workbench.stages import estimate_flow as estimate_flow
    from cinecast.workbench.stages import forecast_errors_mm as forecast_errors_mm
    from cinecast.workbench.stages import forecast_weights as forecast_weights
    from cinecast.workbench.stages import push_forward as push_forward
    from cinecast.workbench.stages import read_sequence as read_sequence

_MODULES = {
    "LiveForecaster": "cinecast.live",
    "MotionModel": "cinecast.motion",
    "OpenedRun": "cinecast.workbench.runs",
    "choose_reference": "cinecast.flow",
    "draw_pictures": "cinecast.workbench.plots",
    "draw_weights": "cinecast.workbench.plots",
    "estimate_flow": "cinecast.workbench.stages",
    "fit_motion_model": "cinecast.motion",
    "forecast_errors_mm": "cinecast.workbench.stages",
    "forecast_weights": "cinecast.workbench.stages",
    "open_run": "cinecast.workbench.runs",
    "pixel_distance_mm": "cinecast.score",
    "push_forward": "cinecast.workbench.stages",
    "read_sequence": "cinecast.workbench.stages",
    "register_method": "cinecast.workbench.own_methods",
    "run_sequence": "cinecast.workbench.runs",
    "series_scores": "cinecast.workbench.series_results",
}
__all__ = [  # noqa: RUF022  # what a newcomer wants first
    "read_sequence", "run_sequence", "open_run", "OpenedRun",
    "choose_reference", "estimate_flow", "fit_motion_model", "MotionModel", "forecast_weights", "push_forward",
    "forecast_errors_mm", "pixel_distance_mm", "draw_pictures", "draw_weights",
    "register_method", "series_scores", "LiveForecaster", "__version__",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'cinecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
