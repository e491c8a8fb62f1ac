"""A mixture of linear, kernel and analogue forecasters, weighted online by how they did: no setting to tune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array, ArrayForecaster, Pair, State, check_array
from cinecast_models.mixture.expert_weights import ExpertWeights, median
from cinecast_models.mixture.experts import REMEMBERED, make_experts
from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class MixtureSettings(MethodSettings):
    """Settings of `Mixture`; made to be left as they are.

    Parameters
    ----------
    history_length
        Number L of newest samples that an expert may look at, 1 to 100 000, default 12.
    rate
        How strongly past losses of an expert weigh, above 0 to 100, default 0.1.
    discount
        Weight of a loss relative to the one after it, above 0.5 to 1, default 0.99: the last 100 frames count.
    """

    method: ClassVar[str] = "mixture"
    history_length: Annotated[int, Range(1, 100_000)] = 12
    rate: Annotated[float, Range(0, 100, above=True)] = 0.1
    discount: Annotated[float, Range(0.5, 1, above=True)] = 0.99


class Issued(NamedTuple):
    """What the experts forecast, shape (E, K), in the mixture's axes, and the samples it was from, shape (2 L, K)."""

    forecasts: Array
    samples: Array


class Mixture(ArrayForecaster):
    """Forecast ``sum_i w_i f_i``: the experts' forecasts weighted by how far off they were.

    Samples are turned to the principal axes of the train span (its first history and its targets: the few samples in
    between are not looked at) and divided by its largest standard deviation; turning
    keeps distances, so for the weights of orthonormal modes the squared error is that of the motion, summed over the
    pixels, and for markers it is that of their positions. Experts are judged by its root: of squares, few breaths that
    none of them foresees would be the most part. Nothing is divided component by component, which would have faint
    components count as much as the breathing.

    The experts' forecasts are kept until their targets arrive. They are issued when a pair is learned, from the
    history that ends with its target: that sample is the newest there is.

    An expert may look at more samples than histories have: twice as many are remembered. Until they have come it
    sleeps: the others' forecasts are mixed without it, and its loss counts as their median (experts that sleep: Freund,
    Schapire, Singer and Warmuth, STOC 1997). So a short series has fewer experts.

    Parameters
    ----------
    settings
        Gives history length L, rate and discount.
    components
        Number K of components of a sample.

    Attributes
    ----------
    mean, axes, scale
        Of the train span: shapes (K,), (K, K) with one axis a row, and ().
    newest
        The newest samples, NaN where they are not known, shape (2 L, K).
    """

    learned = ("mean", "axes", "scale", "newest")

    def __init__(self, settings: MixtureSettings, components: int) -> None:
        self.mean: Array = np.zeros(components)
        self.axes: Array = np.eye(components)
        self.scale: Array = np.ones(())
        self.newest: Array = np.full((REMEMBERED * settings.history_length, components), np.nan)
        self._experts = make_experts(settings.history_length, components)
        self._weights = ExpertWeights(len(self._experts), settings.rate, settings.discount)
        self._length = settings.history_length
        # Forecasts whose targets have not arrived, by the index of what was the newest sample when they were issued.
        # Those issued last come last.
        self._waiting: dict[int, Issued] = {}

    def fit(self, histories: Array, targets: Array) -> None:
        """Find the principal axes of the train span, and the kernels' scales.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in the unit of the series.
        """
        train = np.concatenate([histories[0], targets])
        self.mean[...] = train.mean(axis=0)
        variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(train.T, bias=True)))
        if (train == train[0]).all():  # read off the samples: rounding leaves a constant such as 0.1 a variance
            self.mean[...] = train[0]
        elif variances[-1] > 0:  # a train span that stands still has neither axes nor scale
            self.axes[...] = axes.T[::-1]
            self.scale[...] = np.sqrt(variances[-1])
        turned, turned_targets = self._turned(histories), self._turned(targets)
        for expert in self._experts:
            if expert.history_length <= self._length:  # the others have nothing to fit
                expert.forecaster.fit(expert.view(turned), turned_targets)

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K)."""
        # Nothing was learned since the last forecasts were issued: those of an equal history are the same.
        if self._waiting and np.array_equal(self.newest[-self._length :], pending[-1]):
            forecasts = next(reversed(self._waiting.values())).forecasts
        else:
            forecasts = self._forecasts(self._remembered(pending[-1]))
        awake = np.asarray(~np.isnan(forecasts).any(axis=1))
        weights = self._weights.weights() * awake
        if not weights.any():  # at a high rate, beside a far better one that sleeps the others count for nothing
            weights = self._weights.weights(awake)
        mixed: Array = weights / weights.sum() @ np.where(awake[:, np.newaxis], forecasts, 0.0)
        return (mixed @ self.axes * self.scale + self.mean)[np.newaxis]

    def _remembered(self, history: Array) -> Array:
        """Return the newest samples, shape (2 L, K), where a history (L, K) ends with some that were not handed over.

        So it is while samples are held; those before are known only if the history goes on from the newest.
        """
        for new in range(1, self._length):
            if np.array_equal(self.newest[new - self._length :], history[:-new]):
                return np.concatenate([self.newest[new:], history[-new:]])
        samples = np.full_like(self.newest, np.nan)
        samples[-self._length :] = history
        return samples

    def learn(self, pair: Pair) -> None:
        """Weigh the experts by what they forecast of this target, have them learn the pair, and forecast anew."""
        history, target = self._turned(pair.history), self._turned(pair.target)
        answered, remembered = self._waiting.pop(pair.issued, None), history
        if answered is not None:
            losses = np.linalg.norm(answered.forecasts - target, axis=1)
            asleep = np.isnan(losses)
            if asleep.any():
                losses[asleep] = median(losses[~asleep])
            self._weights.observe(losses)
            remembered = self._turned(answered.samples)
        known = _known(remembered)
        for expert in self._experts:
            seen = history if expert.history_length <= self._length else remembered
            if expert.history_length <= max(self._length, known):
                expert.forecaster.learn(Pair(expert.view(seen), target, pair.issued, pair.arrived))
        self._forecast_from(pair)

    def skip(self, pair: Pair) -> None:
        """Forecast anew from the history that ends with the target; the forecasts of the target stay unjudged."""
        self._waiting.pop(pair.issued, None)
        self._forecast_from(pair)

    def restart(self) -> None:
        """Drop the forecasts that wait for targets, and the newest samples; weights and experts stay as learned."""
        self._waiting.clear()
        self.newest[...] = np.nan

    def _forecast_from(self, pair: Pair) -> None:
        """Keep what the experts forecast from the history whose newest sample is the target of a pair."""
        self.newest[:-1] = self.newest[1:]
        self.newest[-1] = pair.target
        # What the history holds of the samples before: so there is one to forecast from once as many targets have come
        # as the horizon is long.
        end = len(self.newest) - (pair.arrived - pair.issued)
        if end > 0:
            self.newest[max(0, end - self._length) : end] = pair.history[-min(end, self._length) :]
        if not np.isnan(self.newest[-self._length :]).any():
            samples = self.newest.copy()
            self._waiting[pair.arrived] = Issued(self._forecasts(samples), samples)

    def state(self) -> State:
        """Return what was learned, also of the experts, and the forecasts that wait for their targets."""
        return super().state() | self._parts() | self._queue()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `state` returned, after checking names, shapes and types."""
        own, queue = {**super().state(), **self._parts()}, self._queue()
        _check(state, own, queue)
        super().restore({name: state[name] for name in self.learned})
        for index, expert in enumerate(self._experts):
            expert.forecaster.restore({name: state[f"expert {index} {name}"] for name in expert.forecaster.learned})
        self._weights.restore({name: state[f"weights {name}"] for name in self._weights.learned})
        issued = map(Issued, np.array(state["waiting forecasts"]), np.array(state["waiting samples"]))
        self._waiting = dict(zip(state["waiting issued"].tolist(), issued, strict=True))

    def _parts(self) -> State:
        parts = {
            f"expert {index} {name}": array
            for index, expert in enumerate(self._experts)
            for name, array in expert.forecaster.state().items()
        }
        return parts | {f"weights {name}": array for name, array in self._weights.state().items()}

    def _queue(self) -> State:
        waiting = self._waiting.values()
        forecasts = np.array([each.forecasts for each in waiting])
        samples = np.array([each.samples for each in waiting])
        return {
            "waiting issued": np.array(list(self._waiting), dtype=np.int64),
            "waiting forecasts": forecasts.reshape(-1, len(self._experts), self.newest.shape[1]),
            "waiting samples": samples.reshape(-1, *self.newest.shape),
        }

    def _turned(self, samples: Array) -> Array:
        turned: Array = (samples - self.mean) @ self.axes.T / self.scale
        return turned

    def _forecasts(self, samples: Array) -> Array:
        """Return what the experts forecast (E, K) from the newest samples (2 L, K); NaN where one sleeps."""
        turned, known = self._turned(samples), _known(samples)
        forecasts = np.full((len(self._experts), samples.shape[1]), np.nan)
        for forecast, expert in zip(forecasts, self._experts, strict=True):
            if expert.history_length <= known:
                forecast[:] = expert.forecaster.predict(expert.view(turned)[np.newaxis])[0]
        return forecasts


def _known(samples: Array) -> int:
    """Return how many of the newest samples, shape (n, K), are known; before they came, samples are NaN."""
    lacking = np.flatnonzero(np.isnan(samples[:, 0]))
    return len(samples) if not len(lacking) else len(samples) - 1 - int(lacking[-1])


def _check(state: Mapping[str, NDArray[Any]], own: State, queue: State) -> None:
    """Refuse a state that is not one of a mixture with the same settings; the queue may have any length."""
    if set(state) != {*own, *queue}:
        raise ForecastingError(
            f"a saved state of Mixture must hold {len(own) + len(queue)} arrays of its parts, got "
            f"{', '.join(sorted(state)) or 'nothing'}; restore it into the method that saved it"
        )
    waiting = len(np.atleast_1d(state["waiting issued"]))
    for name, array in {**own, **queue}.items():
        shape = (waiting, *array.shape[1:]) if name in queue else array.shape
        check_array("Mixture", name, state[name], shape=shape, dtype=array.dtype)
