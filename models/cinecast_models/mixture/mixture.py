"""A mixture of linear and kernel forecasters, weighted online by how they did: no setting to tune."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array, ArrayState, State, check_array
from cinecast_models.mixture.expert_weights import ExpertWeights
from cinecast_models.mixture.experts import make_experts
from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class MixtureSettings(MethodSettings):
    """Settings of `Mixture`; made to be left as they are.

    Parameters
    ----------
    history_length
        Number L of newest samples that an expert may look at, 1 to 100 000, default 24.
    rate
        How strongly past losses of an expert weigh, above 0 to 100, default 0.2.
    discount
        Weight of a loss relative to the one after it, above 0.5 to 1, default 0.99: the last 100 frames count.
    """

    method: ClassVar[str] = "mixture"
    history_length: Annotated[int, Range(1, 100_000)] = 24
    rate: Annotated[float, Range(0, 100, above=True)] = 0.2
    discount: Annotated[float, Range(0.5, 1, above=True)] = 0.99


class _Issued(NamedTuple):
    """What the experts forecast (E, K) from a history (L, K)."""

    history: Array
    forecasts: Array


class Mixture(ArrayState):
    """Forecast ``sum_i w_i f_i``: the experts' forecasts weighted by their past squared errors.

    Samples are turned to the principal axes of the train span (its first history and its targets: the few samples in
    between are not looked at) and divided by its largest standard deviation; turning
    keeps distances, so for the weights of orthonormal modes the squared error is that of the motion, summed over the
    pixels, and for markers it is that of their positions. Nothing is divided component by component, which would have
    faint components count as much as the breathing.

    The experts' forecasts are kept until their targets arrive. They are issued when a pair is learned, from the
    history that ends with its target: that sample is the newest there is.

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
        The newest targets, NaN before there are L, shape (L, K).
    """

    learned = ("mean", "axes", "scale", "newest")
    runs = 1

    def __init__(self, settings: MixtureSettings, components: int) -> None:
        self.mean: Array = np.zeros(components)
        self.axes: Array = np.eye(components)
        self.scale: Array = np.ones(())
        self.newest: Array = np.full((settings.history_length, components), np.nan)
        self._experts = make_experts(settings.history_length, components)
        self._weights = ExpertWeights(len(self._experts), settings.rate, settings.discount)
        self._waiting: deque[_Issued] = deque()

    def fit(self, histories: Array, targets: Array) -> None:
        """Find the principal axes of the train span, and the kernels' scales."""
        train = np.concatenate([histories[0], targets])
        self.mean[...] = train.mean(axis=0)
        variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(train.T, bias=True)))
        if variances[-1] > 0:  # a train span that stands still has neither axes nor scale
            self.axes[...] = axes.T[::-1]
            self.scale[...] = np.sqrt(variances[-1])
        turned, turned_targets = self._turned(histories), self._turned(targets)
        for expert in self._experts:
            expert.forecaster.fit(expert.view(turned), turned_targets)

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K)."""
        issued = self._waiting[-1] if self._waiting else None
        if issued is None or not np.array_equal(issued.history, pending[-1]):
            issued = self._issued(pending[-1])
        mixed: Array = self._weights.weights() @ issued.forecasts
        return (mixed @ self.axes * self.scale + self.mean)[np.newaxis]

    def learn(self, history: Array, target: Array) -> None:
        """Weigh the experts by what they forecast of this target, have them learn the pair, and forecast anew."""
        turned, turned_target = self._turned(history), self._turned(target)
        if self._waiting and np.array_equal(self._waiting[0].history, history):
            forecasts = self._waiting.popleft().forecasts
            self._weights.observe(((forecasts - turned_target) ** 2).sum(axis=1))
        for expert in self._experts:
            expert.forecaster.learn(expert.view(turned), turned_target)
        self.newest[:-1] = self.newest[1:]
        self.newest[-1] = target
        if not np.isnan(self.newest).any():
            self._waiting.append(self._issued(self.newest.copy()))

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
        pairs = zip(np.array(state["waiting histories"]), np.array(state["waiting forecasts"]), strict=True)
        self._waiting = deque(_Issued(history, forecasts) for history, forecasts in pairs)

    def _parts(self) -> State:
        parts = {
            f"expert {index} {name}": array
            for index, expert in enumerate(self._experts)
            for name, array in expert.forecaster.state().items()
        }
        return parts | {f"weights {name}": array for name, array in self._weights.state().items()}

    def _queue(self) -> State:
        length, components = self.newest.shape
        histories, forecasts = np.empty((0, length, components)), np.empty((0, len(self._experts), components))
        if self._waiting:
            histories = np.stack([issued.history for issued in self._waiting])
            forecasts = np.stack([issued.forecasts for issued in self._waiting])
        return {"waiting histories": histories, "waiting forecasts": forecasts}

    def _turned(self, samples: Array) -> Array:
        turned: Array = (samples - self.mean) @ self.axes.T / self.scale
        return turned

    def _issued(self, history: Array) -> _Issued:
        turned = self._turned(history)
        forecasts = [expert.forecaster.predict(expert.view(turned)[np.newaxis])[0] for expert in self._experts]
        return _Issued(history, np.stack(forecasts))


def _check(state: Mapping[str, NDArray[Any]], own: State, queue: State) -> None:
    """Refuse a state that is not one of a mixture with the same settings; the queue may have any length."""
    if set(state) != {*own, *queue}:
        raise ForecastingError(
            f"a saved state of Mixture must hold {len(own) + len(queue)} arrays of its parts, got "
            f"{', '.join(sorted(state)) or 'nothing'}; restore it into the method that saved it"
        )
    for name, array in {**own, **queue}.items():
        given = state[name]
        shape = given.shape[:1] + array.shape[1:] if name in queue else array.shape
        check_array("Mixture", name, given, shape=shape, dtype=array.dtype)
