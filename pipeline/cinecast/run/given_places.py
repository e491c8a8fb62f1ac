"""Landmarks and labels of a user's own, held against the measured motion: frames counted from 1, rows and columns."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion.held import held_frames
from cinecast.run.doubtful_targets import cut_targets, doubtful_labels, still_targets
from cinecast.score.frame_shift import FrameShift, frame_shift
from cinecast.score.gating_scores import centroids_of
from cinecast.score.landmark_scores import sample_dvf
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.target import MaskSeries

_LOG = logging.getLogger(__name__)

Double = NDArray[np.float64]

# Read otherwise, places must be nearer to the measured motion than this share.
_CLEARLY_OTHER = 0.5


def warn_of_given_places(store: RunFolder, sequence: Sequence, settings: Settings) -> None:
    """Warn of what `given_place_doubts` returns.

    Parameters
    ----------
    store, sequence, settings
        The run, whose flow, landmarks and targets have been made.
    """
    for sentence in given_place_doubts(store, sequence, settings):
        _LOG.warning("%s: %s", sequence.name, sentence)


def given_place_doubts(
    store: RunFolder, sequence: Sequence, settings: Settings, usable: Collection[str] | None = None
) -> list[str]:
    """Return why landmarks and labels that a user gave may be of other frames or places than they say.

    Parameters
    ----------
    store, sequence, settings
        The run.
    usable
        Keys of the artifacts that have been made; None for all.

    Returns
    -------
    list[str]
        A sentence each; none where nothing was given or all fits.
    """

    def made(*keys: str) -> bool:
        return usable is None or {*keys} <= {*usable}

    sentences = []
    if settings.landmarks.file and made(art.FLOW, art.LANDMARKS):
        landmarks = art.load_landmarks(store.path(art.LANDMARKS), len(sequence.frames))
        sentences += _of_landmarks(store, landmarks, sequence, settings)
    if settings.score.labels and settings.target.files and made(art.MEASURED_TARGET, art.LABELS):
        sentences += _of_labels(store, sequence, settings)
    return sentences


def target_doubts(store: RunFolder, sequence: Sequence, settings: Settings, usable: Collection[str]) -> list[str]:
    """Return what was said of targets and labels when they were made, for a report.

    Parameters
    ----------
    store, sequence, settings
        The run.
    usable
        Keys of the artifacts that have been made.

    Returns
    -------
    list[str]
        A sentence each; none without a target.
    """
    if not settings.target.files or art.MEASURED_TARGET not in usable:
        return []
    folder = store.path(art.MEASURED_TARGET)
    targets = art.load_targets(folder)
    labels = art.load_labels(store.path(art.LABELS)) if settings.score.labels and art.LABELS in usable else {}
    masks = art.load_masks(folder).masks
    doubts = [*still_targets(targets, masks, sequence), *cut_targets(targets, masks)]
    return [*doubts, *doubtful_labels(targets, labels, sequence)]


def _of_landmarks(store: RunFolder, landmarks: Landmarks, sequence: Sequence, settings: Settings) -> list[str]:
    dvf, spacing_mm = art.load_array(store.path(art.FLOW, "dvf.npy")), np.array(sequence.spacing_mm[::-1])
    given = landmarks.displacements * spacing_mm
    measured = _without_held(_moved(dvf, landmarks.positions) * spacing_mm, sequence, settings)
    off = _mean_distance(given - measured)
    others = {}
    for words, (places, turn) in _other_readings(landmarks.positions, dvf.shape[1:3]).items():
        other = _without_held(_moved(dvf, places) * spacing_mm, sequence, settings)
        others[words] = _mean_distance(landmarks.displacements @ turn.T * spacing_mm - other)
    words = min(others, key=others.__getitem__)
    if others[words] < _CLEARLY_OTHER * off:
        return [
            f"the landmarks that were given are {off:.1f} mm off the measured motion, and {others[words]:.1f} mm with "
            f"{words}; check their list"
        ]
    return _words("landmarks that were given", frame_shift(given, measured))


def _other_readings(positions: Double, shape: tuple[int, ...]) -> dict[str, tuple[Double, Double]]:
    """Return places (N, 2), (x, y), as they may have been meant, and what turns their displacements (x, y), by words.

    Viewers count rows from the top or from the bottom, and converters turn them round.
    """
    last, mirror_y, mirror_x = np.array(shape[::-1]) - 1.0, np.diag([1.0, -1.0]), np.diag([-1.0, 1.0])
    x, y = positions.T
    readings = {
        "their rows counted from the last one": (np.column_stack([x, last[1] - y]), mirror_y),
        "their columns counted from the last one": (np.column_stack([last[0] - x, y]), mirror_x),
        "their rows and columns counted from the last ones": (last - positions, -np.eye(2)),
    }
    exchanged = positions[:, ::-1]
    if (exchanged <= last).all():
        readings["their rows and columns exchanged"] = exchanged, np.array([[0.0, 1.0], [1.0, 0.0]])
    return readings


def _of_labels(store: RunFolder, sequence: Sequence, settings: Settings) -> list[str]:
    labels, sentences = art.load_labels(store.path(art.LABELS)), []
    followed = art.load_masks(store.path(art.MEASURED_TARGET)).masks
    for place, target in enumerate(art.load_targets(store.path(art.MEASURED_TARGET))):
        if target.name not in labels:
            continue
        masks, labelled = labels[target.name]
        given = centroids_of(MaskSeries(masks.bits[np.newaxis], masks.shape), sequence.spacing_mm)
        given[:, ~labelled] = np.nan
        measured = _without_held(centroids_of(followed.part(place), sequence.spacing_mm)[:1], sequence, settings)
        sentences += _words(f"labels of {target.name}", frame_shift(given, measured))
    return sentences


def _words(what: str, shift: FrameShift | None) -> list[str]:
    return [] if shift is None else [shift.words(what)]


def _moved(dvf: NDArray[Any], positions: Double) -> Double:
    return np.stack([sample_dvf(field, positions) for field in dvf], axis=1)


def _without_held(places: Double, sequence: Sequence, settings: Settings) -> Double:
    places = np.array(places, dtype=np.float64)
    places[:, sorted(held_frames(sequence.faults, settings.flow))] = np.nan
    return places


def _mean_distance(off_mm: Double) -> float:
    distances = np.linalg.norm(off_mm, axis=-1)
    known = np.isfinite(distances)
    return float(distances[known].mean()) if known.any() else np.nan
