"""The shipped laws of flows are kept by cinecast's own, and each is broken by what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cinecast.flow import laws
from cinecast.flow.laws import FLOW_LAWS, FlowCase, flow_cases
from cinecast_models.check.__main__ import main

OWN = flow_cases()["lucas_kanade"].make


def changed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the flow of cinecast with its vectors changed."""

    def make(reference: Any) -> Callable[[Any], Any]:
        estimate = OWN(reference)
        return lambda frame: change(estimate(frame))

    return make


def remembering(reference: Any) -> Callable[[Any], Any]:
    """Begin at the motion of the frame before."""
    estimate, last = OWN(reference), [0.0]

    def of(frame: Any) -> Any:
        dvf = estimate(frame) + 1e-9 * last[0]
        last[0] = float(dvf[40, 40, 0])
        return dvf

    return of


NEWEST: list[Any] = [None]


def of_the_newest_reference(reference: Any) -> Callable[[Any], Any]:
    """Keep the reference frame where the next one takes its place."""
    NEWEST[0] = reference
    return lambda frame: OWN(NEWEST[0])(frame)


def writing(reference: Any) -> Callable[[Any], Any]:
    """Darken the frame in its place."""

    def of(frame: Any) -> Any:
        dvf = OWN(reference)(frame)
        frame //= 2
        return dvf

    return of


def of_one_buffer(reference: Any) -> Callable[[Any], Any]:
    """Return the same array for each frame."""
    own = np.zeros((*reference.shape, 2))

    def of(frame: Any) -> Any:
        own[...] = OWN(reference)(frame)
        return own

    return of


def test_that_of_cinecast_keeps_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lucas_kanade"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"lucas_kanade keeps all {len(FLOW_LAWS)} laws."
    assert len(printed) == len(FLOW_LAWS) + 1


@pytest.mark.parametrize(
    ("make", "law", "words"),
    [
        (changed(lambda dvf: np.moveaxis(dvf, 2, 0)), laws.vectors_have_a_shape_and_are_finite, "must have shape"),
        (changed(lambda dvf: dvf.astype(int)), laws.vectors_have_a_shape_and_are_finite, "of real numbers, got int"),
        (changed(lambda dvf: dvf / 0), laws.vectors_have_a_shape_and_are_finite, "must be finite"),
        (changed(lambda dvf: -dvf), laws.vectors_lead_from_the_reference_to_the_frame, "is measured as"),
        (changed(lambda dvf: dvf[..., ::-1]), laws.vectors_lead_from_the_reference_to_the_frame, "is measured as"),
        (changed(lambda dvf: 1.5 * dvf), laws.vectors_lead_from_the_reference_to_the_frame, "is measured as"),
        (changed(lambda dvf: dvf + 0.2), laws.the_reference_itself_has_not_moved, "moved by 0.2 px"),
        (remembering, laws.frames_are_not_remembered, "depends on the frames before it"),
        (of_the_newest_reference, laws.another_reference_changes_nothing, "another reference frame"),
        (writing, laws.frames_are_not_written_to, "have other grey values"),
        (of_one_buffer, laws.vectors_that_were_returned_stay, "change when the next one is measured"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_law_is_tripped_by_what_breaks_it(
    make: Callable[[Any], Any], law: Callable[[FlowCase], None], words: str
) -> None:
    with pytest.raises(AssertionError, match=words):
        law(FlowCase(make))
