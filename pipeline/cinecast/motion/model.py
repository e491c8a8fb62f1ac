"""The motion model: PCA of the DVFs of the train span into static deformations and time weights."""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.motion.leading_directions import combined, leading_directions
from cinecast.motion.train_fields import TrainFields
from cinecast_models.real_samples import real_samples, real_values


@dataclass(frozen=True, eq=False)
class MotionModel:
    """Low-dimensional motion: ``u[t] ~ mean + sum_k weights[t, k] * modes[k]``.

    Parameters
    ----------
    mean
        Mean DVF of the train span, shape (H, W, 2), pixels.
    modes
        Static deformations, largest variance first, shape (K, H, W, 2): orthogonal and of unit norm where each pixel
        counts by its weight. They cover all pixels, those of weight 0 too, which follow the others.
    explained_variance
        Share of the train span's variance, pixels counting by their weights, that each mode explains, shape (K,), 0 to
        1.
    pixel_weights
        How much each pixel counts, shape (H, W), 0 or more; None where all count alike.
    """

    mean: NDArray[np.float64]
    modes: NDArray[np.float64]
    explained_variance: NDArray[np.float64]
    pixel_weights: NDArray[np.float64] | None = None

    def first(self, modes: int) -> MotionModel:
        """Return the model of the first, largest modes alone; weights of the others are left out of it."""
        return replace(self, modes=self.modes[:modes], explained_variance=self.explained_variance[:modes])

    def within(self, box: tuple[slice, slice]) -> MotionModel:
        """Return the model of a part of the image alone, given as its rows and columns, to rebuild motion with.

        Weights cannot be projected on it: the parts of its modes are no longer orthonormal.
        """
        mean, modes = (np.ascontiguousarray(part) for part in (self.mean[box], self.modes[:, box[0], box[1]]))
        return replace(self, mean=mean, modes=modes, pixel_weights=None)

    def __repr__(self) -> str:
        shares = ", ".join(f"{100 * share:.1f}" for share in self.explained_variance)
        rows, columns = self.mean.shape[:2]
        return f"<MotionModel: {len(self.modes)} modes of {rows} x {columns} pixels, which explain {shares} %>"

    def project(self, dvf: NDArray[Any]) -> NDArray[np.float64]:
        """Return the weights of one DVF (H, W, 2), shape (K,), or of many (T, H, W, 2), shape (T, K).

        Each DVF is projected on its own, so weights of a frame do not depend on which frames come with it. Those of a
        DVF with a vector that is NaN or masked are NaN.

        Raises
        ------
        ValueError
            If a DVF has another shape than the mean.
        """
        if np.ndim(dvf) <= 3:
            return self.project_one(dvf)[0]
        return np.stack([self.project_one(field)[0] for field in dvf])

    def project_one(self, dvf: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
        """Return the weights of one DVF, and how far it is from the mean.

        Parameters
        ----------
        dvf
            Shape (H, W, 2), pixels.

        Returns
        -------
        weights
            Shape (K,), pixels.
        squared
            Sum over the pixels of the squared length of the motion, each counting by its weight.

        Raises
        ------
        ValueError
            If the DVF has another shape than the mean.
        """
        dvf = real_values(dvf)
        if dvf.shape != self.mean.shape:
            raise ValueError(
                f"a DVF must have shape {self.mean.shape} as the mean has it, got {dvf.shape}; give that of one frame"
            )
        modes = self.modes.reshape(len(self.modes), self.mean.size)  # also where there are none
        centred = dvf - self.mean
        weighted = self.weighted(centred).ravel()
        return np.asarray(modes @ weighted), float(weighted @ centred.ravel())

    def weighted(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a field (H, W, 2) with each vector multiplied by the weight of its pixel."""
        return field if self.pixel_weights is None else field * self.pixel_weights[..., np.newaxis]

    def reconstruct(
        self, weights: NDArray[np.float64], drift: NDArray[np.float32] | None = None
    ) -> NDArray[np.float64]:
        """Return the DVF of one set of weights.

        Parameters
        ----------
        weights
            Shape (K,), pixels, as `project` gives them; of one that is NaN or masked all vectors are NaN.
        drift
            How far the mean has moved since the train span, shape (H, W, 2), pixels; None for not at all.

        Returns
        -------
        NDArray[np.float64]
            Shape (H, W, 2), pixels, last axis (x, y).

        Raises
        ------
        ValueError
            If there is not one weight for each mode.
        """
        return np.asarray(self.reconstruct_all(real_samples(weights)[np.newaxis], [drift])[0])

    def reconstruct_all(
        self,
        weights: NDArray[np.float64],
        drifts: Sequence[NDArray[np.float32] | None],
        out: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Return the DVFs of several sets of weights, which takes less time than one after another.

        Parameters
        ----------
        weights
            Shape (n, K), pixels.
        drifts
            The drift of each, as `reconstruct` takes it.
        out
            What they are written to, shape (n, H, W, 2); None for an array of its own.

        Returns
        -------
        NDArray[np.float64]
            Shape (n, H, W, 2): what `reconstruct` returns of each, to the bit.

        Raises
        ------
        ValueError
            If the shapes do not belong together.
        """
        # Both compiled, which a plan can do without.
        from cinecast.motion.drift_kernels import add_mean_and_drift
        from cinecast.motion.reconstruction_kernels import weighted_sums

        weights = real_samples(weights)
        shape = (len(weights), *self.mean.shape)
        fields = np.empty(shape) if out is None else out
        if weights.shape[1:] != (len(self.modes),) or fields.shape != shape or not fields.flags.c_contiguous:
            raise ValueError(
                f"weights must have shape (n, {len(self.modes)}) and out {shape}, in one piece, got {weights.shape} "
                f"and {fields.shape}; give no out for a new array"
            )
        rows = fields.reshape(len(fields), self.mean.size)
        modes = np.ascontiguousarray(self.modes, dtype=np.float64).reshape(len(self.modes), self.mean.size)
        weighted_sums(modes, np.ascontiguousarray(weights), rows)
        mean = np.ascontiguousarray(self.mean).reshape(-1)
        for row, drift in zip(rows, drifts, strict=True):
            if drift is None:
                row += mean
            elif drift.shape != self.mean.shape:  # compiled code would read what lies behind it
                raise ValueError(
                    f"a drift must have shape {self.mean.shape} as the mean has it, got {drift.shape}; give that of "
                    "one frame"
                )
            else:
                add_mean_and_drift(row, mean, np.ascontiguousarray(drift, dtype=np.float32).reshape(-1))
        return fields


def fit_motion_model(
    dvf_train: NDArray[Any],
    modes: int,
    at_least: int | None = None,
    pixel_weights: NDArray[np.float64] | None = None,
    left_out: Collection[int] = (),
) -> MotionModel:
    """Fit the PCA to the DVFs of the train span, which may be more than memory holds.

    Parameters
    ----------
    dvf_train
        DVFs of the train span only, shape (train_end, H, W, 2), pixels; may be memory-mapped.
    modes
        Number K of modes.
    at_least
        Fewest modes that will do where the train span has no more independent motions; None for all of `modes`.
    pixel_weights
        How much each pixel counts, shape (H, W), 0 or more; None for all alike. Pixels that count little do not shape
        the weights of frames; in the modes they move as they moved, on average, with those weights.
    left_out
        Indices of frames that nothing is learned from; later frames than those of the train span may be among them.

    Returns
    -------
    MotionModel
        The sign of a mode is such that its first non-zero weight in the train span is positive, as in the code
        published with arXiv 2410.05882. So the same DVFs always give the same modes.

    Raises
    ------
    SettingsError
        If nothing moves in the train span, or it has fewer independent motions than modes asked for.
    ValueError
        If the DVFs have another shape or are not finite, no mode is asked for, or the pixel weights do not fit.
    """
    shape = dvf_train.shape[1:]
    if dvf_train.ndim != 4 or shape[-1] != 2 or operator.index(modes) < 1:
        raise ValueError(
            f"1 mode or more is fitted to DVFs (T, H, W, 2), got {modes} of {dvf_train.shape}; give those of the train "
            "span, all together"
        )
    if dvf_train.dtype.kind == "c" or isinstance(dvf_train, np.ma.MaskedArray):
        dvf_train = real_samples(dvf_train)
    if pixel_weights is not None:
        pixel_weights = real_samples(pixel_weights)
        _check_weights(pixel_weights, shape[:2])
    fields = TrainFields(dvf_train, left_out)
    if not np.isfinite(fields.mean).all():
        raise ValueError("DVFs must be finite, got NaN or infinity in the train span; leave such frames out")
    weights = None if pixel_weights is None else np.repeat(pixel_weights.ravel(), 2)  # of both components of a vector
    found = leading_directions(fields, modes, weights)
    _check_rank(found.rank, modes if at_least is None else at_least, fields.count)
    modes = min(modes, found.rank)
    values, temporal = found.values[:modes], found.temporal[:, :modes] * _signs(found.temporal[:, :modes])
    spatial = combined(fields, (temporal / np.sqrt(values)).T, weights)
    mean = fields.mean.reshape(shape)
    return MotionModel(mean, spatial.reshape(modes, *shape), values / found.total, pixel_weights)


def _check_weights(pixel_weights: NDArray[np.float64], shape: tuple[int, ...]) -> None:
    if pixel_weights.shape != shape:
        raise ValueError(
            f"pixel weights must have shape {shape} like the DVFs, got {pixel_weights.shape}; give one for each pixel"
        )
    if not (np.isfinite(pixel_weights).all() and pixel_weights.min() >= 0 and pixel_weights.max() > 0):
        raise ValueError(
            "pixel weights must be finite, 0 or more, and not all 0, got "
            f"{pixel_weights.min()} to {pixel_weights.max()}; leave them out for weights all alike"
        )


def _check_rank(rank: int, modes: int, frames: int) -> None:
    if rank == 0:
        raise SettingsError(
            f"the train span must show motion, got the same DVF in all of its {frames} frames; lengthen the train "
            "span (frames.train_end) or check that the frames differ"
        )
    if modes > rank:
        raise SettingsError(
            f"motion.modes must be at most {rank}, the number of independent motions in the {frames} train "
            f"frames, got {modes}; lower motion.modes"
        )


def _signs(temporal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sign of the first entry of each column that is more than rounding."""
    significant = np.abs(temporal) > 1e-12
    first = np.argmax(significant, axis=0)
    return np.asarray(np.sign(temporal[first, np.arange(temporal.shape[1])]))
