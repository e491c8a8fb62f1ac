"""What a report is drawn from: arrays and tables of one run, or of several, nothing of where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.horizon import Horizon
from cinecast.landmarks.landmarks import Landmarks
from cinecast.references import REFERENCES
from cinecast.report.target_data import EntryTarget, ReportTarget
from cinecast.score.main_metric import LANDMARKS
from cinecast.sequence import Sequence
from cinecast.settings import WarpSettings


@dataclass(frozen=True, eq=False)
class ReportFlow:
    """The motion measured with one set of flow settings.

    Parameters
    ----------
    reference
        Index of the reference frame.
    dvf
        DVFs of the test frames, shape (test frames, H, W, 2), pixels; None where they are missing.
    all_dvf
        DVFs of all frames, shape (T, H, W, 2), pixels, which radii are learned from; None where they are missing.
    takes_brightness_for_motion
        Whether a change of brightness moved vectors.
    held
        Indices of frames whose motion was not measured but held.
    unexplained
        Indices of frames that it does not explain.
    levels
        Levels of its pyramid; None for motion that was not measured with one.
    """

    reference: int
    dvf: NDArray[Any] | None
    all_dvf: NDArray[Any] | None = None
    takes_brightness_for_motion: bool = False
    held: frozenset[int] = frozenset()
    unexplained: tuple[int, ...] = ()
    levels: int | None = None


@dataclass(frozen=True, eq=False)
class ReportModel:
    """One motion model.

    Parameters
    ----------
    flow
        Index of the flow that it was fitted to, in `ReportData.flows`.
    train_end
        Frames that it was fitted to.
    mean, modes, explained_variance
        As in `cinecast.motion.MotionModel`.
    weights
        Weights of all real frames, shape (T, K).
    drifts
        As `cinecast.motion.drift.follow_drift` returns them; None where no method follows the drift.
    reliability
        How far the measured motion can be trusted over the train span, shape (H, W), 0 to 1; None where all pixels
        count alike in the model.
    """

    flow: int
    train_end: int
    mean: NDArray[Any]
    modes: NDArray[Any]
    explained_variance: NDArray[np.float64]
    weights: NDArray[np.float64]
    drifts: NDArray[np.float32] | None = None
    reliability: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class ReportBands:
    """How far forecasts of one method at one horizon were said to be off, and how often that held.

    Parameters
    ----------
    level
        Probability that was asked for.
    pixels
        Per run, test frame, region and metric (`BAND_METRICS`); NaN where there is no radius.
    weight_radius
        Radius of each weight, shape (R, T, K); NaN where there is none, as for modes that the method leaves out.
    landmarks
        Per run, test frame and metric (`LANDMARK_BAND_METRICS`); None where there are no landmarks.
    """

    level: float
    pixels: NDArray[np.float64]
    weight_radius: NDArray[np.float64]
    landmarks: NDArray[np.float64] | None = None

    def names(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """Return what `values` are of, given the regions of the pixels: these, and landmarks where there are any."""
        return regions if self.landmarks is None else (*regions, LANDMARKS)

    @property
    def values(self) -> NDArray[np.float64]:
        """Share inside and mean radius in mm of all regions and of the landmarks, shape (R, test frames, N, 2)."""
        if self.landmarks is None:
            return self.pixels
        return np.concatenate([self.pixels, self.landmarks[:, :, np.newaxis]], axis=2)


@dataclass(frozen=True, eq=False)
class ReportEntry:
    """One method at one horizon.

    Parameters
    ----------
    method, title
        Name in commands and tables, and for people; in a comparison of runs with the name of the run before it.
    protocol
        ``causal``, ``published`` (non-causal), ``unknown`` (with DVFs that were given) or ``oracle``.
    horizon
        Frames and seconds between the newest frame and the forecast one.
    model
        Index of the motion model that it forecasts, in `ReportData.models`.
    forecasts
        Forecast weights, shape (R, T, K); NaN where a frame has none.
    warp
        Settings that frames are predicted with.
    regions
        Names of the regions that were scored.
    frame_scores
        Scores per run, test frame, region and metric (`FRAME_METRICS`); None where they are missing.
    landmark_errors
        Mean error over the landmarks followed, per run and test frame, in mm; None where they are missing.
    bands
        The radii of its forecasts; None where they are missing, as for the oracle.
    follows_drift
        Whether its DVFs are made with the mean as it had drifted when they were forecast.
    targets
        The targets of the report as it forecast them, in their order, None where that is missing; empty without any.
    last_scored
        Place among the test frames of the last one that is scored: a run that diverged has no forecast of it.
    beside
        Of the oracle, where frames are missing: by horizon in frames, which test frames the methods at it are scored
        on, shape (test frames,). It has errors of some others too, which no mean beside theirs may count.
    """

    method: str
    title: str
    protocol: str
    horizon: Horizon
    model: int
    forecasts: NDArray[np.float64]
    warp: WarpSettings
    regions: tuple[str, ...]
    frame_scores: NDArray[np.float64] | None
    bands: ReportBands | None = None
    landmark_errors: NDArray[np.float64] | None = None
    follows_drift: bool = False
    targets: tuple[EntryTarget | None, ...] = ()
    last_scored: int = -1
    beside: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def is_reference(self) -> bool:
        """Whether this stands beside the forecasters and does not compete with them."""
        return is_reference(self.method)


class ReportWarning(NamedTuple):
    """What was warned of while a run was made, and all frames that it speaks of where it names only some of them."""

    sentence: str
    all_frames: str = ""


@dataclass(frozen=True)
class ReportGate:
    """How the beam is gated: settings of the stage ``score``.

    Parameters
    ----------
    margin_mm
        How far from the plan the target may be while the beam is on, in mm.
    latency_s
        Time from a frame to the beam that acts on it, in s; None for the horizon.
    by_radius
        What the radius of a forecast does to the margin: ``ignore``, ``narrow`` or ``widen``.
    """

    margin_mm: float
    latency_s: float | None = None
    by_radius: str = "ignore"

    def __str__(self) -> str:
        latency = "as long as the horizon" if self.latency_s is None else f"of {self.latency_s:g} s"
        radius = {"ignore": "", "narrow": " less the radius", "widen": " and the radius"}[self.by_radius]
        return f"{self.margin_mm:g} mm{radius} and a latency {latency}"


@dataclass(frozen=True)
class ReportRun:
    """One run of a comparison.

    Parameters
    ----------
    label
        What tables and charts call it.
    settings
        The settings in which the runs differ, as text by name.
    """

    label: str
    settings: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class ReportData:
    """One run, or several runs of one sequence.

    Parameters
    ----------
    sequence
        The real frames, their times, spacing, ROI and split.
    flows, models
        The motion measured, and the motion models fitted to it.
    entries
        Methods and horizons, references (persistence, oracle) included.
    scores
        Rows of ``score/scores.csv`` as text by column name.
    settings_text
        The resolved settings file.
    seconds
        Seconds that each artifact took, by key.
    versions
        Versions of the program and its libraries, as text; with the stages that had which where they differ.
    max_frames
        At most this many test frames go into the player.
    missing
        What the run lacks, one sentence each; empty for a run that is whole.
    warnings
        What was said when the sequence was read, and what is to be known of the motion of its frames.
    runs
        The runs that are compared; empty for one run.
    landmarks
        Landmarks followed in the real frames, in the reference frame of the first flow; None where the run, of several
        the first, has none yet.
    targets
        Targets followed in the run, of several runs those of the first; empty without any.
    gate
        How the beam is gated; None without a target, and where runs that are compared differ in it.
    """

    sequence: Sequence
    flows: tuple[ReportFlow, ...]
    models: tuple[ReportModel, ...]
    entries: tuple[ReportEntry, ...]
    scores: list[dict[str, str]]
    settings_text: str
    seconds: Mapping[str, float]
    versions: Mapping[str, str]
    max_frames: int
    missing: tuple[str, ...] = ()
    warnings: tuple[ReportWarning, ...] = ()
    runs: tuple[ReportRun, ...] = field(default=())
    landmarks: Landmarks | None = None
    targets: tuple[ReportTarget, ...] = ()
    gate: ReportGate | None = None


def is_reference(method: str) -> bool:
    """Return whether a method, with or without the name of a run before it, is a reference, no forecaster."""
    return method.rpartition(RUN_SEPARATOR)[2] in REFERENCES


RUN_SEPARATOR = " \N{MIDDLE DOT} "
