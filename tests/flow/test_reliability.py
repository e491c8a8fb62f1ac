"""Reliability: high where the phantom's known motion is measured well, untouched by brightness, of the past alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.flow import estimate_flow
from cinecast.flow.reliability import MOST_FRAMES, ReliabilityEstimator, static_reliability
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.settings import FlowSettings

Map = NDArray[np.float32]


@cache
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(frame_count=24))


@cache
def measured() -> NDArray[np.float32]:
    return np.stack(list(estimate_flow(phantom().sequence.frames, FlowSettings(reference=0))))


def noise(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=shape)


def far_from_tissue(frame: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Air further from the phantom's body than the window and the normalisation look."""
    from scipy import ndimage

    body = ndimage.binary_opening(frame > 0.1 * frame.max(), iterations=2)
    return np.asarray(~ndimage.binary_dilation(ndimage.binary_fill_holes(body), iterations=12))


def test_the_more_reliable_a_vector_of_moving_tissue_the_smaller_its_error() -> None:
    frames, found, true = phantom().sequence.frames, measured(), phantom().dvf
    estimator = ReliabilityEstimator(frames[0])
    error = np.linalg.norm(found - true, axis=-1)[1:]
    reliability = np.array([estimator(frame, dvf) for frame, dvf in zip(frames[1:], found[1:], strict=True)])
    moving = np.zeros(error.shape, dtype=bool)
    moving[:, 10:-10, 10:-10] = (np.linalg.norm(true, axis=-1).max(axis=0) > 3)[10:-10, 10:-10]
    bounds = np.quantile(reliability[moving], [0, 0.25, 0.5, 0.75])
    quarter = np.digitize(reliability[moving], bounds)
    errors = [error[moving][quarter == k].mean() for k in (1, 2, 3, 4)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < 0.75 * errors[0]


def test_air_is_less_reliable_than_tissue_by_far() -> None:
    frames = phantom().sequence.frames
    reliability = static_reliability(frames[:16], measured()[:16], 0)
    body, air = frames[0] > 0.1 * frames[0].max(), far_from_tissue(frames[0])
    assert air.mean() > 0.1
    assert reliability.min() >= 0
    assert reliability.max() <= 1
    assert reliability[body].mean() > 10 * reliability[air].mean()


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(1e-3, 1e3), offset=st.floats(-1e3, 1e5), of=st.sampled_from(["frame", "reference", "both"]))
def test_brightness_changes_nothing(gain: float, offset: float, of: str) -> None:
    reference, frame = phantom().sequence.frames[0].astype(float), phantom().sequence.frames[5].astype(float)
    plain = ReliabilityEstimator(reference)(frame, measured()[5])
    if of != "frame":
        reference = gain * reference + offset
    if of != "reference":
        frame = gain * frame + offset
    np.testing.assert_allclose(ReliabilityEstimator(reference)(frame, measured()[5]), plain, atol=1e-4)


def test_a_vector_that_points_elsewhere_is_not_reliable() -> None:
    frames, found = phantom().sequence.frames, measured()
    estimator = ReliabilityEstimator(frames[0])
    there = estimator.texture > 0.5
    wrong = found[5] + np.float32(6.0)
    assert estimator.agreement(frames[5], found[5])[there].mean() > 0.8
    assert estimator.agreement(frames[5], wrong)[there].mean() < 0.4


def test_a_frame_agrees_with_itself_and_not_with_its_negative_or_with_nothing() -> None:
    image, still = noise((40, 50)), np.zeros((40, 50, 2), dtype=np.float32)
    estimator = ReliabilityEstimator(image)
    assert 0.8 < estimator.agreement(image, still).mean() < 1  # not quite 1, because of the floor
    assert estimator.agreement(-image, still).max() == 0
    assert estimator.agreement(np.full_like(image, 0.1), still).max() == 0


def test_an_edge_has_less_texture_than_a_corner_and_a_ramp_has_none() -> None:
    image = np.zeros((60, 60))
    image[:30, :30] = 1.0
    texture = ReliabilityEstimator(image).texture
    assert texture[29, 29] > 3 * texture[29, 4]
    columns = ReliabilityEstimator(np.broadcast_to(np.arange(60.0) ** 2, (60, 60))).texture
    assert columns.max() < 1e-6


@pytest.mark.parametrize("grey", [0.0, 0.1, 1e6])
def test_a_constant_reference_says_nothing(grey: float) -> None:
    estimator = ReliabilityEstimator(np.full((20, 30), grey))
    still = np.zeros((20, 30, 2), dtype=np.float32)
    assert estimator(noise((20, 30)), still).max() == 0
    assert estimator.agreement(np.full((20, 30), grey), still).max() == 0


def test_more_air_around_the_body_does_not_change_its_texture() -> None:
    inner = noise((40, 40))
    near, far = np.zeros((80, 80)), np.zeros((240, 240))
    near[20:60, 20:60] = far[100:140, 100:140] = inner
    small, large = ReliabilityEstimator(near).texture, ReliabilityEstimator(far).texture
    np.testing.assert_allclose(large[104:136, 104:136], small[24:56, 24:56], atol=0.15)


def test_a_vector_that_the_flow_back_does_not_undo_is_not_consistent() -> None:
    frames, found = phantom().sequence.frames, measured()
    estimator = ReliabilityEstimator(frames[0])
    there = estimator.texture > 0.5
    right = estimator.consistency(frames[5], found[5])[there]
    wrong = estimator.consistency(frames[5], found[5] + np.float32(1.0))[there]
    assert np.median(right) > 0.5
    assert wrong.max() < 0.1
    still = estimator.consistency(frames[0], np.zeros_like(found[0]))
    np.testing.assert_allclose(still, 1, atol=1e-6)


def test_consistency_is_that_of_the_distance_missed(rng: np.random.Generator) -> None:
    from cinecast.flow.reliability import HALF_CONSISTENT_PX

    image = rng.normal(size=(60, 60))
    for missed in (0.5, 1.0, 2.0):
        field = np.zeros((60, 60, 2))
        field[..., 1] = missed * HALF_CONSISTENT_PX  # the image itself did not move, so all of it is missed
        consistency = ReliabilityEstimator(image).consistency(image, field)
        np.testing.assert_allclose(consistency, 1 / (1 + missed**2), atol=1e-5)


def test_a_vector_that_leads_out_of_the_frame_has_no_way_back() -> None:
    frames, found = phantom().sequence.frames, measured()[5].copy()
    found[:, -40:, 0] = 60
    assert ReliabilityEstimator(frames[0]).consistency(frames[5], found)[:, -30:].max() < 0.01


def test_the_way_back_is_measured_with_the_settings_given() -> None:
    frames, found = phantom().sequence.frames, measured()[5]
    plain = ReliabilityEstimator(frames[0]).consistency(frames[5], found)
    other = ReliabilityEstimator(frames[0], FlowSettings(levels=1)).consistency(frames[5], found)
    assert np.abs(plain - other).max() > 0.1


@pytest.mark.parametrize("noise_level", [0.03, 0.1])
def test_with_consistency_reliability_tells_errors_better_where_tissue_leaves_the_plane(noise_level: float) -> None:
    from scipy.stats import spearmanr

    faulty = make_phantom(PhantomSettings(frame_count=24, noise_level=noise_level, out_of_plane=0.6, seed=3))
    frames = faulty.sequence.frames
    found = np.stack(list(estimate_flow(frames, FlowSettings(reference=0))))[4::5]
    error = np.linalg.norm(found - faulty.dvf[4::5], axis=-1)
    estimator = ReliabilityEstimator(frames[0])
    body = np.broadcast_to(frames[0] > 0.1 * frames[0].max(), error.shape)
    whole = np.array([estimator(*each) for each in zip(frames[4::5], found, strict=True)])
    without = (
        np.array([estimator.agreement(*each) for each in zip(frames[4::5], found, strict=True)]) * estimator.texture
    )
    told, told_without = (spearmanr(each[body], error[body]).statistic for each in (whole, without))
    assert told < told_without - 0.1
    assert told < -0.25


def plain_static(frames: NDArray[np.generic], dvf: Map, reference: int) -> Map:
    estimator = ReliabilityEstimator(frames[reference])
    kept = [t for t in range(len(frames)) if t != reference]
    return np.asarray(estimator.texture * np.median([estimator.agreement(frames[t], dvf[t]) for t in kept], axis=0))


@pytest.mark.parametrize("reference", [0, 7])
def test_the_static_map_is_the_median_over_the_other_frames(reference: int) -> None:
    frames = phantom().sequence.frames[:12]
    dvf = measured()[:12] - measured()[reference]
    static = static_reliability(frames, dvf, reference)
    np.testing.assert_allclose(static, plain_static(frames, dvf, reference), atol=1e-6)


def test_frames_left_out_count_for_nothing() -> None:
    frames, still = noise((6, 24, 20)), np.zeros((6, 24, 20, 2), dtype=np.float32)
    frames[1:] = frames[0] + 0.3 * frames[1:]
    frames[[2, 3]] = noise((2, 24, 20), seed=1)  # which agree with nothing
    wanted = static_reliability(frames[[0, 1, 4, 5]], still[:4], 0)
    np.testing.assert_array_equal(static_reliability(frames, still, 0, {2, 3}), wanted)


def test_a_long_train_span_is_sampled_evenly_to_its_end() -> None:
    image, still = noise((24, 24)), np.zeros((100, 24, 24, 2), dtype=np.float32)
    asked: list[int] = []

    class Counted(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
        def __getitem__(self, key: object) -> object:
            if isinstance(key, int):
                asked.append(key)
            return np.asarray(super().__getitem__(key))  # type: ignore[call-overload]

    static_reliability(np.repeat(image[None], 100, axis=0).view(Counted), still, 50)
    assert asked[0] == 50
    assert len(asked) == 1 + MOST_FRAMES
    assert (asked[1], asked[-1]) == (0, 99)
    assert max(np.diff(asked[1:])) <= 5
    assert 50 not in asked[1:]


def test_a_few_bad_frames_change_little() -> None:
    frames, dvf = phantom().sequence.frames[:16].copy(), measured()[:16]
    good = static_reliability(frames, dvf, 0)
    frames[3], frames[9] = 0, frames[9][::-1]
    assert np.abs(static_reliability(frames, dvf, 0) - good).mean() < 0.03


def test_a_frame_of_another_size_is_refused() -> None:
    estimator = ReliabilityEstimator(noise((20, 30)))
    with pytest.raises(ReadError, match=r"as large as the reference frame, 20 x 30, got shape \(20, 31\); give frames"):
        estimator.agreement(noise((20, 31)), np.zeros((20, 31, 2)))
