"""The default flow against the true motion of the phantom, in pixels, inside the body."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cinecast.flow import FlowEstimator
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.settings import FlowSettings

FRAMES = 24


def _errors(phantom: Phantom, settings: FlowSettings) -> np.ndarray:
    """Return the mean endpoint error of each moved frame in pixels, over the pixels that are not air."""
    frames = phantom.sequence.frames
    body = frames[0] > 0.1 * frames[0].max()
    estimator = FlowEstimator(frames[0], settings)
    distances = (np.linalg.norm(estimator(frame) - phantom.dvf[t], axis=-1) for t, frame in enumerate(frames))
    return np.array([distance[body].mean() for distance in distances])[1:]


# Measured at 192 x 160 pixels, true motion up to 8.8 px, 1.13 px on average: 0.083 px without noise (worst frame
# 0.24), 0.133 px with the phantom's own noise (0.27), 0.285 px with three times as much (0.42).
@pytest.mark.parametrize(
    ("noise_level", "mean_px", "worst_px"), [(0.0, 0.10, 0.30), (0.03, 0.16, 0.33), (0.1, 0.33, 0.50)]
)
def test_default_flow_finds_the_true_motion(
    noise_level: float, mean_px: float, worst_px: float, record_property: Callable[[str, object], None]
) -> None:
    errors = _errors(make_phantom(PhantomSettings(frame_count=FRAMES, noise_level=noise_level)), FlowSettings())
    record_property("mean_endpoint_error_px", float(errors.mean()))
    print(f"noise {noise_level}: mean endpoint error {errors.mean():.3f} px, worst frame {errors.max():.3f} px")
    assert errors.mean() < mean_px
    assert errors.max() < worst_px


def test_default_flow_is_nearer_the_truth_than_the_published_arithmetic() -> None:
    phantom = make_phantom(PhantomSettings(frame_count=FRAMES))
    published = FlowSettings(arithmetic="published", levels=3, iterations=3, sigma_init=0.1, sigma_window=2.0)
    assert _errors(phantom, FlowSettings()).mean() < 0.7 * _errors(phantom, published).mean()
