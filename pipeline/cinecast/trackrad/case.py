"""One case tracked: its target found, followed through all frames, and scored afterwards where labels are given."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.frames.masks import Target, find_first_label, read_label_series, read_targets
from cinecast.score.frame_shift import frame_shift
from cinecast.score.mask_scores import centroid_mm
from cinecast.settings import FlowSettings, FramesSettings
from cinecast.single_thread import single_threaded
from cinecast.trackrad.label_series import LabelSeries, find_scanned_region
from cinecast.trackrad.recording import Recording, read_recording
from cinecast.trackrad.score_masks import MaskComparison, compare_by_cinecast, compare_by_trackrad
from cinecast.trackrad.tracking import track

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrackRequest:
    """What is asked for of every case.

    Parameters
    ----------
    target
        File with the mask; None: the first label of the TrackRAD2025 case.
    target_labels, target_names, target_frame
        As `cinecast.frames.masks.read_targets` has them.
    labels
        Reference masks, for scoring: a file, or a folder with the ``CASE_labels`` of the cases.
    trackrad
        Whether they are scored by the rules of the challenge.
    flow, frames
        Settings of the flow, and facts that win over the files.
    """

    target: Path | None = None
    target_labels: tuple[int | str, ...] = ()
    target_names: tuple[str, ...] = ()
    target_frame: int | None = None
    labels: Path | None = None
    trackrad: bool = False
    flow: FlowSettings = field(default_factory=FlowSettings)
    frames: FramesSettings = field(default_factory=FramesSettings)


@dataclass(frozen=True, eq=False)
class TrackedCase:
    """A case that was tracked.

    Parameters
    ----------
    recording, target
        What was read.
    masks
        Shape (T, H, W), True inside; empty before the target's frame.
    folded
        Pixels of the target at which the motion folds, shape (T,).
    faults
        What is wrong with which frames, by their index.
    seconds
        How long each frame took, from the second tracked one on: the first has its mask.
    scores
        None where no labels were given.
    """

    recording: Recording
    target: Target
    masks: NDArray[np.bool_]
    folded: NDArray[np.int64]
    faults: dict[int, str]
    seconds: NDArray[np.float64]
    scores: MaskComparison | None = None

    @property
    def median_ms(self) -> float:
        """How long a frame takes in ms; NaN where the target's own frame is the only one."""
        return 1e3 * float(np.median(self.seconds)) if len(self.seconds) else float("nan")


def track_case(path: Path, request: TrackRequest) -> TrackedCase:
    """Follow the target of a case through its frames.

    Parameters
    ----------
    path
        The case.
    request
        Its labels are read when the last mask has been made.

    Returns
    -------
    TrackedCase
        With scores where labels are given.

    Raises
    ------
    CinecastError
        If a file is of no use, or the target is not one.
    """
    if request.labels is not None and not request.labels.exists():
        raise ReadError(f"--labels must be a file or a folder, got {request.labels}, which is none; check the path")
    recording = read_recording(path, request.frames)
    tracked = follow(recording, find_target(path, recording, request), request.flow)
    if request.labels is None:
        return tracked
    file = find_labels(request.labels, recording)
    if file is None:
        _LOG.warning("%s is tracked and not scored: %s has no labels of it", recording.name, request.labels)
        return tracked
    return _scored(tracked, file, request)


def find_target(path: Path, recording: Recording, request: TrackRequest) -> Target:
    """Return the one target of a case.

    Parameters
    ----------
    path
        The case.
    recording
        What was read of it.
    request
        Says which target is meant.

    Returns
    -------
    Target
        Of a structure with contours on several frames, the first.

    Raises
    ------
    ReadError
        If there is none.
    SettingsError
        If there are several.
    """
    file = request.target or find_first_label(path)
    if file is None:
        raise ReadError(
            f"a target must be given, got none and no first label of a TrackRAD2025 case in {recording.name}; "
            "give its mask with --target"
        )
    found = read_targets(
        file,
        recording.geometry,
        labels=request.target_labels,
        names=request.target_names,
        frame=request.target_frame,
    )
    names = list(dict.fromkeys(target.name for target in found))
    if len(names) > 1:
        raise SettingsError(
            f"one target is tracked at a time, got {len(names)} in {file.name}: {', '.join(names)}; choose with "
            "--target-label or --target-name"
        )
    return min(found, key=lambda target: target.frame)


def follow(recording: Recording, target: Target, flow: FlowSettings) -> TrackedCase:
    """Follow a target through the frames of a case, from its own frame on.

    Parameters
    ----------
    recording
        The frames, which are handed over one by one.
    target
        Its mask and the frame that it is of.
    flow
        Settings of the flow.

    Returns
    -------
    TrackedCase
        Without scores.

    Raises
    ------
    CinecastError
        If the target's frame is useless, or the flow has too many levels for it.
    """
    masks = np.zeros(recording.frames.shape, dtype=bool)
    folded = np.zeros(len(masks), dtype=np.int64)
    faults: dict[int, str] = {}
    seconds = []
    followed = track(recording.frames[target.frame :], target.mask, flow)
    with single_threaded():
        for t in range(target.frame, len(masks)):
            begin = time.perf_counter()
            masks[t], folded[t], fault = next(followed)
            seconds.append(time.perf_counter() - begin)
            if fault is not None:
                faults[t] = fault
    return TrackedCase(recording, target, masks, folded, faults, np.array(seconds[1:]))


def find_labels(labels: Path, recording: Recording) -> Path | None:
    """Return the file with the reference masks of a case.

    Parameters
    ----------
    labels
        That file, or a folder: of the case, of its targets, or of many cases.
    recording
        The case, whose file ``CASE_frames`` says what its labels are called.

    Returns
    -------
    Path or None
        ``CASE_labels.mha`` or ``.mhd`` in the folder, its ``targets``, the folder of the case in it or ``targets``
        there; None where there is no such file.
    """
    if not labels.is_dir():
        return labels
    head, _, number = recording.scan.stem.partition("_frames")
    folders = [labels / part for part in ("", "targets", recording.name, Path(recording.name) / "targets")]
    names = [f"{head}_labels{number}{ending}" for ending in (".mha", ".mhd")]
    return next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)


def _scored(tracked: TrackedCase, file: Path, request: TrackRequest) -> TrackedCase:
    if request.trackrad and tracked.target.frame != 0:
        raise SettingsError(
            f"TrackRAD's rules need a target of frame 0, got one of frame {tracked.target.frame}; leave --trackrad out"
        )
    geometry = tracked.recording.geometry
    found = read_label_series(file, geometry, labels=request.target_labels, names=request.target_names)
    matching = found if len(found) == 1 else [each for each in found if each.name == tracked.target.name]
    if len(matching) != 1:
        raise ReadError(
            f"labels must have the name of the target, {tracked.target.name}, got "
            f"{', '.join(each.name for each in found)} in {file.name}; choose with --target-label or --target-name"
        )
    affine = np.eye(4) if geometry.affine is None else geometry.affine
    reference = LabelSeries(file.name, matching[0].masks, geometry.spacing_mm, affine)
    forecast = LabelSeries(tracked.recording.name, tracked.masks, geometry.spacing_mm, affine)
    region = find_scanned_region(file) or find_scanned_region(tracked.recording.scan)
    begin = tracked.target.frame
    scores = (
        compare_by_trackrad(forecast, reference, region)
        if request.trackrad
        else compare_by_cinecast(forecast, reference, region, begin, begin=begin)
    )
    shift = frame_shift(*(_centroids_mm(each.masks[begin:], geometry.spacing_mm) for each in (reference, forecast)))
    if shift is not None:
        _LOG.warning("%s: %s", tracked.recording.name, shift.words("labels"))
    return replace(tracked, scores=scores)


def _centroids_mm(masks: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return the centroids of masks (T, H, W), shape (1, T, 2); NaN where there is none."""
    return np.stack([centroid_mm(mask, spacing_mm=spacing_mm) for mask in masks])[np.newaxis]
