"""Dense pyramidal iterative Lucas-Kanade flow, as in arXiv 2410.05882, in its arithmetic or without its units."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.flow.filters import Double, Image, scharr_gradient, smooth
from cinecast.flow.kernels import (
    MARGIN,
    add_increment,
    invert_normal_matrices,
    residual_moments,
    surround,
    to_finer_level,
    to_single,
)
from cinecast.rounding import floor, half_up
from cinecast.settings import FlowSettings

# epsilon_detG of the published code, in 8-bit grey values to the fourth power.
PUBLISHED_DETERMINANT_LIMIT = 1e-3
# A matrix is of rank one where the eigenvalues' ratio is below this: published frames are whole numbers, so such
# matrices are exactly singular and any value from 1e-15 to 1e-8 gives the same flow.
SINGULAR_TOLERANCE = 1e-12
# With a ridge of this or more, no rounding error of single precision is amplified to motion.
RIDGE_FOR_SINGLE = 1e-3
# In single precision grey values are clipped at this many times the reference's largest, so that nothing overflows.
LARGEST_GREY = 2.0**20


@dataclass(frozen=True)
class _Level:
    """What one pyramid level needs of the reference: computed once, used for every frame."""

    reference: Image
    gradient_x: Image
    gradient_y: Image
    inverse: tuple[Image, Image, Image]


class FlowEstimator:
    """Flow of any number of frames against one reference frame.

    The normal matrices hold gradients of the reference alone (inverse-compositional form), so they are formed and
    inverted once. Published arithmetic is done in double precision; else the ridge keeps every matrix so far from
    singular that single precision, which takes half the time, moves no vector of the tested sequences by 0.00002 pixel.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W), grey values in any unit.
    settings
        Settings of the stage.

    Raises
    ------
    SettingsError
        If the coarsest pyramid level would be smaller than 4 pixels.
    """

    def __init__(self, reference: NDArray[Any], settings: FlowSettings) -> None:
        smallest = min(reference.shape) >> (settings.levels - 1)
        if smallest < 4:
            raise SettingsError(
                f"flow.levels must leave 4 pixels or more on the coarsest level, got {settings.levels} levels for "
                f"frames of {reference.shape[0]} x {reference.shape[1]}; lower flow.levels"
            )
        self.settings = settings
        self._finish = _finish(reference, settings)
        self._whole = self._finish is half_up
        self._single = settings.arithmetic == "unit_free" and settings.ridge >= RIDGE_FOR_SINGLE
        self._scale = _power_of_two(reference)
        self._scratch = threading.local()
        self._levels = [self._prepare(image) for image in self._pyramid(reference)]

    def __call__(self, frame: NDArray[Any]) -> NDArray[np.float64]:
        """Return the DVF of one frame, shape (H, W, 2), pixels, last axis (x, y).

        The tissue at pixel ``p`` of the reference is at ``p + dvf[p]`` in the frame. Where the reference has no
        gradient at all the flow comes from the coarser level and, unless ``published``, from the neighbours; else
        it is 0.

        Raises
        ------
        ReadError
            If the frame is not as large as the reference, or has pixels that are not finite.
        """
        return self._estimate(frame).astype(np.float64)

    def stored(self, frame: NDArray[Any]) -> NDArray[np.float32]:
        """Return the DVF of one frame as it is kept and as all later stages take it: in single precision."""
        return self._estimate(frame).astype(np.float32)

    def _estimate(self, frame: NDArray[Any]) -> Image:
        """Return the DVF of one frame, to be copied: the next call writes on it."""
        _check_frame(frame, self._levels[0].reference.shape)
        pyramid = self._pyramid(frame)
        flow: Image = np.zeros((*pyramid[-1].shape, 2), pyramid[-1].dtype)
        for level, image in zip(reversed(self._levels), reversed(pyramid), strict=True):
            if flow.shape[:2] != image.shape:
                flow = to_finer_level(flow, *image.shape)
            flow = self._refine(level, image, flow)
        return flow

    def _prepare(self, image: Image) -> _Level:
        x, y = scharr_gradient(image.astype(np.float64))
        sigma = self.settings.sigma_window
        xx, xy, yy = smooth(x * x, sigma), smooth(x * y, sigma), smooth(y * y, sigma)
        if self.settings.arithmetic == "published":
            limit = PUBLISHED_DETERMINANT_LIMIT
        else:
            limit = np.inf
            energy = self.settings.ridge * 0.5 * float((xx + yy).mean())
            xx, yy = xx + energy, yy + energy
        inverse = invert_normal_matrices(xx, xy, yy, limit, SINGULAR_TOLERANCE)
        kept = [part.astype(image.dtype) for part in (x, y, *inverse)]
        return _Level(image, kept[0], kept[1], (kept[2], kept[3], kept[4]))

    def _refine(self, level: _Level, image: Image, flow: Image) -> Image:
        """Return the flow after the iterations of one level; ``flow`` is written on."""
        surrounded, moments, spare = self._buffers(image)
        surround(image, surrounded)
        for _ in range(self.settings.iterations):
            gradient = level.gradient_x, level.gradient_y
            residual_moments(level.reference, surrounded, flow, *gradient, moments, self._whole)
            add_increment(flow, *level.inverse, smooth(moments, self.settings.sigma_window, out=spare))
            if self.settings.arithmetic == "unit_free" and self.settings.sigma_motion > 0:
                smoothed = smooth(flow, self.settings.sigma_motion, out=spare)
                if smoothed is spare:
                    flow, spare = spare, flow
        return flow

    def _pyramid(self, frame: NDArray[Any]) -> list[Image]:
        """Return the levels, finest first: smoothed, then every 2nd pixel taken."""
        settings = self.settings
        levels = [self._finish(smooth(self._grey_values(frame), settings.sigma_init))]
        while len(levels) < settings.levels:
            smoothed = smooth(levels[-1], settings.sigma_subsampling)
            levels.append(self._finish(np.ascontiguousarray(smoothed[::2, ::2])))
        return levels

    def _grey_values(self, frame: NDArray[Any]) -> Image:
        # Contiguous, so that the compiled kernels are compiled once whatever the memory order of a reader's arrays.
        double: Double = np.ascontiguousarray(frame, dtype=np.float64)
        return to_single(double, self._scale, LARGEST_GREY) if self._single else double

    def _buffers(self, image: Image) -> tuple[Image, Image, Image]:
        """Return a surrounded image and two fields to write on: of this thread, kept, as fresh memory costs much."""
        kept = self._scratch.__dict__.setdefault("buffers", {})
        shape = image.shape
        if shape not in kept:
            surrounded = np.zeros([size + 2 * MARGIN for size in shape], image.dtype)
            kept[shape] = surrounded, np.empty((*shape, 2), image.dtype), np.empty((*shape, 2), image.dtype)
        surrounded, first, second = kept[shape]
        return surrounded, first, second


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
        If there is no frame ``settings.reference``, or the pyramid has too many levels for the frames.
    """
    if settings.reference >= len(frames):
        raise SettingsError(
            f"flow.reference must be at most {len(frames) - 1}, the last frame, got {settings.reference}; "
            "choose an earlier frame"
        )
    estimator = FlowEstimator(frames[settings.reference], settings)

    def flow_of(t: int) -> NDArray[np.float32]:
        if t == settings.reference:  # against itself the flow is 0 by definition
            return np.zeros((*frames.shape[1:], 2), dtype=np.float32)
        return estimator.stored(frames[t])

    return apply(flow_of, range(len(frames)))


def _check_frame(frame: NDArray[Any], shape: tuple[int, ...]) -> None:
    if frame.shape != shape:
        raise ReadError(
            f"every frame must be as large as the reference frame, {shape[0]} x {shape[1]}, got shape {frame.shape}; "
            "give frames of one series"
        )
    if frame.dtype.kind == "f" and not np.isfinite(frame).all():
        raise ReadError("pixels must be finite numbers, got NaN or infinity in a frame; mask or fill such pixels")


def _power_of_two(reference: NDArray[Any]) -> float:
    """Return the power of two that brings the largest grey value in size to 0.5 to 1, and so changes no digit."""
    largest = float(np.abs(reference.astype(np.float64)).max())
    return math.ldexp(1.0, min(1000, -math.frexp(largest)[1]))


def _finish(reference: NDArray[Any], settings: FlowSettings) -> Callable[[Any], Any]:
    """Return what is done to smoothed frames: nothing; in published arithmetic floored, or rounded if of 16 bits."""
    if settings.arithmetic != "published":
        return np.asarray
    return half_up if reference.dtype.kind in "iu" and reference.dtype.itemsize == 2 else floor
