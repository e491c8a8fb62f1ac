"""The stages, one by one, as functions of arrays; settings are plain values by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.frames import read_sequence as read_validated
from cinecast.motion import MotionModel
from cinecast.score import pixel_distance_mm
from cinecast.score.given_masks import boolean_mask
from cinecast.sequence import Sequence, check_grey_values
from cinecast.settings import FlowSettings, FramesSettings, WarpSettings
from cinecast.settings.names import check_names
from cinecast.settings.stage_settings import StageSettings
from cinecast_models import forecast_series, method_settings
from cinecast_models.real_samples import real_samples, real_values
from cinecast_models.setting_rules import setting_rules

_Kind = TypeVar("_Kind", bound=StageSettings)


def read_sequence(path: str | Path, **facts: Any) -> Sequence:
    """Read a cine-MR sequence from files.

    Parameters
    ----------
    path
        DICOM folder or file, NIfTI, MHA/MHD, NRRD or NPZ.
    **facts
        Settings of the stage ``frames``, such as ``frame_period_s=0.25``, which win over the file.

    Returns
    -------
    Sequence
        Frames (T, H, W), times in s, spacing in mm along (rows, columns), ROI and split.

    Raises
    ------
    cinecast.errors.CinecastError
        If the files are no sequence, or lack a fact that is not given.
    """
    return read_validated(Path(path), _settings(FramesSettings, facts))


def estimate_flow(
    frames: NDArray[Any], *, reference: int, settings: Mapping[str, Any] | None = None
) -> NDArray[np.float32]:
    """Measure how far the tissue at each pixel of the reference frame has moved in each frame.

    Parameters
    ----------
    frames
        Grey values in any unit, shape (T, H, W).
    reference
        Index of the reference frame. So that nothing looks ahead, choose it in the train span, as
        `cinecast.choose_reference` does.
    settings
        Settings of the stage ``flow`` that differ from their defaults, such as ``{"levels": 3}``.

    Returns
    -------
    NDArray[np.float32]
        DVFs, shape (T, H, W, 2), pixels, last axis (x = column, y = row): the tissue at pixel ``p`` of the reference
        frame is at ``p + dvf[t, p]`` in frame ``t``. Faulty frames are measured like all others.

    Raises
    ------
    cinecast.errors.CinecastError
        If the reference is no frame, frames have another shape, a pixel is not finite, or a setting is wrong.
    """
    from cinecast.flow import estimate_flow as estimated

    frames, own = np.asanyarray(frames), _settings(FlowSettings, {**(settings or {}), "reference": reference})
    if own.dvf:
        raise SettingsError(f"flow.dvf names DVFs that are not measured here, got {own.dvf!r}; leave it out")
    if frames.ndim != 3:
        raise ReadError(f"frames must have shape (T, H, W), got {frames.shape}; give one 2D grey image per frame")
    return np.stack(list(estimated(frames, own)))


def forecast_weights(
    weights: ArrayLike,
    *,
    method: str,
    horizon: int,
    train_end: int,
    runs: int = 1,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
) -> NDArray[np.float64]:
    """Forecast weights, or any other series, causally: what is learned from has been seen.

    Parameters
    ----------
    weights
        Shape (T, K), in any unit; a regular clock, without gaps.
    method
        Name of a method, as `cinecast methods` lists them, or of one that was registered.
    horizon
        Frames between the newest sample and the forecast one.
    train_end
        Frames in the train span.
    runs, seed
        Random runs of a method that draws numbers, and the seed of their generators.
    settings
        Settings of the method that differ from its defaults, such as ``{"history_length": 8}``.

    Returns
    -------
    NDArray[np.float64]
        Shape (R, T, K): the forecast of frame t was issued at frame t - horizon; NaN where none was.

    Raises
    ------
    cinecast_models.ForecastingError
        If method or settings are unknown, or the series is too short.
    """
    own = method_settings(method, settings).loaded()
    return forecast_series(
        weights, method=method, settings=own, horizon=horizon, train_end=train_end, runs=runs, seed=seed
    ).forecasts


def push_forward(
    reference_frame: NDArray[Any], dvf: NDArray[Any], settings: Mapping[str, Any] | None = None
) -> NDArray[Any]:
    """Push the reference frame forward along a DVF into the frame that the DVF predicts.

    Parameters
    ----------
    reference_frame
        Shape (H, W), any unit.
    dvf
        Shape (H, W, 2), pixels, last axis (x = column, y = row); a pixel whose vector is NaN or masked lands nowhere.
    settings
        Settings of the stage ``warp`` that differ from their defaults, such as ``{"sigma": 0.4}``.

    Returns
    -------
    NDArray[Any]
        Shape (H, W), type and unit of the reference; where no pixel lands 0, or the lowest value if it is below 0.

    Raises
    ------
    cinecast.errors.CinecastError
        If a setting is wrong, or pixels are masked or not real.
    """
    from cinecast.warp import warp

    check_grey_values(np.asanyarray(reference_frame))
    return warp(np.asarray(reference_frame), real_values(dvf), _settings(WarpSettings, settings or {}))


def forecast_errors_mm(
    model: MotionModel,
    forecasts: NDArray[np.float64],
    dvf: NDArray[Any],
    *,
    spacing_mm: tuple[float, float],
    pixels: tuple[slice, slice] | NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return how many mm lie, on average, between the measured and the forecast motion of each frame.

    Parameters
    ----------
    model
        Turns weights into DVFs.
    forecasts
        Forecast weights, shape (R, T, K).
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels, last axis (x = column, y = row).
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    pixels
        Which pixels count, such as ``sequence.roi.slices()`` or a mask (H, W) of booleans, or of 0 and 1; None for all.

    Returns
    -------
    NDArray[np.float64]
        Shape (R, T), mm; NaN where there is no forecast.

    Raises
    ------
    ValueError
        If forecasts, DVFs and model do not belong together, or a mask is of another size or of other numbers.
    cinecast.errors.CinecastError
        If the spacing is not two positive numbers.
    """
    forecasts = real_samples(forecasts)
    if dvf.shape[1:] != model.mean.shape:
        raise ValueError(
            f"each DVF must have shape {model.mean.shape} as the model has it, got {dvf.shape[1:]}; take DVFs of its "
            "frames"
        )
    if forecasts.ndim != 3 or forecasts.shape[1:] != (len(dvf), len(model.modes)):
        raise ValueError(
            f"forecasts must have shape (runs, {len(dvf)}, {len(model.modes)}) as DVFs and modes have it, got "
            f"{forecasts.shape}; make them with forecast_weights"
        )
    counted = pixels if pixels is None or isinstance(pixels, tuple) else boolean_mask(pixels, model.mean.shape[:2])
    errors = np.full(forecasts.shape[:2], np.nan)
    for run, t in zip(*np.nonzero(np.isfinite(forecasts).all(axis=2)), strict=True):
        distance = pixel_distance_mm(model.reconstruct(forecasts[run, t]), dvf[t], spacing_mm=spacing_mm)
        errors[run, t] = (distance if counted is None else distance[counted]).mean()
    return errors


def _settings(kind: type[_Kind], values: Mapping[str, Any]) -> _Kind:
    """Return settings of a stage after checking their names."""
    check_names(f"a setting of {kind.stage}", values, setting_rules(kind))
    return kind(**values)
