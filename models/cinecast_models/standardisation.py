"""Scaling of each component by its mean and standard deviation over the train span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cinecast_models.forecaster import Array


@dataclass(frozen=True, eq=False)
class Standardisation:
    """An affine change of unit, component by component.

    Parameters
    ----------
    mean, scale
        Shape (K,); `scale` is positive.
    """

    mean: Array
    scale: Array

    @classmethod
    def identity(cls, components: int) -> Standardisation:
        """Return the one that changes nothing, for methods that work in raw units."""
        return cls(np.zeros(components), np.ones(components))

    @classmethod
    def of(cls, train: Array) -> Standardisation:
        """Return mean and population standard deviation of a train span (T, K); a constant component gets scale 1."""
        # Rounding gives a constant like 0.1 a deviation of 1e-17 instead of 0, so constancy is read off the samples.
        constant = train.min(axis=0) == train.max(axis=0)
        scale = train.std(axis=0)
        return cls(
            np.where(constant, train[0], train.mean(axis=0)),
            np.where(constant | (scale == 0), 1.0, scale),
        )

    def apply(self, samples: Array) -> Array:
        """Return samples (..., K) in standard units."""
        return (samples - self.mean) / self.scale

    def invert(self, samples: Array) -> Array:
        """Return standardised samples (..., K) in their own units again."""
        return samples * self.scale + self.mean
