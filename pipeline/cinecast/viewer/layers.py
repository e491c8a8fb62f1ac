"""The layers of a run: frames, predicted frames, targets, landmarks and motion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE
from cinecast.figures.choice import Shown
from cinecast.pictures import Window, good_frames, grey_window
from cinecast.report.data import ReportData, ReportEntry
from cinecast.score.landmark_scores import sample_dvf
from cinecast.settings.causality import flagged
from cinecast.target import MaskSeries
from cinecast.viewer.time_axis import AXES, UNITS, TimeAxis
from cinecast.warp.predicted import PredictedFrames

# What napari takes: data, what is said of them, and the kind of the layer.
LayerData: TypeAlias = tuple[Any, dict[str, Any], str]
# As in figures and films of a run.
_REAL, _FORECAST = "#ffd23f", "#4cc9f0"
# Along the shorter side of a frame; more cannot be told apart.
_VECTORS = 24


def run_layers(
    data: ReportData, predicted: Mapping[tuple[str, int], PredictedFrames], axis: TimeAxis
) -> list[LayerData]:
    """Return the layers of a run, the lowest first; frames and landmarks are shown, all others begin hidden.

    Parameters
    ----------
    data
        What the run measured and forecast.
    predicted
        Predicted test frames of the first random run, by method and horizon in frames; each is made when it is shown.
    axis
        Where frames lie.

    Returns
    -------
    list[LayerData]
        Data, what is said of them, and ``image``, ``labels``, ``points`` or ``vectors``.
    """
    # The same for frames and forecasts, so that they can be compared.
    limits = grey_window(good_frames(data.sequence))
    layers = [_image("frames", data.sequence.frames, np.arange(len(data.sequence.frames)), axis, limits, shown=True)]
    for entry in data.entries:
        pictures = predicted.get((entry.method, entry.horizon.frames))
        if pictures is not None:
            layers.append(_predicted(data, entry, pictures, axis, limits))
    layers += [*_roi(data, axis), *_targets(data, axis), *_motion(data, axis), *_landmarks(data, axis)]
    return layers


def _image(
    name: str,
    pictures: NDArray[Any] | PredictedFrames,
    frames: NDArray[np.int64],
    axis: TimeAxis,
    limits: Window,
    *,
    shown: bool = False,
    has: NDArray[np.bool_] | None = None,
) -> LayerData:
    """Return a layer of pictures (F, H, W) of F frames; ``has`` tells which of them there are."""
    there = np.ones(len(frames), dtype=bool) if has is None else has
    if isinstance(pictures, np.ndarray) and there.all() and axis.regular(frames):
        stacked, first = pictures, int(axis.instant_of[frames[0]])  # as they lie on the disk
    else:
        start = int(frames[0])
        stacked, first = axis.stack(lambda t: np.asarray(pictures[t - start]), frames[there], pictures)
    said = {"name": name, "colormap": "gray", "contrast_limits": tuple(limits), "visible": shown}
    return stacked, said | axis.said(first), "image"


def _predicted(
    data: ReportData, entry: ReportEntry, pictures: PredictedFrames, axis: TimeAxis, limits: Window
) -> LayerData:
    frames = np.array(data.sequence.split.test_frames)
    return _image(f"predicted, {_named(entry)}", pictures, frames, axis, limits, has=pictures.known)


def _named(entry: ReportEntry) -> str:
    """Return what tells a forecast from the others, in the names of layers."""
    horizon = f" {entry.horizon.seconds:.2f} s" if entry.horizon.frames else ""
    run = f", run 0 of {len(entry.forecasts)}" if len(entry.forecasts) > 1 else ""
    return flagged(f"{entry.method}{horizon}{run}", entry.protocol)


def _roi(data: ReportData, axis: TimeAxis) -> Iterator[LayerData]:
    if data.sequence.roi is not None:
        mask = np.zeros(data.sequence.frames.shape[1:], dtype=np.uint8)
        mask[data.sequence.roi.slices()] = 1
        said = {"scale": axis.scale[1:], "axis_labels": AXES[1:], "units": UNITS[1:]}
        yield mask, {"name": "ROI", "visible": False, "opacity": 0.4} | said, "labels"


def _targets(data: ReportData, axis: TimeAxis) -> Iterator[LayerData]:
    """Yield the targets of the test frames: as they were labelled, measured, and forecast."""
    frames = np.array(data.sequence.split.test_frames)
    measured = np.array([t not in data.flows[0].held for t in frames])
    for place, target in enumerate(data.targets):
        if target.labels is not None:
            yield _labels(f"{target.name}, labels", target.labels.masks, target.labels.known, frames, axis)
        if target.measured[0] is not None:
            yield _labels(f"{target.name}, measured", target.measured[0], measured, frames, axis)
        for entry in data.entries:
            own = entry.targets[place] if entry.targets else None
            if own is not None:
                yield _labels(f"{target.name}, {_named(entry)}", own.masks.part(0), own.known[0], frames, axis)


def _labels(
    name: str, masks: MaskSeries, known: NDArray[np.bool_], frames: NDArray[np.int64], axis: TimeAxis
) -> LayerData:
    start = int(frames[0])
    like = np.zeros(masks.shape, dtype=np.uint8)
    stacked, first = axis.stack(lambda t: masks.mask(t - start).astype(np.uint8), frames[known], like)
    return stacked, {"name": name, "visible": False, "opacity": 0.5} | axis.said(first), "labels"


def _motion(data: ReportData, axis: TimeAxis) -> Iterator[LayerData]:
    """Yield the measured motion: an arrow from a pixel of the reference frame to where its tissue is, if not held."""
    dvf = data.flows[0].all_dvf
    if dvf is None:
        return
    step = max(1, min(dvf.shape[1:3]) // _VECTORS)
    held = np.isin(np.arange(len(dvf)), sorted(data.flows[0].held))
    shown = np.flatnonzero((axis.instant_of != NONE) & ~held)
    rows, columns = np.mgrid[step // 2 : dvf.shape[1] : step, step // 2 : dvf.shape[2] : step]
    vectors = np.zeros((len(shown), *rows.shape, 2, 3), dtype=np.float32)
    vectors[..., 0, 0] = axis.instant_of[shown][:, np.newaxis, np.newaxis]
    vectors[..., 0, 1], vectors[..., 0, 2] = rows, columns
    for place, t in enumerate(shown):
        vectors[place, ..., 1, 1:] = dvf[t, step // 2 :: step, step // 2 :: step, ::-1]
    said = {"name": "motion, measured", "edge_color": _REAL, "edge_width": 0.4, "visible": False}
    yield vectors.reshape(-1, 2, 3), said | axis.said(), "vectors"


def _landmarks(data: ReportData, axis: TimeAxis) -> Iterator[LayerData]:
    """Yield the landmarks where they were found, and where each forecast has them in the test frames."""
    if data.landmarks is None or not data.landmarks.names:
        return
    positions = data.landmarks.positions
    found = positions[:, np.newaxis] + data.landmarks.displacements
    yield _points("landmarks", found, range(found.shape[1]), data.landmarks.names, axis, _REAL, shown=True)
    test = data.sequence.split.test_frames
    for entry in data.entries:
        motion, weights = Shown(data, entry, 0).motion, entry.forecasts[0]
        places = np.full((len(positions), len(test), 2), np.nan)
        for place, t in enumerate(test):
            if np.isfinite(weights[t]).all():
                places[:, place] = positions + sample_dvf(motion.dvf(t, weights[t]), positions)
        yield _points(f"landmarks, {_named(entry)}", places, test, data.landmarks.names, axis, _FORECAST)


def _points(
    name: str,
    places: NDArray[np.float64],
    frames: Iterable[int],
    names: tuple[str, ...],
    axis: TimeAxis,
    colour: str,
    *,
    shown: bool = False,
) -> LayerData:
    """Return places (N, F, 2), pixels, (x, y), of N landmarks in F frames as points; those that are NaN are not."""
    instants = axis.instant_of[np.array(frames)]
    number, place = np.nonzero(np.isfinite(places).all(axis=2) & (instants != NONE))
    points = np.column_stack([instants[place], places[number, place, ::-1]])
    said = {"name": name, "features": {"landmark": np.array(names)[number]}, "visible": shown}
    look = {"face_color": "transparent", "border_color": colour, "size": 4, "symbol": "disc" if shown else "cross"}
    return points, said | look | axis.said(), "points"
