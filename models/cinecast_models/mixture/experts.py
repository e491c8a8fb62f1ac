"""The experts of the mixture: known forecasters, each with its own view of the samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cinecast_models.analogue.analogue import Analogue, AnalogueSettings
from cinecast_models.forecaster import Array, ArrayForecaster, Pair
from cinecast_models.kernel.kernel_tracker import KernelTracker, KernelTrackerSettings
from cinecast_models.linear.base import AffineForecaster
from cinecast_models.linear.persistence import Persistence, PersistenceSettings
from cinecast_models.linear.rls import CompiledRls, RlsSettings

# Experts may look at so many times the samples that histories have.
REMEMBERED = 2
# Similarity falls to a third in 300 frames.
SLOWLY = 0.9967


class Expert(NamedTuple):
    """A forecaster of all components that looks at the newest few samples of the leading few only.

    The leading components carry the breathing; what the others will be follows from them better than from themselves.

    Parameters
    ----------
    forecaster
        Takes histories of `components` numbers, gives forecasts of all.
    history_length, components
        What it looks at.
    """

    forecaster: AffineForecaster | Analogue | KernelTracker | Persistence | RunningMean
    history_length: int
    components: int

    def view(self, histories: Array) -> Array:
        """Return what it looks at of histories (..., L, K)."""
        return histories[..., -self.history_length :, : self.components]


class RunningMean(ArrayForecaster):
    """Forecast the mean of the targets so far, each weighted by ``forgetting ** age``.

    Parameters
    ----------
    forgetting
        Weight of a target relative to the one after it.
    components
        Number K of components of a target.

    Attributes
    ----------
    sums
        Sum of the weights, then of the weighted targets, shape (1 + K,).
    """

    learned = ("sums",)

    def __init__(self, forgetting: float, components: int) -> None:
        self.sums: Array = np.zeros(1 + components)
        self._forgetting = forgetting

    def predict(self, pending: Array) -> Array:
        """Return the mean, shape (1, K); 0 before any target."""
        del pending
        mean: Array = self.sums[1:] / max(self.sums[0], 1.0)
        return mean[np.newaxis]

    def learn(self, pair: Pair) -> None:
        """Add one target."""
        self.sums *= self._forgetting
        self.sums[0] += 1
        self.sums[1:] += pair.target


def make_experts(history_length: int, components: int) -> list[Expert]:
    """Return new experts; none looks back further than the mixture remembers.

    Which ones, and their settings, were chosen by the error at landmarks of six cine sequences at 5 or 6 horizons each,
    over validation and test spans, and by the nRMSE of the first minute and a half of six marker recordings at 10 and
    3.33 Hz.

    Parameters
    ----------
    history_length
        Number L of samples of a history; twice as many are remembered.
    components
        Number K of components of a sample.

    Returns
    -------
    list of Expert
        The simplest first; they have learned nothing.
    """

    def rls(looks_at: int, length: int, forgetting: float, ridge: float = 1.0) -> Expert:
        length, width = min(length, REMEMBERED * history_length), min(looks_at, components)
        settings = RlsSettings(history_length=length, forgetting=forgetting, ridge=ridge)
        return Expert(CompiledRls(settings, width, components), length, width)

    # Windows differ, so that no two of them make room in the same step.
    windows = iter(range(500, 0, -20))

    def kernel(looks_at: int, length: int, ridge: float, lag_decay: float = 1.0, forgetting: float = 1.0) -> Expert:
        length, width = min(length, history_length), min(looks_at, components)
        settings = KernelTrackerSettings(
            history_length=length, window=next(windows), ridge=ridge, lag_decay=lag_decay, forgetting=forgetting
        )
        return Expert(KernelTracker(settings, width, components), length, width)

    def analogue(looks_at: int, length: int) -> Expert:
        length, width = min(length, history_length), min(looks_at, components)
        settings = AnalogueSettings(history_length=length)
        return Expert(Analogue(settings, components, compared=width), length, components)

    latest = PersistenceSettings(history_length=1)
    return [
        Expert(Persistence(latest, components), 1, components),
        Expert(AffineForecaster(latest, components), 1, components),  # its weights stay 0: the mean of the train span
        Expert(RunningMean(0.97, components), 1, components),
        rls(3, 8, 0.98),
        rls(3, 8, 0.999),
        rls(6, 3, 0.999),
        rls(3, 12, 0.998, ridge=0.1),
        rls(3, 24, 0.999),
        analogue(3, 12),
        kernel(6, 2, 0.01),
        kernel(3, 4, 0.03),
        kernel(12, 8, 0.01, lag_decay=0.8),
        kernel(12, 8, 0.03, lag_decay=0.8, forgetting=SLOWLY),
        kernel(6, 12, 0.01, lag_decay=0.8, forgetting=SLOWLY),
    ]
