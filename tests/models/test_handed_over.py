"""What a driver hands over is the method's own: it may keep it, and write to it, and forecasts the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from cinecast_models import METHODS, Method, MethodSettings, OnlineDriver, Pair, forecast_series
from cinecast_models.check.laws import breathing
from cinecast_models.forecaster import Array, ArrayForecaster


@dataclass(frozen=True)
class MovingSettings(MethodSettings):
    """Settings of a method that forecasts the mean move of all pairs."""

    method: ClassVar[str] = "moving"


class Moving(ArrayForecaster):
    """Keeps copies of all pairs, as a careful method does."""

    def __init__(self, settings: MethodSettings, components: int) -> None:
        self.pairs: list[tuple[Array, Array]] = []
        self.mean = np.zeros(components)

    def fit(self, histories: Array, targets: Array) -> None:
        self.mean[:] = (targets.copy() - histories[:, -1]).mean(axis=0)

    def learn(self, pair: Pair) -> None:
        self.pairs.append((pair.history.copy(), pair.target.copy()))

    def predict(self, pending: Array) -> Array:
        moves = [target - history[-1] for history, target in self.pairs]
        return np.asarray(pending[-1, -1] + np.mean(moves, axis=0) + self.mean)[np.newaxis]


class KeepsPairs(Moving):
    """Keeps what it was given."""

    def learn(self, pair: Pair) -> None:
        self.pairs.append((pair.history, pair.target))


class WritesToPairs(Moving):
    """Writes to what it was given."""

    def fit(self, histories: Array, targets: Array) -> None:
        targets -= histories[:, -1]
        self.mean[:] = targets.mean(axis=0)

    def learn(self, pair: Pair) -> None:
        super().learn(pair)
        pair.history[:] = 0
        pair.target[:] = 0


def bits(monkeypatch: pytest.MonkeyPatch, factory: Any, protocol: Any) -> bytes:
    """Return the forecasts of a method, bit by bit."""
    method = Method("Moving", MovingSettings, factory, deterministic=True, offline=False, standardised=True)
    monkeypatch.setitem(METHODS, "moving", method)
    given = forecast_series(breathing(), method="moving", horizon=3, train_end=60, protocol=protocol)
    return given.forecasts.tobytes()


class Remembers(Moving):
    """Keeps copies of the histories that it forecasts from, and forecasts the mean of their newest samples."""

    def __init__(self, settings: MethodSettings, components: int) -> None:
        super().__init__(settings, components)
        self.asked: list[Array] = []

    def keep(self, pending: Array) -> None:
        self.asked.append(pending.copy())

    def predict(self, pending: Array) -> Array:
        self.keep(pending)
        return np.asarray(np.mean([each[-1, -1] for each in self.asked], axis=0))[np.newaxis]


class KeepsPending(Remembers):
    """Keeps what it was given to forecast from."""

    def keep(self, pending: Array) -> None:
        self.asked.append(pending)


@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_a_method_may_keep_what_it_forecasts_from(monkeypatch: pytest.MonkeyPatch, protocol: Any) -> None:
    assert bits(monkeypatch, KeepsPending, protocol) == bits(monkeypatch, Remembers, protocol)


@pytest.mark.parametrize("frames", [30, 70])
def test_a_state_is_ones_own(frames: int) -> None:
    """What is done to it changes no forecast, within the train span and after it."""
    series = breathing(110)
    one, other = (OnlineDriver("rls", components=2, horizon=3, train_end=60) for _ in range(2))
    for sample in series[:frames]:
        one.push(sample)
        other.push(sample)
    for array in one.state().values():
        if array.dtype.kind in "fib" and array.flags.writeable:
            array[...] = 7
    for sample in series[frames:]:
        np.testing.assert_array_equal(one.push(sample), other.push(sample))


@pytest.mark.parametrize("factory", [KeepsPairs, WritesToPairs])
@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_a_method_may_keep_pairs_and_write_to_them(
    monkeypatch: pytest.MonkeyPatch, factory: Any, protocol: Any
) -> None:
    assert bits(monkeypatch, factory, protocol) == bits(monkeypatch, Moving, protocol)
