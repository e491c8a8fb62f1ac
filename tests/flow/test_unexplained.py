"""Motion beyond the reach of the pyramid is noticed on the phantom, whose true motion says where the flow is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.flow import estimate_flow
from cinecast.flow.unexplained import unexplained_shares
from cinecast.flow.unexplained_limit import unexplained_frames, unexplained_limit
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import FlowSettings

DEEP = make_phantom(PhantomSettings(frame_count=40, frame_period_s=0.4, amplitude_mm=26, amplitude_variation=0.1))
FRAMES = DEEP.sequence.frames
BODY = FRAMES[0] > 0.1 * FRAMES[0].max()
SHALLOW = PhantomSettings(rows=64, columns=56, pixel_spacing_mm=(5.4, 5.4), frame_count=12)


def measured(levels: int) -> NDArray[np.float32]:
    return np.stack(list(estimate_flow(FRAMES, FlowSettings(reference=0, levels=levels))))


def far_off(dvf: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the 98th percentile over the body of the distance from the true motion, in pixels."""
    return np.asarray(np.percentile(np.linalg.norm(dvf - DEEP.dvf, axis=-1)[:, BODY], 98, axis=1))


def test_frames_whose_motion_two_levels_cannot_catch_are_named_and_those_that_they_can_are_not() -> None:
    dvf = measured(2)
    named = unexplained_frames(unexplained_shares(FRAMES[0], FRAMES, dvf), 24)
    lost = far_off(dvf)
    assert len(named) >= 4
    assert lost[named].min() > 6
    assert set(np.flatnonzero(lost > 12)) <= set(named)


def test_with_levels_enough_nothing_is_named() -> None:
    dvf = measured(4)
    assert far_off(dvf).max() < 6
    assert unexplained_frames(unexplained_shares(FRAMES[0], FRAMES, dvf), 24) == []


def test_shares_are_the_same_on_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    dvf = np.zeros((6, *FRAMES.shape[1:], 2), dtype=np.float32)
    with ThreadPoolExecutor(3) as pool:
        threaded = unexplained_shares(FRAMES[0], FRAMES[:6], dvf, apply=pool.map)
    np.testing.assert_array_equal(threaded, unexplained_shares(FRAMES[0], FRAMES[:6], dvf))


@settings(max_examples=20)
@given(gain=st.floats(0.1, 10), offset=st.floats(-1e5, 1e5), shift=st.sampled_from([0.0, 12.5, -12.5]))
def test_brightness_explains_nothing_and_hides_nothing(gain: float, offset: float, shift: float) -> None:
    frames = FRAMES[[0, 4, 9]].astype(float)
    dvf = np.zeros((3, *FRAMES.shape[1:], 2))
    dvf[1:] += shift  # that leads out of the frame, where no grey value is
    plain = unexplained_shares(frames[0], frames, dvf)
    assert plain[0] == 0
    assert plain.max() > 0.02
    np.testing.assert_allclose(unexplained_shares(frames[0], gain * frames + offset, dvf), plain, atol=1e-3)
    np.testing.assert_allclose(unexplained_shares(gain * frames[0] + offset, frames, dvf), plain, atol=1e-3)


def test_a_frame_of_something_else_is_unexplained_and_a_blank_reference_says_nothing(rng: np.random.Generator) -> None:
    dvf = np.zeros((1, *FRAMES.shape[1:], 2))
    other = rng.normal(size=(1, *FRAMES.shape[1:]))
    assert unexplained_shares(FRAMES[0], other, dvf)[0] > 0.8
    assert unexplained_shares(np.zeros(FRAMES.shape[1:]), other, dvf)[0] == 0


def test_the_train_span_says_what_is_typical_and_frames_left_out_neither_count_nor_are_named() -> None:
    shares = np.array([0.1, 0.12, 0.11, 0.9, 0.1, 0.3, 0.12, 0.9])
    assert unexplained_frames(shares, 5) == [3, 5, 7]
    assert unexplained_frames(shares, 5, left_out={3, 7}) == [5]
    shares[6:] = 0.0  # later frames change nothing that is said of earlier ones
    assert unexplained_frames(shares, 5) == [3, 5]


@pytest.mark.parametrize("count", [2, 7])
def test_lost_frames_of_the_train_span_do_not_hide_each_other(count: int) -> None:
    shares = np.full(16, 0.02) + 0.01 * np.sin(np.arange(16))
    shares[:count] = 0.2
    assert unexplained_frames(shares, 16) == list(range(count))


@pytest.mark.parametrize(
    ("shares", "left_out", "limit"),
    [
        # The median is 0.2; of what lies up to it the distances are 0.08, 0.04 and 0, and their median is 0.04.
        ([0.12, 0.16, 0.2, 0.21, 0.22], (), 0.2 + 5 * 1.4826 * 0.04),
        ([0.12, 0.16, 0.2, 0.7, 0.9], (), 0.2 + 5 * 1.4826 * 0.04),  # lost frames hide none of each other
        ([0.12, 0.9, 0.16, 0.2, 0.7, 0.9], (1,), 0.2 + 5 * 1.4826 * 0.04),
        ([0.3, 0.3, 0.31], (), 0.3 + 0.12),
    ],
)
def test_the_limit_is_five_deviations_of_the_better_half(
    shares: list[float], left_out: tuple[int, ...], limit: float
) -> None:
    assert unexplained_limit(np.array(shares), left_out) == pytest.approx(limit)
    found = unexplained_frames(np.array([*shares, limit + 0.01, limit - 0.01]), len(shares), left_out)
    assert [t for t in found if t >= len(shares)] == [len(shares)]
