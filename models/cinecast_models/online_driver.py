"""The causal stream: one sample in, one forecast out. Nothing here can see a sample that has not arrived."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cinecast_models.engine import ForecastEngine, checked_samples
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array, State
from cinecast_models.real_samples import real_samples
from cinecast_models.settings import MethodSettings
from cinecast_models.standardisation import Standardisation
from cinecast_models.windows import histories

_FORECASTER_PREFIX = "forecaster."
_OWN_KEYS = (
    "identity",
    "count",
    "since",
    "newest",
    "samples",
    "filled",
    "held",
    "restarts",
    "bridged",
    "waiting",
    "stand-ins",
    "ahead at",
    "ahead",
    "mean",
    "scale",
    "diverged",
)


class OnlineDriver:
    """Drive one forecaster sample by sample, learning from a target only once it has arrived.

    The train span is collected first. When its last sample arrives, the scaling is fixed, the method is fitted and
    learns the pairs that lie wholly in the train span; from then on every sample brings a forecast. On arrival of
    frame t the pair (history ending at t - h, sample t) is learned, then frame t + h is forecast.

    After a gap that is too long to be filled in, `push` begins the history anew: no history and no pair reaches across
    the gap, and there is no forecast until L samples have come. What was learned stays. Samples are counted as they
    are pushed; the gap itself counts for none.

    A sample that could not be measured is held: the newest measured one stands for it. Nobody takes it in until the
    next measured sample comes. From the second in a row on, forecasts go on from what was forecast of them; in the end
    the straight line between the measured ones stands in their place. A single one stays as it is: in recordings that
    were put together from several breaths a frame is shown twice where motion turns, and held is right there.
    From a history that ends on the line nothing is learned: it knows what came next, and was another when it was
    forecast from. Of more in a row than a history is long, only so many wait.

    Parameters
    ----------
    method
        Name of a registered method.
    settings
        Its settings, with what they name read in (`MethodSettings.loaded`); None for the defaults.
    components
        Number K of components of a sample.
    horizon
        Frames h between the newest sample and the forecast one, 1 or more.
    train_end
        Number of frames in the train span, at least history length + horizon.
    runs
        Random runs R; a deterministic method has one whatever is asked for.
    seed
        Seed of the random runs, 0 or more.

    Raises
    ------
    ForecastingError
        If one of these rules is broken.
    """

    def __init__(
        self,
        method: str,
        settings: MethodSettings | None = None,
        *,
        components: int,
        horizon: int,
        train_end: int,
        runs: int = 1,
        seed: int = 0,
    ) -> None:
        self._engine = ForecastEngine(
            method, settings, components=components, horizon=horizon, train_end=train_end, runs=runs, seed=seed
        )
        self._count = 0
        # Raw samples of the train span while it is collected; afterwards the L + h newest ones in standard units.
        self._samples: Array = np.empty((train_end, components))
        # Which samples of the train span were filled in or held, and which begin the history anew, while it is
        # collected.
        self._filled: NDArray[np.bool_] = np.zeros(train_end, dtype=bool)
        self._held: NDArray[np.bool_] = np.zeros(train_end, dtype=bool)
        self._restarts: NDArray[np.bool_] = np.zeros(train_end, dtype=bool)
        # Number of samples since the history began, and the newest of all, in the unit that it came in.
        self._since = 0
        self._newest: Array = np.zeros(components)
        # Held samples after the train span that wait for the next measured one, in the unit that they came in; and
        # which of the newest h samples lie on a line that stands for such.
        self._waiting: list[Array] = []
        self._bridged: NDArray[np.bool_] = np.zeros(horizon, dtype=bool)
        # What is forecast from in the place of those that wait, and what was forecast at measured samples of those that
        # have not come, the mean over all runs, by their index.
        self._stand_ins: list[Array] = []
        self._ahead: dict[int, Array] = {}

    @property
    def runs(self) -> int:
        """Number R of runs."""
        return self._engine.forecaster.runs

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """Whether each run has diverged, shape (R,); such a run forecasts NaN."""
        return self._engine.diverged.copy()

    def push(
        self, sample: ArrayLike, *, filled: bool = False, held: bool = False, restart: bool = False
    ) -> Array | None:
        """Take in the next sample.

        Parameters
        ----------
        sample
            Sample t, shape (K,), in any unit.
        filled
            Whether it was filled in rather than measured: it stands in histories, and nothing is learned from it as
            a target.
        held
            Whether it was not measured, and the newest sample stands for it until the next one is. One that begins the
            history, or ends the train span, stays as it is.
        restart
            Whether it is the first sample after a gap too long to be filled in: the history begins with it.

        Returns
        -------
        Array or None
            Forecast of sample t + h for each run, shape (R, K), in the same unit; None until the train span is full,
            and until L samples have come since the history began.

        Raises
        ------
        ForecastingError
            If the sample is not K finite numbers, or every run has diverged.
        """
        arrived = self._checked(sample)
        if held and not restart and self._count >= self._engine.train_end:
            self._stand_in(arrived)
            if len(self._waiting) > self._engine.history_length:
                self._stand_ins.pop(0)
                self._take_in(self._waiting.pop(0), filled=True)
            return self._forecast()
        waiting, self._waiting, self._stand_ins = self._waiting, [], []
        bridged = len(waiting) > 1 and not restart
        for stands in _line(self._newest, arrived, len(waiting)) if bridged else waiting:
            self._take_in(stands, filled=True, bridged=bridged)
        self._take_in(arrived, filled=filled or held, held=held and not restart, restart=restart)
        return None if self._count < self._engine.train_end else self._forecast()

    def _stand_in(self, held: Array) -> None:
        """Keep a held sample, and what is forecast from in its place: what was forecast of it at the last measured one.

        Forecasts from such histories never stand in: a method that goes on from itself may go astray. Where a method
        repeats the newest sample, the held one is newer than what was forecast of it.
        """
        newest = self._stand_ins[-1] if self._stand_ins else held
        told = {} if self._engine.method.repeats_newest else self._ahead
        self._stand_ins.append(told.get(self._count + len(self._waiting), newest))
        self._waiting.append(held)

    def _take_in(
        self, arrived: Array, *, filled: bool, held: bool = False, bridged: bool = False, restart: bool = False
    ) -> None:
        frame, self._count = self._count, self._count + 1
        self._since = 1 if restart else self._since + 1
        self._newest = arrived
        if frame >= self._engine.train_end:
            self._learn(arrived, frame, filled or bool(self._bridged[0]), restart)
            self._bridged = np.append(self._bridged[1:], bridged)
            return
        self._samples[frame] = arrived
        self._filled[frame], self._held[frame], self._restarts[frame] = filled, held, restart
        if self._count == self._engine.train_end:
            self._calibrate()

    def _learn(self, arrived: Array, frame: int, skip: bool, restart: bool) -> None:
        """Take in a sample after the train span: as the target of the pair that it completes, if it completes one."""
        if restart:
            self._engine.restart()
            self._ahead.clear()
        length, horizon = self._engine.history_length, self._engine.horizon
        # A new array: a method may have kept histories that were views of the old one.
        samples = np.empty_like(self._samples)
        samples[:-1] = self._samples[1:]
        samples[-1] = self._engine.standardisation.apply(arrived)
        self._samples = samples
        if self._since >= length + horizon:
            self._engine.learn(samples[:length], samples[-1], frame - horizon, skip=skip)

    def _forecast(self) -> Array | None:
        """Forecast from the histories since the history began whose targets have not been taken in, if there is one."""
        samples, length = self._samples[1:], self._engine.history_length
        if self._waiting:
            shown = self._stand_ins if len(self._waiting) > 1 else self._waiting
            samples = np.concatenate([samples, self._engine.standardisation.apply(np.array(shown))])
        pending, waiting = histories(samples, length), len(self._waiting)
        whole = min(len(pending), self._since + waiting - length + 1)
        if whole <= 0:
            return None
        newest = self._count + waiting - 1
        forecast = self._engine.predict(pending[-whole:], newest)
        if not waiting:
            self._ahead = {t: own for t, own in self._ahead.items() if t > newest}
            self._ahead[newest + self._engine.horizon] = forecast[~self._engine.diverged].mean(axis=0)
        return forecast

    def _checked(self, sample: ArrayLike) -> Array:
        array = real_samples(sample)
        if array.shape != (self._engine.components,):
            raise ForecastingError(
                f"a sample must have shape ({self._engine.components},), got {array.shape}; push one frame at a time"
            )
        return checked_samples(array[np.newaxis], self._count + len(self._waiting)).reshape(-1)

    def _calibrate(self) -> None:
        bridged = _bridge(self._samples, self._held, self._restarts)
        self._bridged = bridged[-self._engine.horizon :].copy()
        self._engine.calibrate(self._samples, self._filled, bridged, self._restarts)
        kept = self._engine.history_length + self._engine.horizon
        self._samples = self._engine.standardisation.apply(self._samples[-kept:])

    def state(self) -> State:
        """Return all that the next forecasts depend on, as plain arrays that `numpy.savez` writes without pickle."""
        own = {
            "identity": np.array(self._identity()),
            "count": np.array(self._count),
            "since": np.array(self._since),
            "newest": self._newest.copy(),
            "samples": self._samples[: self._count].copy(),
            "filled": self._filled[: self._count].copy(),
            "held": self._held[: self._count].copy(),
            "restarts": self._restarts[: self._count].copy(),
            "waiting": np.array(self._waiting).reshape(-1, len(self._newest)),
            "stand-ins": np.array(self._stand_ins).reshape(-1, len(self._newest)),
            "ahead at": np.array(list(self._ahead), dtype=np.int64),
            "ahead": np.array(list(self._ahead.values())).reshape(-1, len(self._newest)),
            "bridged": self._bridged.copy(),
            "mean": self._engine.standardisation.mean.copy(),
            "scale": self._engine.standardisation.scale.copy(),
            "diverged": self._engine.diverged.copy(),
        }
        return own | {_FORECASTER_PREFIX + name: a for name, a in self._engine.forecaster.state().items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue where the driver that gave `state` stood, bit for bit.

        Parameters
        ----------
        state
            What `state` returned, possibly read back with ``numpy.load(..., allow_pickle=False)``.

        Raises
        ------
        ForecastingError
            If it was saved by a driver with another method, other settings, horizon, train end or number of runs.
        """
        missing = [key for key in _OWN_KEYS if key not in state]
        if missing:
            raise ForecastingError(
                f"a saved driver must hold {', '.join(_OWN_KEYS)}, got none of the name {missing[0]}; "
                "save it again with OnlineDriver.state"
            )
        if str(state["identity"]) != self._identity():
            raise ForecastingError(
                f"a driver must be restored with the settings it was saved with, got {state['identity']} for "
                f"{self._identity()}; make the driver with the saved ones"
            )
        self._engine.forecaster.restore(
            {k.removeprefix(_FORECASTER_PREFIX): a for k, a in state.items() if k.startswith(_FORECASTER_PREFIX)}
        )
        self._count, self._since = int(state["count"]), int(state["since"])
        self._engine.standardisation = Standardisation(np.array(state["mean"]), np.array(state["scale"]))
        self._engine.diverged = np.array(state["diverged"])
        self._newest, self._waiting = np.array(state["newest"]), list(np.array(state["waiting"]))
        self._bridged, self._stand_ins = np.array(state["bridged"]), list(np.array(state["stand-ins"]))
        self._ahead = dict(zip(state["ahead at"].tolist(), np.array(state["ahead"]), strict=True))
        self._filled[: len(state["filled"])] = state["filled"]
        self._held[: len(state["held"])] = state["held"]
        self._restarts[: len(state["restarts"])] = state["restarts"]
        if self._count < self._engine.train_end:
            self._samples = np.empty((self._engine.train_end, self._engine.components))
            self._samples[: self._count] = state["samples"]
        else:
            self._samples = np.array(state["samples"])

    def _identity(self) -> str:
        engine = self._engine
        return (
            f"{engine.method.name} with {engine.settings.values()}, components {engine.components}, "
            f"horizon {engine.horizon}, train end {engine.train_end}, runs {self.runs}"
        )


def _line(before: Array, after: Array, count: int) -> list[Array]:
    """Return so many samples, shape (K,) each, on the straight line between two."""
    return [before + step / (count + 1) * (after - before) for step in range(1, count + 1)]


def _bridge(samples: Array, held: NDArray[np.bool_], restarts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Put two or more held samples, of samples (T, K), onto the line between measured ones; return which, (T,)."""
    bridged = np.zeros(len(samples), dtype=bool)
    for before, after in pairwise(np.flatnonzero(~held).tolist()):
        if after > before + 2 and not restarts[after]:
            samples[before + 1 : after] = _line(samples[before], samples[after], after - before - 1)
            bridged[before + 1 : after] = True
    return bridged
