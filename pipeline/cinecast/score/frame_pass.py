"""One pass over the frames of a method at a horizon: a forecast DVF is rebuilt once, for all that is said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cinecast.score.bands import PixelBand, PixelBands
from cinecast.score.geometric import RegionErrors, pixel_distance_mm
from cinecast.score.image import LikenessTo
from cinecast.score.landmark_scores import DvfSampler
from cinecast.score.point_bands import TargetCentroids, point_radii
from cinecast.score.scoring import Truth
from cinecast_models import Conditions

# Makes the predicted frame, shape (H, W), of a run and a frame t from its forecast DVF, shape (H, W, 2).
Picture = Callable[[int, int, NDArray[np.float64]], NDArray[Any]]
Known = TypeVar("Known")

# A run has so many frames in turn before another run has the same: modes are read from memory once for them, and most
# of what the run has learned stays in the cache. What all runs compare with is kept as long.
AT_ONCE = 4


class FrameErrors:
    """What is known of the frames before any forecast: regions, landmarks, and one real frame at a time.

    Parameters
    ----------
    truth
        What to compare with.
    """

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._rectangles = list(truth.rectangles.values())
        self._likeness: dict[int, LikenessTo] = {}
        self._places: dict[int, NDArray[np.float64]] = {}
        self._fields = np.empty((AT_ONCE, *truth.motion.model.mean.shape))

    def dvfs(self, frames: Sequence[int], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return forecast DVFs; the next call writes over them.

        Parameters
        ----------
        frames
            Indices of the frames, `AT_ONCE` or fewer.
        weights
            Their forecast weights, shape (frames, K), pixels.

        Returns
        -------
        NDArray[np.float64]
            Shape (frames, H, W, 2), pixels, last axis (x, y).
        """
        return self._truth.motion.dvfs(frames, weights, self._fields[: len(frames)])

    def distance(self, t: int, dvf: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance of a forecast DVF from the measured one.

        Parameters
        ----------
        t
            Index of the frame.
        dvf
            Its forecast DVF, shape (H, W, 2), pixels.

        Returns
        -------
        NDArray[np.float64]
            Shape (H, W), mm.
        """
        return pixel_distance_mm(dvf, self._truth.dvf[t], spacing_mm=self._truth.sequence.spacing_mm)

    def of_frame(self, t: int, distance: NDArray[np.float64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return the scores of a predicted frame.

        Parameters
        ----------
        t
            Index of the frame.
        distance
            From `distance`, mm.
        predicted
            The predicted frame, shape (H, W).

        Returns
        -------
        NDArray[np.float64]
            Shape (regions, 6): three of `RegionErrors`, and of a rectangle three of `LikenessTo`.
        """
        geometric = self._regions(distance)
        alike = np.full_like(geometric, np.nan)
        alike[: len(self._rectangles)] = self._likeness_to(t)(self._from_black(predicted))
        return np.concatenate([geometric, alike], axis=1)

    def at_landmarks(self, t: int, dvf: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far a DVF is off at each of N landmarks.

        Parameters
        ----------
        t
            Index of the frame.
        dvf
            Its forecast DVF, shape (H, W, 2), pixels.

        Returns
        -------
        NDArray[np.float64]
            Shape (N, 2), mm, (x, y); NaN where the landmark was not followed.
        """
        landmarks, spacing_mm = self._truth.landmarks, self._truth.sequence.spacing_mm
        if landmarks is None:
            return np.empty((0, 2))
        return np.asarray((self._sampler(dvf) - landmarks.displacements[:, t]) * np.array(spacing_mm[::-1]))

    def at_targets(self, t: int, dvf: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the centroid of each of N targets is off.

        Parameters
        ----------
        t
            Index of the frame.
        dvf
            Its forecast DVF, shape (H, W, 2), pixels.

        Returns
        -------
        NDArray[np.float64]
            Shape (N,), mm.
        """
        return self._targets.between(self._targets.places(dvf), self._measured_places(t))

    def of_band(self, band: PixelBand) -> list[tuple[float, float]]:
        """Return share of pixels within their radius, and mean radius in mm, of each rectangle."""
        return [band.inside_and_radius(region) for region in self._rectangles]

    @cached_property
    def _regions(self) -> RegionErrors:
        return RegionErrors(self._truth.regions.values(), self._truth.sequence.frames.shape[1:])

    @cached_property
    def _targets(self) -> TargetCentroids:
        return TargetCentroids(self._truth.targets, self._truth.sequence.spacing_mm)

    @cached_property
    def _sampler(self) -> DvfSampler:
        assert self._truth.landmarks is not None
        return DvfSampler(self._truth.landmarks.positions, self._truth.sequence.frames.shape[1:])

    def _likeness_to(self, t: int) -> LikenessTo:
        """Return what all runs compare their images of a frame with."""
        return _kept(self._likeness, t, self._new_likeness)

    def _new_likeness(self, t: int) -> LikenessTo:
        real = self._from_black(self._truth.sequence.frames[t])
        return LikenessTo(real, self._rectangles, data_range=self._truth.data_range)

    def _measured_places(self, t: int) -> NDArray[np.float64]:
        """Return the measured centroids of the targets, shape (N, 2), mm, which all runs are compared with."""
        return _kept(self._places, t, lambda frame: self._targets.places(self._truth.dvf[frame]))

    def _from_black(self, frame: NDArray[Any]) -> NDArray[Any]:
        return frame - np.float64(self._truth.black) if self._truth.black else frame


def _kept(known: dict[int, Known], t: int, make: Callable[[int], Known]) -> Known:
    """Return what is known of a frame; when it is new, and there are `AT_ONCE`, the oldest is forgotten."""
    if t not in known:
        if len(known) == AT_ONCE:
            del known[next(iter(known))]
        known[t] = make(t)
    return known[t]


class RunOfFrames:
    """One random run on its way through the frames, which learns its bands from those that are past.

    Parameters
    ----------
    truth
        What to compare with.
    forecast
        Its forecast weights, shape (T, K).
    level
        Probability asked of its bands; None for none.
    conditions
        How hard its forecasts are and where in a breath they were issued, as `cinecast.score.bands.RadiiByFrame` takes
        them; None: all are alike.

    Attributes
    ----------
    frames
        From the first to the last frame that has a forecast, of the test span alone where there are no bands.
    known
        Which frames have one, shape (T,).
    landmark_errors, target_errors
        Errors at N landmarks and M targets in `frames`, shape (F, N) and (F, M), mm; NaN until they are written, and
        where one is not known.
    """

    def __init__(
        self,
        truth: Truth,
        forecast: NDArray[np.float64],
        level: float | None,
        conditions: Conditions | None = None,
    ) -> None:
        test = truth.test_frames
        self.forecast = forecast
        self.known: NDArray[np.bool_] = np.asarray(np.isfinite(forecast).all(axis=1))
        start = test.start if level is None else 0
        found = start + np.flatnonzero(self.known[start : test.stop])
        self.frames = range(found[0], found[-1] + 1) if len(found) else range(0)
        self._options: dict[str, Any] | None = None
        self._pixels: PixelBands | None = None
        if level is not None:
            instants, horizon = truth.sequence.instants, truth.motion.horizon
            self._options = {"horizon": horizon, "level": level, "instants": instants, "conditions": conditions}
            self._pixels = PixelBands(**self._options)
        landmarks = len(truth.landmarks.names) if truth.landmarks else 0
        self.landmark_errors = np.full((len(self.frames), landmarks), np.nan)
        self.target_errors = np.full((len(self.frames), len(truth.targets)), np.nan)

    def band(self, t: int, distance: NDArray[np.float64]) -> PixelBand | None:
        """Learn from the next frame, and return its band.

        Parameters
        ----------
        t
            Index of the frame.
        distance
            Of its forecast DVF from the measured one, shape (H, W), mm.

        Returns
        -------
        PixelBand or None
            None where there are no bands.
        """
        return self._pixels.observe(t, distance) if self._pixels else None

    def point_radii(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return the radii at landmarks and targets, once the errors of all `frames` are there.

        Returns
        -------
        tuple or None
            Of the shapes of `landmark_errors` and `target_errors`, mm; None where there are no bands.
        """
        if self._options is None:
            return None
        return point_radii(self.landmark_errors, self.target_errors, self.frames.start, **self._options)
