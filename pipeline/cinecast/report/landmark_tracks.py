"""Landmarks over the test frames as the page draws them: where each was followed, and where the measured motion is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.choosing import judge
from cinecast.landmarks.landmarks import Landmarks
from cinecast.report.data import ReportData, ReportFlow
from cinecast.report.packing import pack_integers
from cinecast.report.scripts import rounded
from cinecast.score.landmark_scores import sample_dvf
from cinecast.score.patient_axes import axes_in_plane, is_placeholder
from cinecast.sequence import Sequence

# Displacements are stored to half of this, unless one is so large that 16 bits do not hold it.
STEP_MM = 0.01
_LARGEST_INT16 = 32767
# Stands for no number among whole steps.
NOTHING = -32768

# Which way is positive, where an affine tells the patient's axes; these are those of RAS+.
_TOWARDS = {"si": "to the head", "ap": "to the front", "lr": "to the patient's right"}


class Axis(NamedTuple):
    """One axis along which displacements are drawn.

    Parameters
    ----------
    title
        What it is called, and which way along it is positive.
    direction
        What a displacement in mm, (x, y), is multiplied by for its part along the axis.
    """

    title: str
    direction: list[float]


def followed_landmarks(data: ReportData) -> Landmarks | None:
    """Return the landmarks of a report that were found in its test span; None where there is none."""
    found = data.landmarks
    if found is None or not data.flows or not _in_test_span(data, found).any():
        return None
    return found


def first_shown(data: ReportData, landmarks: Landmarks) -> int:
    """Return the number of the landmark that moves most in the train span, of those that the test span shows.

    Parameters
    ----------
    data
        The sequence with its split.
    landmarks
        From `followed_landmarks`.

    Returns
    -------
    int
        Index of the landmark.
    """
    sequence = data.sequence
    amplitude = judge(landmarks.displacements[:, : sequence.split.train_end], sequence.spacing_mm).amplitude_mm
    return int(np.argmax(np.where(_in_test_span(data, landmarks).any(axis=1), amplitude, -1.0)))


def track_content(data: ReportData) -> dict[str, Any] | None:
    """Return what the page is given of landmarks; None where none was followed in the test span.

    Parameters
    ----------
    data
        The landmarks, in the reference frame of the first flow, and the flows.

    Returns
    -------
    dict or None
        ``places``: (x, y) of each of N landmarks in the reference frame of each flow, pixels, None where it was not
        found there. ``tracked`` and, for each flow, ``measured``: displacements from the place in the reference frame
        of the first flow, shape (N, 2, test frames), whole steps of ``step_mm``, x first; `NOTHING` where a landmark
        was not found, and where the motion of a frame was not measured.
    """
    landmarks = followed_landmarks(data)
    if landmarks is None:
        return None
    span, spacing_mm = data.sequence.split.test_frames, np.array(data.sequence.spacing_mm[::-1])
    tracked = landmarks.displacements[:, span.start : span.stop].swapaxes(1, 2) * spacing_mm[:, np.newaxis]
    tracked[..., [t - span.start for t in data.flows[0].held if t in span]] = np.nan
    places = [_places_in(landmarks, flow, data.flows[0]) for flow in data.flows]
    measured = [
        None if flow.dvf is None else _measured(landmarks, flow, flow.dvf, own, span) * spacing_mm[:, np.newaxis]
        for flow, own in zip(data.flows, places, strict=True)
    ]
    all_mm = [tracked, *(each for each in measured if each is not None)]
    step = max(STEP_MM, *(float(np.abs(each[np.isfinite(each)]).max(initial=0)) / _LARGEST_INT16 for each in all_mm))
    return {
        "step_mm": step,
        "places": [rounded(own, 7) for own in places],
        "tracked": _packed(tracked, step),
        "measured": [None if each is None else _packed(each, step) for each in measured],
        "axes": [axis._asdict() for axis in shown_axes(data.sequence)],
    }


def shown_axes(sequence: Sequence) -> list[Axis]:
    """Return the axes along which displacements are drawn: the patient's, or rows and columns where unknown."""
    known = sequence.affine is not None and not is_placeholder(sequence.affine)
    axes = axes_in_plane(sequence).items()
    return [Axis(_title(name, known, direction[1] == 1), rounded(direction, 9)) for name, direction in axes]


def _title(name: str, known: bool, down: bool) -> str:
    """Return the words of an axis; what a sidecar calls it does not say which way along it is positive."""
    in_image = "down the image" if down else "to the right in the image"
    if name in ("rows", "columns"):
        return in_image
    return f"{name.upper()}, {_TOWARDS[name] if known else in_image}"


def _in_test_span(data: ReportData, landmarks: Landmarks) -> NDArray[np.bool_]:
    """Return whether each landmark was followed in each test frame whose motion was measured."""
    span = data.sequence.split.test_frames
    kept = [t for t in span if t not in data.flows[0].held]
    return np.asarray(np.isfinite(landmarks.displacements[:, kept]).all(axis=2))


def _places_in(landmarks: Landmarks, flow: ReportFlow, first: ReportFlow) -> NDArray[np.float64]:
    """Return where landmarks lie in the reference frame of a flow, shape (N, 2), pixels; NaN where not found there."""
    if flow.reference == first.reference:
        return landmarks.positions
    return landmarks.positions + landmarks.displacements[:, flow.reference]


def _measured(
    landmarks: Landmarks, flow: ReportFlow, dvf: NDArray[Any], places: NDArray[np.float64], span: range
) -> NDArray[np.float64]:
    """Return the measured displacements from the landmarks' positions, shape (N, 2, test frames), pixels."""
    found = np.isfinite(places).all(axis=1)
    measured = np.full((len(places), 2, len(span)), np.nan)
    for i, t in enumerate(span):
        if t not in flow.held:
            moved = places[found] + sample_dvf(dvf[i], places[found])
            measured[found, :, i] = moved - landmarks.positions[found]
    return measured


def _packed(displacements_mm: NDArray[np.float64], step_mm: float) -> dict[str, Any]:
    steps = np.where(np.isfinite(displacements_mm), np.rint(displacements_mm / step_mm), NOTHING)
    return pack_integers(steps.astype(np.int16))
