"""The flow of frames against a reference frame, as the settings ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.flow.lucas_kanade import CellFlow
from cinecast.flow.other_flows import other_flow
from cinecast.flow.published import PublishedFlow
from cinecast.flow.pyramid import pyramid_levels
from cinecast.flow.reference import reference_index
from cinecast.sequence import check_grey_values
from cinecast.settings import FlowSettings
from cinecast.settings.flow_settings import OWN_FLOW


class FlowEstimator:
    """Flow of any number of frames against one reference frame.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W), grey values in any unit.
    settings
        Settings of the stage.

    Raises
    ------
    ReadError
        If pixels of the reference frame are masked or not real.
    SettingsError
        If the coarsest pyramid level would be smaller than 4 pixels, or no package adds the flow.
    """

    def __init__(self, reference: NDArray[Any], settings: FlowSettings) -> None:
        check_grey_values(reference)
        self._shape = reference.shape
        self._estimate: Callable[[NDArray[Any]], NDArray[Any]]
        if settings.estimator != OWN_FLOW:
            self._estimate = other_flow(reference, settings)
            return
        levels = pyramid_levels(reference.shape, settings)
        if settings.arithmetic == "published":
            self._estimate = PublishedFlow(reference, settings, levels).estimate
        else:
            self._estimate = CellFlow(reference, settings, levels).estimate

    def __call__(self, frame: NDArray[Any]) -> NDArray[np.float64]:
        """Return the DVF of one frame, shape (H, W, 2), pixels, last axis (x, y).

        The tissue at pixel ``p`` of the reference is at ``p + dvf[p]`` in the frame. Where the reference has no
        gradient at all the flow comes from the coarser level and, unless ``published``, from the neighbours; else
        it is 0.

        Raises
        ------
        ReadError
            If the frame is not as large as the reference, or has pixels that are masked, not real or not finite.
        """
        self._check_frame(frame)
        return self._estimate(frame).astype(np.float64)

    def stored(self, frame: NDArray[Any]) -> NDArray[np.float32]:
        """Return the DVF of one frame as it is kept and as all later stages take it: in single precision."""
        self._check_frame(frame)
        return self._estimate(frame).astype(np.float32)

    def _check_frame(self, frame: NDArray[Any]) -> None:
        if frame.shape != self._shape:
            raise ReadError(
                f"every frame must be as large as the reference frame, {self._shape[0]} x {self._shape[1]}, got shape "
                f"{frame.shape}; give frames of one series"
            )
        check_grey_values(frame)
        if frame.dtype.kind == "f" and not np.isfinite(frame).all():
            raise ReadError("pixels must be finite numbers, got NaN or infinity in a frame; fill such pixels")


def estimate_flow(
    frames: NDArray[Any], settings: FlowSettings, *, apply: Callable[..., Iterable[NDArray[np.float32]]] = map
) -> Iterable[NDArray[np.float32]]:
    """Return the DVFs of all frames against the reference frame, one after another.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    settings
        Settings of the stage; ``settings.reference`` indexes the frames.
    apply
        Calls a function on each of many arguments, in order: `map`, or that of a thread pool (the loops release the
        interpreter lock).

    Returns
    -------
    Iterable of T arrays of shape (H, W, 2), pixels, last axis (x = column, y = row); zero for the reference frame.

    Raises
    ------
    SettingsError
        If ``settings.reference`` is no number or no frame, or the pyramid has too many levels for the frames.
    """
    reference = reference_index(settings)
    if reference >= len(frames):
        raise SettingsError(
            f"flow.reference must be at most {len(frames) - 1}, the last frame, got {reference}; "
            "choose an earlier frame"
        )
    estimator = FlowEstimator(frames[reference], settings)

    def flow_of(t: int) -> NDArray[np.float32]:
        if t == reference:  # against itself the flow is 0 by definition
            return np.zeros((*frames.shape[1:], 2), dtype=np.float32)
        return estimator.stored(frames[t])

    if settings.estimator != OWN_FLOW:
        apply = map  # nothing says that another package's flow may be asked by several threads
    return apply(flow_of, range(len(frames)))
