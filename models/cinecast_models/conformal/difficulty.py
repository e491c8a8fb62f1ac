"""How hard a forecast is beside others of its method: errors of forecasts that were issued at a like place in a breath.

A radius that is the same over the whole breath holds too often where breathing turns, and too seldom where it is fast.
Errors are divided by the difficulty before their radius is tracked, and the radius is multiplied by it (conformal
prediction with normalised scores [1]_). The difficulty is a kernel regression (Nadaraya-Watson) of past errors on what
is known when a forecast is issued, so that bands stay causal.

Where the newest sample is lost, a forecast starts from an older one: it may be off by as much more as the series moves
in that time.

References
----------
.. [1] Papadopoulos, Gammerman, Vovk, Normalized nonconformity measures for regression conformal prediction, AIA 2008.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.conformal.parameters import stride
from cinecast_models.conformal.tracking import check_horizon
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.real_samples import real_samples

# Chosen on forecasts of the test spans of four recorded cine sequences, where any width from 0.25 to 0.5, and memories
# of 150 errors or more, do about the same.
WIDTH = 0.3
MEMORY = 200
# So many forecasts of mean error are added to those that a forecast is compared with.
PRIOR = 4.0
# Errors that are known before a difficulty is told.
_FEWEST = 5
# A difficulty stays within this factor of 1.
LARGEST = 4.0


class Conditions(NamedTuple):
    """What was known of forecasts when they were issued.

    Parameters
    ----------
    difficulty
        Error to be expected, over that of a forecast of mean error, shape (...): above 0, 1 where nothing is known.
    place
        Where in a breath they were issued, shape (..., 3), in standard deviations of the samples known at the start:
        forecast, way from the newest sample to it, and latest step, which goes over `stride` samples; NaN where there
        is no forecast, and where nobody knows, as the newest sample was lost.
    """

    difficulty: Array
    place: Array

    def by_run(self) -> list[Conditions]:
        """Return those of each run, where runs are the first axis."""
        return [Conditions(*each) for each in zip(self.difficulty, self.place, strict=True)]

    def at(self, frame: int) -> Conditions | None:
        """Return those of one frame, where frames are the first axis; None beyond the last."""
        return Conditions(self.difficulty[frame], self.place[frame]) if frame < len(self.place) else None


class ForecastDifficulty:
    """Tell how hard each forecast of one method is, from those whose targets have come.

    The component that varies most stands for the breath.

    Parameters
    ----------
    known
        Samples known before the first forecast, shape (N, K), any unit; NaN where one is lost, for which the one before
        stands. Of fewer than 3, or of a series that does not vary, no forecast is harder than another.
    horizon
        Frames between a forecast and its target, 1 or more.

    Attributes
    ----------
    stride
        How many samples the latest step goes over, and of how many forecasts one is remembered.
    """

    def __init__(self, known: Array, *, horizon: int) -> None:
        self.stride, known = stride(horizon), lost_held(known)
        spread = known.std(axis=0) if len(known) else np.zeros(1)
        self._leading = int(np.argmax(spread))
        steps = known[self.stride :, self._leading] - known[: -self.stride, self._leading]
        self._mean = float(known[:, self._leading].mean()) if len(known) else 0.0
        self._known = known
        self._ways: dict[int, float] = {}
        self._spread, self._step = float(spread[self._leading]), float(steps.std()) if len(steps) else 0.0
        self._places: Array = np.zeros((0, 0, 3))
        self._errors: Array = np.zeros((0, 0))
        self._count = 0

    def issue(self, before: Array, newest: Array, forecasts: Array, age: int = 0) -> Conditions:
        """Return how hard forecasts are that are issued now, and where in a breath they are.

        Parameters
        ----------
        before, newest
            The sample `stride` before the newest one, and the newest, shape (K,).
        forecasts
            Forecasts of all runs, shape (R, K), issued at the newest sample; NaN for a run without one.
        age
            How many samples have been lost since the newest one: what the series moves in that time, in the mean, is
            added to the error that is to be expected.

        Returns
        -------
        Conditions
            Of shape (R,) and (R, 3); the place is given back to `observe` with the errors.
        """
        from cinecast_models.conformal.steering_kernels import kept_of  # compiled, which a plan can do without

        before, newest, forecasts = (real_samples(each) for each in (before, newest, forecasts))
        place = self._place(before, newest, forecasts)
        kept = kept_of(self._count, self.stride, MEMORY)
        if kept < _FEWEST or self._spread == 0:
            return Conditions(np.ones(len(forecasts)), np.full_like(place, np.nan) if age else place)
        known = list(zip(self._places[:, :kept], self._errors[:, :kept], place, strict=True))
        hard = np.array([_difficulty(*of_run) for of_run in known])
        if age:
            means = np.array([_mean(errors) for _, errors, _ in known])
            hard += np.divide(self._way(age), means, out=np.zeros_like(means), where=means > 0)
            place = np.full_like(place, np.nan)
        return Conditions(hard, place)

    def _way(self, samples: int) -> float:
        """Return how far the known samples move within so many, in the mean, over all components."""
        if samples not in self._ways:
            apart = min(samples, len(self._known) - 1)
            steps = self._known[apart:] - self._known[: len(self._known) - apart]
            self._ways[samples] = float(np.sqrt((steps**2).sum(axis=1)).mean())
        return self._ways[samples]

    def _place(self, before: Array, newest: Array, forecasts: Array) -> Array:
        if not (self._spread > 0 and self._step > 0):
            return np.zeros((len(forecasts), 3))
        ahead, now = forecasts[:, self._leading], newest[self._leading]
        step = np.full(len(forecasts), (now - before[self._leading]) / self._step)
        return np.stack([(ahead - self._mean) / self._spread, (ahead - now) / self._spread, step], axis=1)

    def observe(self, place: Array, errors: Array) -> None:
        """Learn from forecasts whose target has come.

        Parameters
        ----------
        place
            What `issue` returned with them, shape (R, 3); NaN where nothing is to be learned, as the
            newest sample was lost.
        errors
            Distance of each forecast from its target, over all components, shape (R,), 0 or more; NaN for a run
            without one, from which nothing is learned.
        """
        place, errors = real_samples(place), real_samples(errors)
        if np.isnan(place).all():
            return
        if not self._count:
            self._places, self._errors = np.zeros((len(errors), MEMORY, 3)), np.full((len(errors), MEMORY), np.nan)
        if self._count % self.stride == 0:
            at = self._count // self.stride % MEMORY
            self._places[:, at], self._errors[:, at] = place, errors
        self._count += 1


def _difficulty(places: Array, errors: Array, place: Array) -> float:
    """Return the error to be expected at a place (3,), by those known (N,) at others (N, 3), over their mean."""
    from cinecast_models.conformal.steering_kernels import sum_near  # compiled, which a plan can do without

    mean = _mean(errors)
    near, total = sum_near(places, errors, place, WIDTH)
    likely = (total + PRIOR * mean) / (near + PRIOR)
    return min(max(likely / mean, 1 / LARGEST), LARGEST) if mean > 0 else 1.0


def _mean(errors: Array) -> float:
    """Return the mean of the errors that are known, 0 where none is."""
    known = errors[np.isfinite(errors)]
    return float(known.sum()) / max(len(known), 1)


def forecast_conditions(samples: Array, forecasts: Array, *, horizon: int, start: int | None = None) -> Conditions:
    """Return how hard every forecast of a series is, and where in a breath, as was known when it was issued.

    Parameters
    ----------
    samples
        The series, shape (T, K), any unit; NaN where a sample is lost, for which the one before stands. From such a
        sample nothing is learned, and forecasts that are issued at it are harder.
    forecasts
        Shape (R, T, K), same unit: ``forecasts[r, t]`` is the forecast of sample t issued at ``t - horizon``; NaN
        where there is none.
    horizon
        Frames between the newest sample and the forecast one, 1 or more.
    start
        Number of samples known before the first forecast, which may be of a sample that was lost; None: up to the one
        that the first of ``forecasts`` was issued at.

    Returns
    -------
    Conditions
        Of shape (R, T), about 1 in the mean, 1 where there is no forecast; and (R, T, 3), NaN there.

    Raises
    ------
    ForecastingError
        If shapes do not fit, or the horizon is out of range.
    """
    samples, forecasts = real_samples(samples), real_samples(forecasts)
    check_horizon(horizon)
    check_shapes(samples, forecasts)
    runs, frames = forecasts.shape[:2]
    ages = ages_of(samples)
    samples = lost_held(samples)
    has = np.asarray(np.isfinite(forecasts).all(axis=2).any(axis=0))
    first = int(np.argmax(has)) if has.any() else frames
    difficulty, place = np.ones((runs, frames)), np.full((runs, frames, 3), np.nan)
    # Those of the published protocol begin before the train span has ended: what came later was not known.
    come = max(first - horizon + 1, 0)
    known = ForecastDifficulty(samples[: come if start is None else min(start, come)], horizon=horizon)
    waiting: dict[int, Array] = {}
    for t in range(max(first - horizon, 1), frames):
        if t in waiting and not ages[t]:
            known.observe(waiting.pop(t), np.sqrt(((forecasts[:, t] - samples[t]) ** 2).sum(axis=1)))
        target = t + horizon
        if target < frames and has[target]:
            issued = known.issue(samples[max(t - known.stride, 0)], samples[t], forecasts[:, target], int(ages[t]))
            difficulty[:, target], place[:, target], waiting[target] = *issued, issued.place
    return Conditions(difficulty, place)


def check_shapes(samples: Array, forecasts: Array) -> None:
    """Refuse forecasts that are not of the samples beside them, and samples without a component.

    Parameters
    ----------
    samples
        To be of shape (T, K), K at least 1.
    forecasts
        To be of shape (R, T, K).

    Raises
    ------
    ForecastingError
        If they are not.
    """
    if samples.ndim != 2 or forecasts.ndim != 3 or forecasts.shape[1:] != samples.shape:
        raise ForecastingError(
            f"bands need samples (T, K) and forecasts (R, T, K) of them, got {samples.shape} and {forecasts.shape}; "
            "give forecasts by the frame that they are of"
        )
    if samples.shape[1] == 0:
        raise ForecastingError(
            f"bands need samples of 1 component or more, got shape {samples.shape}; give the component that is forecast"
        )


def lost_held(samples: Array) -> Array:
    """Return samples (T, K) with those that are lost, NaN or masked, as the one before, or 0 where there is none."""
    samples = real_samples(samples)
    return np.asarray(np.nan_to_num(samples[np.arange(len(samples)) - ages_of(samples)]))


def ages_of(samples: Array) -> NDArray[np.int64]:
    """Return how many samples (T, K) lie between each and the newest that is not lost, shape (T,): 0 where it is known.

    Before the first one that is known, they are counted from the first of all.
    """
    each = np.arange(len(samples), dtype=np.int64)
    known = np.isfinite(samples).all(axis=1)
    return np.asarray(each - np.maximum.accumulate(np.where(known, each, 0)))
