"""Forecasts of the study of the mixture: every method, and the mixture with each of its parts left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks import Landmarks
from cinecast.motion import MotionModel
from cinecast.sequence import Sequence
from cinecast_models import Pair, forecast_series
from cinecast_models.kernel.kernel_tracker import KernelTracker
from cinecast_models.linear.rls import Rls
from cinecast_models.mixture.expert_weights import ExpertWeights
from cinecast_models.mixture.experts import Expert, make_experts

METHODS = (
    "persistence",
    "linear",
    "lms",
    "nlms",
    "rls",
    "kernel_ridge",
    "kernel_tracker",
    "analogue",
    "svr",
    "fixed",
    "rtrl",
    "snap1",
    "uoro",
    "dni",
)
NETWORKS = ("rtrl", "snap1", "uoro")
HISTORY, MODES, FEW = 12, 12, 3
Array = NDArray[np.float64]
ExpertFilter = Callable[[int, Expert], bool]


class Case(NamedTuple):
    """One sequence with its motion; held frames teach nothing and are not scored; there may be no landmarks.

    All methods follow the drift, as in a run with default settings, or only the mixture, which is made for it.
    """

    sequence: Sequence
    dvf: NDArray[np.float32]
    model: MotionModel
    weights: Array
    drifts: NDArray[np.float32]
    held: frozenset[int]
    landmarks: Landmarks | None
    all_follow_drift: bool = False

    def learned_from(self, first: int, end: int) -> NDArray[np.bool_]:
        """Return which frames from the first on, before the end, are not held."""
        return np.array([t not in self.held for t in range(first, end)])


class Forecast(NamedTuple):
    """What one method forecast: weights (T, K), whether with the drift, and its median ms per step."""

    name: str
    weights: Array
    follows_drift: bool = False
    milliseconds: float = np.nan


class Axes(NamedTuple):
    """The mixture's axes: those of the train span, the first with unit variance."""

    mean: Array
    turn: Array
    scale: float

    @classmethod
    def of(cls, train: Array) -> Axes:
        """Return the axes of a train span (T, K)."""
        variances, axes = np.linalg.eigh(np.cov(train.T, bias=True))
        return cls(train.mean(axis=0), axes[:, ::-1], float(np.sqrt(variances[-1])))


def expert_forecasts(case: Case, samples: Array, horizon: int) -> tuple[list[Expert], Array]:
    """Return experts and their causal forecasts (E, T, K) of samples (T, K) in the mixture's axes."""
    experts, train_end = make_experts(HISTORY, samples.shape[1]), case.sequence.split.train_end
    windows = np.array([samples[t - HISTORY + 1 : t + 1] for t in range(HISTORY - 1, train_end - horizon)])
    targets, good = samples[HISTORY - 1 + horizon : train_end], case.learned_from(HISTORY - 1 + horizon, train_end)
    table = np.full((len(experts), *samples.shape), np.nan)
    # The mixture knows its history by as many targets as lie between it and that of the first pair.
    first = HISTORY + horizon + min(HISTORY, horizon) - 2
    for row, expert in enumerate(experts):
        asleep = expert.history_length > HISTORY
        if not asleep:
            expert.forecaster.fit(expert.view(windows[good]), targets[good])
        for now in range(HISTORY - 1 + horizon, len(samples) - horizon):
            then, awake = now - horizon, max(first, expert.history_length - 1)
            if now not in case.held and (not asleep or then >= awake):
                expert.forecaster.learn(Pair(expert.view(samples[: then + 1]), samples[now], then, now))
            if now >= awake:
                table[row, now + horizon] = expert.forecaster.predict(expert.view(samples[: now + 1])[np.newaxis])[0]
    return experts, table


def _is_rls(expert: Expert) -> bool:
    return isinstance(expert.forecaster, Rls)


class Ablation(NamedTuple):
    """Which experts the mixture has, how strongly their losses weigh and for how long, and the power of a distance."""

    chosen: ExpertFilter = lambda i, e: True
    rate: float = 0.1
    discount: float = 0.99
    power: float = 1.0


# Places of the experts that are left out one at a time: numbers of modes and of frames that they look at.
ALONE = {
    3: "rls 3 x 8, forgetting fast",
    4: "rls 3 x 8",
    5: "rls 6 x 3",
    6: "rls 3 x 12",
    7: "rls 3 x 24",
    8: "analogues 3 x 12",
    9: "kernel 6 x 2",
    10: "kernel 3 x 4",
    11: "kernel 12 x 8",
    12: "kernel 12 x 8, forgetting",
    13: "kernel 6 x 12, forgetting",
}


def _without(left_out: int) -> Ablation:
    return Ablation(lambda i, e: i != left_out)


ABLATIONS: Mapping[str, Ablation] = {
    "as it is": Ablation(),
    "without kernels": Ablation(lambda i, e: not isinstance(e.forecaster, KernelTracker)),
    "without recursive least squares": Ablation(lambda i, e: not _is_rls(e)),
    "without persistence and means": Ablation(lambda i, e: i > 2),
    "without kernels that forget": Ablation(lambda i, e: i not in (12, 13)),
    **{f"without {name}": _without(place) for place, name in ALONE.items()},
    "without discount": Ablation(discount=1.0),
    "weighed by squares": Ablation(power=2.0),
    "equal weights": Ablation(rate=1e-9),
}


def mixed(case: Case, table: Array, samples: Array, horizon: int, parts: Ablation) -> Array:
    """Return the mixture of the experts in a table, weighted by losses that have arrived."""
    tracker, out = ExpertWeights(len(table), parts.rate, parts.discount), np.full_like(samples, np.nan)
    for now in range(len(samples) - horizon):
        if now not in case.held and np.isfinite(table[0, now, 0]):
            losses = np.linalg.norm(table[:, now] - samples[now], axis=1) ** parts.power
            tracker.observe(np.where(np.isnan(losses), np.nanmedian(losses), losses))
        if np.isfinite(table[0, now + horizon, 0]):
            awake = np.isfinite(table[:, now + horizon, 0])
            weights = tracker.weights()[awake]
            out[now + horizon] = weights / weights.sum() @ table[awake, now + horizon]
    return out


def network_forecasts(case: Case, axes: Axes, horizon: int) -> Iterator[Array]:
    """Yield causal forecasts (T, K) of recurrent nets with default settings, in the mixture's axes."""
    for method in NETWORKS:
        end = case.sequence.split.train_end
        found = forecast_series(case.weights, method=method, horizon=horizon, train_end=end, held=case.held)
        yield (found.forecasts[0] - axes.mean) @ axes.turn / axes.scale


def population_forecasts(case: Case, others: list[Case], axes: Axes, horizon: int) -> Array:
    """Return forecasts (T, K), in the mixture's axes, of one linear filter learned on the other sequences of the set.

    The filter is the same for every component, which is scaled to unit variance for it: signs and numbers of modes
    mean nothing from one patient to another.
    """

    def scaled(each: Case) -> tuple[Array, Array]:
        end = each.sequence.split.train_end
        train = each.weights[:end][each.learned_from(0, end)]
        return (each.weights - train.mean(axis=0)) / train.std(axis=0), train.std(axis=0)

    def windows(samples: Array) -> Array:
        return np.stack([samples[t - HISTORY + 1 : t + 1].T for t in range(HISTORY - 1, len(samples))])

    inputs, targets = [], []
    for other in others:
        samples, first = scaled(other)[0], HISTORY - 1 + horizon
        good = other.learned_from(first, len(samples))
        inputs.append(windows(samples)[:-horizon][good].reshape(-1, HISTORY))
        targets.append(samples[first:][good].reshape(-1))
    known, wanted = np.concatenate(inputs), np.concatenate(targets)
    coefficients = np.linalg.solve(known.T @ known + 0.01 * len(known) * np.eye(HISTORY), known.T @ wanted)
    samples, spread = scaled(case)
    out = np.full_like(samples, np.nan)
    out[HISTORY - 1 + horizon :] = windows(samples)[:-horizon] @ coefficients
    return (out * spread) @ axes.turn / axes.scale


def ablations(case: Case, others: list[Case], horizon: int) -> Iterator[Forecast]:
    """Yield the mixture with each of its parts left out, and with experts that it does not have."""
    train_end = case.sequence.split.train_end
    axes = Axes.of(case.weights[:train_end][case.learned_from(0, train_end)])
    samples = (case.weights - axes.mean) @ axes.turn / axes.scale
    experts, table = expert_forecasts(case, samples, horizon)
    for name, parts in ABLATIONS.items():
        kept = [i for i, expert in enumerate(experts) if parts.chosen(i, expert)]
        mixture = mixed(case, table[kept], samples, horizon, parts)
        forecasts = _as_weights(mixture, axes, train_end, horizon)
        yield Forecast(f"ablation: {name}", forecasts, follows_drift=True)
        if name == "as it is":
            yield Forecast("ablation: without following the drift", forecasts)
    usable = np.isfinite(table[0, :, :1])
    networks = [np.where(usable, each, np.nan) for each in network_forecasts(case, axes, horizon)]
    population = np.where(usable, population_forecasts(case, others, axes, horizon), np.nan)
    for name, more in (("recurrent nets", networks), ("a population filter", [population])):
        # A net forecasts from the end of the train span on, the experts from before it: until then it says the mean.
        added = np.concatenate([table, np.where(usable & np.isnan(more), 0.0, more)])
        forecasts = _as_weights(mixed(case, added, samples, horizon, Ablation()), axes, train_end, horizon)
        yield Forecast(f"ablation: with {name} as experts", forecasts, follows_drift=True)


def _as_weights(mixture: Array, axes: Axes, train_end: int, horizon: int) -> Array:
    forecasts: Array = mixture @ axes.turn.T * axes.scale + axes.mean
    forecasts[: train_end - 1 + horizon] = np.nan
    return forecasts


def forecasts_of(case: Case, others: list[Case], horizon: int) -> Iterator[Forecast]:
    """Yield the forecasts of every method and of the ablations."""
    end = case.sequence.split.train_end
    for method, modes in [*((m, FEW) for m in METHODS), ("mixture", FEW), ("mixture", MODES)]:
        result = forecast_series(case.weights[:, :modes], method=method, horizon=horizon, train_end=end, held=case.held)
        milliseconds = float(np.nanmedian(result.step_time_ms))
        if method == "mixture":
            name = f"mixture, {modes} modes, drift not followed"
            yield Forecast(name, result.forecasts[0], milliseconds=milliseconds)
        else:
            yield Forecast(method, result.forecasts[0], case.all_follow_drift, milliseconds)
    yield Forecast("mixture", result.forecasts[0], follows_drift=True, milliseconds=milliseconds)
    yield Forecast("oracle, 3 modes", case.weights[:, :FEW])
    yield Forecast("oracle, 12 modes", case.weights)
    yield Forecast("oracle, 12 modes and drift", case.weights, follows_drift=True)
    yield from ablations(case, others, horizon)
