"""The laws that every flow keeps, whichever package it is of; `python -m cinecast_models.check NAME` holds it to them.

Each takes a case and raises AssertionError where it is broken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.estimator import FlowEstimator
from cinecast.flow.other_flows import Estimate, other_flows
from cinecast.settings import FlowSettings
from cinecast.settings.flow_settings import OWN_FLOW

SHAPE, MARGIN = (96, 80), 16
# Pixels along x (columns) and y (rows): axes and signs differ, so that no mistake in them goes unseen.
MOVES = ((3.0, -2.0), (-2.0, 0.0), (0.0, 2.5))
_CLOSE, _STILL = 0.5, 0.05


@dataclass(frozen=True)
class FlowCase:
    """A flow to be held against the laws.

    Parameters
    ----------
    make
        Takes the reference frame (H, W), and returns what returns the DVF of a frame.
    """

    make: Callable[[NDArray[Any]], Estimate]


def flow_cases() -> dict[str, FlowCase]:
    """Return that of cinecast and those of other packages by name."""
    others: dict[str, Any] = {name: plugin.value for name, plugin in other_flows().items()}
    own = FlowCase(lambda reference: FlowEstimator(reference, FlowSettings()))
    return {OWN_FLOW: own} | {name: FlowCase(make) for name, make in others.items()}


def textured(x: float = 0.0, y: float = 0.0) -> NDArray[np.uint16]:
    """Return a frame of a texture that has moved exactly, as it is a sum of waves.

    Parameters
    ----------
    x, y
        How far it has moved along columns and rows, in pixels.

    Returns
    -------
    NDArray[np.uint16]
        Shape (H, W).
    """
    rng = np.random.default_rng(0)
    rows, columns = np.indices(SHAPE)
    grey = np.zeros(SHAPE)
    for length, angle, phase in zip(rng.uniform(9, 50, 40), *rng.uniform(0, 2 * np.pi, (2, 40)), strict=True):
        along = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        grey += np.cos(2 * np.pi * along / length + phase)
    return np.asarray(np.clip(1000 + 100 * grey, 0, 4000), dtype=np.uint16)


def vectors_have_a_shape_and_are_finite(case: FlowCase) -> None:
    """Demand real vectors (H, W, 2) that are finite, of frames of whole and of real numbers."""
    for kind in (np.uint8, np.uint16, np.float32, np.float64):
        reference, frame = ((textured(*move) / 16).astype(kind) for move in ((0, 0), MOVES[0]))
        dvf = np.asarray(case.make(reference)(frame))
        assert dvf.shape == (*SHAPE, 2), f"vectors must have shape {(*SHAPE, 2)}, got {dvf.shape}"
        assert dvf.dtype.kind == "f", f"vectors must be of real numbers, got {dvf.dtype}"
        assert np.isfinite(dvf).all(), f"vectors must be finite, got others for frames of {np.dtype(kind)}"


def vectors_lead_from_the_reference_to_the_frame(case: FlowCase) -> None:
    """Demand that a texture that has moved by so many pixels (x, y) is measured to, away from the edges."""
    estimate, inner = case.make(textured()), (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    for move in MOVES:
        got = tuple(np.median(np.asarray(estimate(textured(*move)))[inner].reshape(-1, 2), axis=0).tolist())
        said = f"a move of {move} px along (x, y) is measured as ({got[0]:.2f}, {got[1]:.2f})"
        assert np.hypot(*np.subtract(got, move)) < _CLOSE, said


def the_reference_itself_has_not_moved(case: FlowCase) -> None:
    """Demand no motion of the reference frame against itself."""
    reference = textured()
    largest = float(np.abs(np.asarray(case.make(reference)(reference.copy()))).max())
    assert largest < _STILL, f"the reference frame has moved by {largest:.3g} px against itself"


def frames_are_not_remembered(case: FlowCase) -> None:
    """Demand the same bits of a frame whatever frames came before it."""
    frames = [textured(*move) for move in MOVES]
    estimate = case.make(textured())
    there = [np.array(estimate(frame)) for frame in frames]
    back = [np.array(estimate(frame)) for frame in reversed(frames)][::-1]
    alone = [np.array(case.make(textured())(frame)) for frame in frames]
    for first, second, third in zip(there, back, alone, strict=True):
        same = first.tobytes() == second.tobytes() == third.tobytes()
        assert same, "the motion of a frame depends on the frames before it"


def another_reference_changes_nothing(case: FlowCase) -> None:
    """Demand the same bits after the flow was made for another reference frame, as a batch does it."""
    estimate, frame = case.make(textured()), textured(*MOVES[0])
    before = np.array(estimate(frame))
    case.make(textured(*MOVES[1]))(frame)
    assert np.array(estimate(frame)).tobytes() == before.tobytes(), "another reference frame changes the motion"


def frames_are_not_written_to(case: FlowCase) -> None:
    """Demand that frames may be read-only, and stay as they are."""
    for writeable in (True, False):
        reference, frame = textured(), textured(*MOVES[0])
        reference.flags.writeable = frame.flags.writeable = writeable
        case.make(reference)(frame)
        kept = np.array_equal(reference, textured()) and np.array_equal(frame, textured(*MOVES[0]))
        assert kept, "the frames have other grey values afterwards"


def vectors_that_were_returned_stay(case: FlowCase) -> None:
    """Demand that the vectors of a frame stay as they are when the next frame is measured."""
    estimate = case.make(textured())
    first = np.asarray(estimate(textured(*MOVES[0])))
    kept = first.copy()
    estimate(textured(*MOVES[1]))
    assert first.tobytes() == kept.tobytes(), "the vectors of a frame change when the next one is measured"


FLOW_LAWS: tuple[Callable[[FlowCase], None], ...] = (
    vectors_have_a_shape_and_are_finite,
    vectors_lead_from_the_reference_to_the_frame,
    the_reference_itself_has_not_moved,
    frames_are_not_remembered,
    another_reference_changes_nothing,
    frames_are_not_written_to,
    vectors_that_were_returned_stay,
)
