"""How far each vector of the flow can be trusted: texture, agreement of the registered frame, and the way back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.flow.estimator import FlowEstimator
from cinecast.flow.filters import Double, scharr_gradient, smooth
from cinecast.flow.normalisation import normalise
from cinecast.flow.registration import translate
from cinecast.settings import FlowSettings

# Local mean and deviation are those within a Gaussian of this width in pixels, as in the flow.
NORMALISATION_PX = 10.0
# Smoothing before the gradient is taken, in pixels: noise of single pixels is no texture.
SIGMA_GRADIENT_PX = 1.0
# Gaussian window over which texture and agreement are averaged, in pixels: about as far as the flow itself looks.
SIGMA_WINDOW_PX = 4.0
# Texture of this fraction of the frame's typical texture makes a reliability of one half.
HALF_TRUSTED = 0.3
# Added to the local energies of two frames, as a fraction of the reference's mean energy: where both are all but empty
# they cannot agree.
AGREEMENT_FLOOR = 0.1
# A vector that the flow back misses by so many pixels (root mean square over the window) is trusted by one half: it is
# the mean error of the flow on the phantom.
HALF_CONSISTENT_PX = 0.1
# The static map is the median over at most so many frames of the train span, evenly spaced.
MOST_FRAMES = 32


class ReliabilityEstimator:
    """Reliability of DVFs measured against one reference frame: 0 for a vector that says nothing, 1 for a sure one.

    It is the product of three parts. *Texture* belongs to the reference frame: the smaller eigenvalue of its structure
    tensor (Shi and Tomasi, CVPR 1994), so that an edge, along which nothing can be told, counts little. *Agreement*
    belongs to a frame: the local correlation of the reference frame and the frame pulled back along its DVF. Both are
    taken of frames whose local mean and deviation are normalised, so brightness and shading change neither.
    *Consistency* asks whether the flow from the frame to the reference frame leads back (Kalal et al., ICPR 2010). It
    costs another flow of each frame, so the static map does without it.

    `docs/reliability.md` has what each part is worth against known errors.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W), grey values in any unit.
    flow
        Settings that the DVFs were measured with, and that the way back is.

    Attributes
    ----------
    texture
        Part of the reference frame, shape (H, W), 0 to 1; 0 everywhere where the frame is constant.
    """

    def __init__(self, reference: NDArray[Any], flow: FlowSettings | None = None) -> None:
        self._grey, self._flow = reference, flow or FlowSettings()
        self._reference = _normalise(reference)
        self._energy = smooth(self._reference**2, SIGMA_WINDOW_PX)
        self._floor = AGREEMENT_FLOOR * float(np.mean(self._reference**2))
        self.texture = _texture(self._reference)

    def agreement(self, frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float32]:
        """Return how well a frame agrees with the reference frame once its motion is taken back.

        Parameters
        ----------
        frame
            Shape (H, W), in any unit.
        dvf
            Its DVF, shape (H, W, 2), pixels, last axis (x = column, y = row).

        Returns
        -------
        NDArray[np.float32]
            Local correlation, shape (H, W), 0 to 1; 0 also where it is negative and where the frame is constant.

        Raises
        ------
        ReadError
            If the frame is not as large as the reference frame.
        """
        self._check_shape(frame)
        pulled = translate(_normalise(frame), dvf)
        product = smooth(self._reference * pulled, SIGMA_WINDOW_PX)
        energies = (self._energy + self._floor) * (smooth(pulled**2, SIGMA_WINDOW_PX) + self._floor)
        correlation = np.zeros_like(product)
        np.divide(product, np.sqrt(energies), out=correlation, where=energies > 0)
        return np.clip(correlation, 0, 1).astype(np.float32)

    def consistency(self, frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float32]:
        """Return how well the flow from a frame to the reference frame leads back to where its DVF comes from.

        Parameters
        ----------
        frame
            Shape (H, W), in any unit.
        dvf
            Its DVF, shape (H, W, 2), pixels, last axis (x = column, y = row).

        Returns
        -------
        NDArray[np.float32]
            Shape (H, W), 0 to 1. A vector that leads out of the frame has no way back.

        Raises
        ------
        ReadError
            If the frame is not as large as the reference frame, or has pixels that are not finite.
        """
        self._check_shape(frame)
        back = FlowEstimator(frame, self._flow)(self._grey)
        missed = [np.asarray(dvf[..., axis], np.float64) + translate(back[..., axis], dvf) for axis in (0, 1)]
        squared = smooth(missed[0] ** 2 + missed[1] ** 2, SIGMA_WINDOW_PX)
        return np.asarray(1 / (1 + squared / HALF_CONSISTENT_PX**2), dtype=np.float32)

    def __call__(self, frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float32]:
        """Return the reliability of the DVF of one frame.

        Parameters
        ----------
        frame
            Shape (H, W), in any unit.
        dvf
            Its DVF, shape (H, W, 2), pixels, last axis (x, y).

        Returns
        -------
        NDArray[np.float32]
            Shape (H, W), 0 to 1.
        """
        return self.texture * self.agreement(frame, dvf) * self.consistency(frame, dvf)

    def _check_shape(self, frame: NDArray[Any]) -> None:
        if frame.shape != self.texture.shape:
            rows, columns = self.texture.shape
            raise ReadError(
                f"every frame must be as large as the reference frame, {rows} x {columns}, got shape {frame.shape}; "
                "give frames of one series"
            )


def static_reliability(
    frames: NDArray[Any], dvf: NDArray[Any], reference: int, left_out: Collection[int] = ()
) -> NDArray[np.float32]:
    """Return one map for all frames, learned from those of the train span.

    Parameters
    ----------
    frames
        Frames of the train span only, shape (train_end, H, W).
    dvf
        Their DVFs, shape (train_end, H, W, 2), pixels, last axis (x, y).
    reference
        Index of the reference frame among them. It agrees with itself, so it does not count.
    left_out
        Indices of frames that do not count either, as their motion was not measured.

    Returns
    -------
    NDArray[np.float32]
        Shape (H, W), 0 to 1: texture times the median of the frames' agreement, so that few bad frames change little;
        texture alone where no other frame counts.
        The way back is not asked for: it would double the cost of a calibration.
    """
    estimator = ReliabilityEstimator(frames[reference])
    others = [t for t in range(len(frames)) if t != reference and t not in left_out]
    if not others:
        return estimator.texture
    spaced = np.linspace(0, len(others) - 1, min(MOST_FRAMES, len(others)))
    agreements = [estimator.agreement(frames[t], dvf[t]) for t in (others[round(place)] for place in spaced)]
    return np.asarray(estimator.texture * np.median(agreements, axis=0), dtype=np.float32)


def _texture(normalised: Double) -> NDArray[np.float32]:
    """Return the smaller eigenvalue of the structure tensor, squeezed into 0 to 1."""
    smoothed = np.pad(smooth(normalised, SIGMA_GRADIENT_PX), 1, mode="edge")  # the border itself is no edge
    x, y = (np.ascontiguousarray(part[1:-1, 1:-1]) for part in scharr_gradient(smoothed))
    xx, xy, yy = (smooth(part, SIGMA_WINDOW_PX) for part in (x * x, x * y, y * y))
    smaller = np.maximum(0, 0.5 * (xx + yy) - np.hypot(0.5 * (xx - yy), xy))
    total = float(smaller.sum())
    if total == 0:
        return np.zeros(normalised.shape, dtype=np.float32)
    # The mean of the texture over the texture itself: air around the patient, be it much or little, does not change it.
    typical = float((smaller**2).sum()) / total
    return np.asarray(smaller / (smaller + HALF_TRUSTED * typical), dtype=np.float32)


def _normalise(frame: NDArray[Any]) -> Double:
    return normalise(frame, NORMALISATION_PX).astype(np.float64)
