"""Bands steered by place: by the formula, causal, with the bound that it promises."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from cinecast_models import BreathingRadii, Conditions, track_errors
from cinecast_models.conformal.parameters import LARGEST_SCALE as LARGEST
from cinecast_models.conformal.parameters import STEERING_MEMORY as MEMORY
from cinecast_models.conformal.parameters import STEERING_RATE as RATE
from cinecast_models.conformal.parameters import STEERING_WIDTH as WIDTH
from cinecast_models.conformal.steering import PlaceSteering
from cinecast_models.forecaster import Array

seeds = st.integers(0, 1000)


def told(rng: np.random.Generator, count: int, horizon: int = 1) -> tuple[PlaceSteering, Array, Array]:
    steering = PlaceSteering(level=0.9, horizon=horizon)
    places, missed = rng.normal(0, 0.5, (count, 3)), rng.uniform(size=count)
    for place, share in zip(places, missed, strict=True):
        steering.observe(place, float(share))
    return steering, places, missed


# Up to 8 samples ahead every band is remembered; further ahead one of two, and one of five at 30 samples.
@given(seeds, st.integers(0, MEMORY + 50), st.sampled_from([(1, 1), (8, 1), (9, 2), (30, 5)]))
@example(1, 5 * MEMORY + 50, (30, 5))
def test_it_is_the_formula(seed: int, count: int, far: tuple[int, int]) -> None:
    rng, (horizon, stride) = np.random.default_rng(seed), far
    steering, places, missed = told(rng, count, horizon)
    here = rng.normal(0, 0.5, 3)
    pairs = list(zip(places, missed, strict=True))[::stride][-MEMORY:]
    excess = sum(np.exp(-((place - here) ** 2).sum() / (2 * WIDTH**2)) * (share - 0.1) for place, share in pairs)
    wanted = np.clip(RATE * excess, -np.log(LARGEST), np.log(LARGEST))
    np.testing.assert_allclose(np.log(steering.scale(here)), wanted, rtol=1e-9, atol=1e-12)


def test_nothing_is_learned_from_what_was_not_measured_nor_said_of_no_forecast(rng: np.random.Generator) -> None:
    steering, *_ = told(rng, 5)
    here = np.zeros(3)
    before = steering.scale(here)
    steering.observe(here, float("nan"))
    steering.observe(np.full(3, np.nan), 1.0)
    assert steering.scale(here) == before != 1
    assert steering.scale(np.full(3, np.nan)) == 1
    assert PlaceSteering(level=0.9, horizon=1).scale(here) == 1


def conditions(rng: np.random.Generator, count: int) -> Conditions:
    return Conditions(rng.uniform(0.5, 2, count), rng.normal(0, 1, (count, 3)))


@given(seeds, st.integers(1, 8), st.integers(20, 90))
def test_no_error_moves_a_radius_issued_before_it_arrived(seed: int, horizon: int, at: int) -> None:
    rng = np.random.default_rng(seed)
    errors, known = np.abs(rng.standard_t(3, (120, 4))), conditions(rng, 120)
    before = [each.radius for each in track_errors(errors, horizon=horizon, level=0.9, conditions=known)]
    errors[at:] += 9
    known.difficulty[at + horizon :] *= 3  # of forecasts that are issued later
    known.place[at + horizon :] += 1
    after = [each.radius for each in track_errors(errors, horizon=horizon, level=0.9, conditions=known)]
    for one, other in zip(before[: at + horizon], after[: at + horizon], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(before[at + horizon], after[at + horizon])


def test_frame_after_frame_is_the_same_as_told_by_hand(rng: np.random.Generator) -> None:
    """As live work does it: issued at one frame, told of its errors so many later."""
    horizon, errors, known = 3, np.abs(rng.standard_t(3, (60, 4))), conditions(rng, 60)
    errors[:horizon] = np.nan  # there is no forecast of the first frames
    wanted = [each.radius for each in track_errors(errors, horizon=horizon, level=0.9, conditions=known)]
    radii, issued = BreathingRadii(level=0.9, horizon=horizon), {}
    for now in range(60 - horizon):
        if now >= horizon:
            radii.observe(errors[now], issued.pop(now))
        issued[now + horizon] = radii.issue(known.at(now + horizon))
        if now >= 2 * horizon:
            np.testing.assert_array_equal(issued[now + horizon].radius, wanted[now + horizon])


@given(seeds, st.integers(1, 6))
def test_at_no_place_are_there_more_misses_than_the_scale_allows(seed: int, horizon: int) -> None:
    """Whatever the errors are: summed by nearness, the excess of misses is the logarithm of a scale over the rate."""
    rng = np.random.default_rng(seed)
    count = 300
    phase = 2 * np.pi * np.arange(count) / 20
    place = np.stack([np.sin(phase), np.cos(phase), np.zeros(count)], axis=1)
    size = rng.uniform(0.1, 5, 20)[np.arange(count) % 20]  # of each phase its own
    errors = size[:, np.newaxis] * np.abs(rng.standard_t(3, (count, 1)))
    known = Conditions(np.ones(count), place)
    found = list(track_errors(errors, horizon=horizon, level=0.9, conditions=known))
    radii = np.array([float(each.radius[0]) for each in found])
    excess = np.where(np.isfinite(radii), (errors[:, 0] > radii) - 0.1, 0)
    for here in place[:20]:
        near = np.exp(-((place - here) ** 2).sum(axis=1) / (2 * WIDTH**2))
        # The scale is bounded until the newest misses, that of one horizon, come; each counts for 0.9 at most.
        assert (near * excess).sum() <= np.log(LARGEST) / RATE + 0.9 * (horizon + 1) + 6
