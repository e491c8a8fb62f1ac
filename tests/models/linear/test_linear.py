"""Least squares: its fit against a plain one, and what it says where it cannot be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import forecast_series, method_settings

TRAIN_END, HORIZON, LENGTH, COMPONENTS = 50, 2, 12, 3


def noisy_breathing(count: int) -> np.ndarray:
    """Return breaths of 22 samples in three components, with noise of a thirtieth, shape (count, 3)."""
    phases = 2 * np.pi * np.arange(count)[:, np.newaxis] / 22 + np.array([0.0, 1.0, 2.0])
    breaths: np.ndarray = np.sin(phases) + np.random.default_rng(7).normal(0, 0.03, (count, COMPONENTS))
    return breaths


def plain_forecasts(samples: np.ndarray, train_end: int, length: int) -> np.ndarray:
    """Return the forecasts of all samples from ``train_end - 1 + HORIZON`` on, by normal equations in a plain loop."""
    inputs, targets = [], []
    for newest in range(length - 1, train_end - HORIZON):
        inputs.append([1.0, *samples[newest - length + 1 : newest + 1].ravel()])
        targets.append(samples[newest + HORIZON])
    matrix = np.linalg.pinv(np.array(inputs)) @ np.array(targets)
    ends = range(train_end - 1, len(samples) - HORIZON)
    return np.array([np.r_[1.0, samples[end - length + 1 : end + 1].ravel()] @ matrix for end in ends])


def forecasts(samples: np.ndarray, train_end: int, length: int) -> np.ndarray:
    settings = method_settings("linear", {"history_length": length})
    found = forecast_series(samples, method="linear", settings=settings, horizon=HORIZON, train_end=train_end)
    return found.forecasts[0, train_end - 1 + HORIZON :]


@pytest.mark.parametrize(("train_end", "length"), [(200, 12), (50, 12), (50, 4), (30, 12)])
def test_it_is_the_least_squares_fit(train_end: int, length: int) -> None:
    samples = noisy_breathing(260)
    np.testing.assert_allclose(
        forecasts(samples, train_end, length), plain_forecasts(samples, train_end, length), atol=1e-6
    )


@pytest.mark.parametrize(
    ("train_end", "length", "said"),
    [(50, 12, True), (38, 12, True), (68, 12, True), (37, 12, False), (69, 12, False), (50, 4, False)],
)
def test_a_fit_to_about_as_many_pairs_as_unknowns_is_warned_of(
    train_end: int, length: int, said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    forecasts(noisy_breathing(120), train_end, length)
    pairs, unknowns = train_end - length - HORIZON + 1, 1 + COMPONENTS * length
    expected = [f"linear is fitted to {pairs} pairs of the train span for {unknowns} unknowns of each component"]
    assert [each.partition(":")[0] for each in caplog.messages] == (expected if said else [])


def test_such_a_fit_is_worse_than_one_with_fewer_or_with_more_unknowns() -> None:
    samples = noisy_breathing(260)
    truth = samples[TRAIN_END - 1 + HORIZON :]
    fewer, about_as_many, more = (
        np.abs(forecasts(samples, TRAIN_END, length) - truth).mean() for length in (4, LENGTH, 24)
    )
    assert about_as_many > 2 * max(fewer, more)
