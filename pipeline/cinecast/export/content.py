"""What an export consists of, read from the run and checked to be what the settings of the run ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError
from cinecast.export.choice import ExportChoice
from cinecast.flow.reference import reference_index, settings_for
from cinecast.flow.reliability import ReliabilityEstimator, static_reliability
from cinecast.forecast import load_method_settings
from cinecast.horizon import parse_horizon
from cinecast.motion.held import held_frames
from cinecast.references import ORACLE, PERSISTENCE
from cinecast.run.freshness import made_as_asked
from cinecast.run.given_files import kept_given_files
from cinecast.run.plan import make_plan
from cinecast.run.saved import saved_settings
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art


@dataclass(frozen=True, eq=False)
class Content:
    """What is exported.

    Parameters
    ----------
    array
        Grey values or reliability, shape (T, H, W), or a DVF in pixels, shape (T, H, W, 2), last axis (x, y); often
        memory-mapped. T is 1 for the static map of reliability.
    sequence
        The real frames with their geometry and times.
    first
        Which frame of the sequence the first one is of.
    values
        What the values of images are, in words.
    learned_from
        Number of frames, the first ones, that a single image is learned from; None where each image is of a frame.
    """

    array: NDArray[Any]
    sequence: Sequence
    first: int = 0
    values: str = "grey values"
    learned_from: int | None = None

    @property
    def is_dvf(self) -> bool:
        """Whether it is a DVF."""
        return self.array.ndim == 4

    @property
    def start_s(self) -> float:
        """Time of the first frame in s, counted from that of the sequence."""
        return float(self.sequence.times_s[self.first] - self.sequence.times_s[0])

    @property
    def span(self) -> str:
        """Which frames of the sequence these are, or are learned from, in words, counted from 0."""
        if self.learned_from is not None:
            return f"one map, learned from frames 0 to {self.learned_from - 1} (counted from 0)"
        last = self.first + len(self.array) - 1
        return f"frames {self.first} to {last} (counted from 0) of {len(self.sequence.frames)}"


def load_content(root: Path, choice: ExportChoice) -> Content:
    """Read what is wanted from a run folder.

    Parameters
    ----------
    root
        The run folder; it is looked at only, whoever works on it at the time.
    choice
        What is wanted of it.

    Returns
    -------
    Content
        Frames or DVFs are memory-mapped.

    Raises
    ------
    CinecastError
        If there is no such run, it does not hold what is wanted as its settings ask for it, or that is damaged.
    """
    with RunFolder.view(root) as store:
        for name in art.FILES["frames"]:
            _check(store, art.FRAMES, name)
        sequence = art.load_sequence(store.path(art.FRAMES))
        if choice.what == "frames":
            return Content(sequence.frames, sequence)
        if choice.what != "predicted":
            _check(store, art.FLOW, "dvf.npy")
            # The flow depends on no method: a model file of one that is gone must not be missed.
            settings = saved_settings(root).with_methods((PERSISTENCE,))
            _check_asked(store, sequence, art.FLOW, settings)
            dvf = art.load_array(store.path(art.FLOW, "dvf.npy"))
            return _OF_FLOW[choice.what](sequence, dvf, settings)
        return Content(_predicted(store, choice, sequence), sequence, sequence.split.test_frames.start)


def _dvf(sequence: Sequence, dvf: NDArray[Any], _: Settings) -> Content:
    return Content(dvf, sequence)


def _reliability(sequence: Sequence, dvf: NDArray[Any], settings: Settings) -> Content:
    reference = reference_index(settings_for(sequence, settings).flow)
    estimator = ReliabilityEstimator(sequence.frames[reference], settings.flow)
    maps = [estimator(frame, field) for frame, field in zip(sequence.frames, dvf, strict=True)]
    return Content(np.stack(maps), sequence, values="reliability of the DVF, 0 to 1")


def _static_reliability(sequence: Sequence, dvf: NDArray[Any], settings: Settings) -> Content:
    reference, train_end = reference_index(settings_for(sequence, settings).flow), sequence.split.train_end
    left_out = held_frames(sequence.faults, settings.flow)
    static = static_reliability(sequence.frames[:train_end], dvf[:train_end], reference, left_out)
    return Content(static[np.newaxis], sequence, values="reliability of the DVFs, 0 to 1", learned_from=train_end)


_OF_FLOW: dict[str, Callable[[Sequence, NDArray[Any], Settings], Content]] = {
    "dvf": _dvf,
    "reliability": _reliability,
    "static-reliability": _static_reliability,
}


def _predicted(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> NDArray[Any]:
    method, horizon = str(choice.method), str(choice.horizon)
    frames = 0 if method == ORACLE else parse_horizon(horizon, sequence.frame_period_s).frames
    key = art.method_key("warp", method, frames)
    if not store.record(key):
        found = sorted(
            path.parent.relative_to(store.path("warp")) for path in store.path("warp").glob("*/*/stage.json")
        )
        listed = ", ".join(f"{path.parent} {int(path.name[1:])}" for path in found) or "none"
        raise StoreError(
            f"the method and horizon must be in the run, got {method} at {frames} frame(s); {store.root} has (method "
            f"and frames): {listed}"
        )
    if choice.run < 0 or art.predicted_name(choice.run) not in store.record(key)["files"]:
        raise StoreError(
            f"--run must be 0 to {len(store.record(key)['files']) - 1} for {key}, got {choice.run}; "
            "warp.image_runs says how many runs are kept as images"
        )
    _check(store, key, art.predicted_name(choice.run))
    _check_asked(store, sequence, key, _with_forecast(saved_settings(store.root), choice))
    forecasts = art.load_forecast(store.path(art.method_key("forecast", method, frames)), len(sequence.frames))
    if not np.isfinite(forecasts[choice.run, sequence.split.test_frames]).all():
        raise StoreError(
            f"a random run must have forecasts of all test frames to be exported, got run {choice.run} of {method}, "
            "which diverged; choose another --run"
        )
    return art.load_predicted(store.path(key), choice.run)


def _with_forecast(settings: Settings, choice: ExportChoice) -> Settings:
    """Return settings that ask for the method and the horizon of a choice, which may have left them since."""
    settings = settings.with_methods((*settings.forecast.methods, str(choice.method)))
    if choice.horizon is None or choice.method == ORACLE:
        return settings
    return replace(
        settings, forecast=replace(settings.forecast, horizons=(*settings.forecast.horizons, choice.horizon))
    )


def _check_asked(store: RunFolder, sequence: Sequence, key: str, settings: Settings) -> None:
    """Refuse what was not made with these settings, or from what was not."""
    own = load_method_settings(settings.forecast)
    plan = make_plan(sequence, settings, own, kept_given_files(store))
    if not made_as_asked(store, plan, settings, (key,)):
        raise StoreError(
            f"what is exported must be made with the settings that the run has now, got {key} made with others in "
            f"{store.root}; run the sequence again"
        )


def _check(store: RunFolder, key: str, name: str) -> None:
    if not store.intact(key, name):
        raise StoreError(
            f"{key}/{name} must be as it was written, got a damaged or missing file in {store.root}; run the sequence "
            "again"
        )
