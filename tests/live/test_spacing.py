"""The pixel spacing of a stream, as it is given to a live forecaster."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.live import LiveForecast
from cinecast.live.spacing import Spacing, spacing_source
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 5), frame_count=50, frame_period_s=0.25)
).sequence.frames


def newest(spacing: Spacing | None) -> LiveForecast:
    live = LiveForecaster(Settings(), method="linear", horizon="2", calibration_frames=30, spacing_mm=spacing)
    for t, frame in enumerate(FRAMES):
        forecast = live.push(frame, 0.25 * t)
    assert forecast is not None
    return forecast


def test_a_spacing_is_given_as_it_is_or_by_what_knows_it_later() -> None:
    at_once, later = newest((6.0, 5.0)).pixel_radius_mm, newest(lambda: (6.0, 5.0)).pixel_radius_mm
    assert at_once is not None
    assert later is not None
    np.testing.assert_array_equal(at_once, later)
    assert np.isfinite(at_once).all()
    assert newest(None).pixel_radius_mm is None


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (1.0,), (1.0, 1.0, 1.0), 1.8])
def test_what_is_no_spacing_is_refused(spacing: tuple[float, float]) -> None:
    with pytest.raises(SettingsError, match=r"pixel spacing must be two positive numbers in mm, got .*; give \(rows"):
        LiveForecaster(Settings(), method="linear", horizon="2", calibration_frames=30, spacing_mm=spacing)


def test_what_turns_out_to_be_no_spacing_is_refused_too() -> None:
    source = spacing_source(lambda: (0.0, 1.0))
    assert source is not None
    with pytest.raises(SettingsError, match=r"pixel spacing must be two positive numbers in mm, got \(0.0, 1.0\)"):
        source()
