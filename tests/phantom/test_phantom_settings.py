"""Every guard of the phantom's settings."""

import re

import pytest

from cinecast.errors import SettingsError
from cinecast.phantom import PhantomSettings, make_phantom


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("rows", 31, "from 32 to 1024 pixels, got 31; the default is 192"),
        ("rows", 48.0, "whole number from 32 to 1024 pixels, got 48.0"),
        ("columns", 1025, "from 32 to 1024 pixels, got 1025; the default is 160"),
        ("frame_count", 5, "from 6 to 20000 frames, got 5; the default is 240"),
        ("frame_count", True, "whole number from 6 to 20000 frames, got True"),
        ("seed", -1, "from 0 to 9223372036854775807, got -1; the default is 0"),
        ("frame_period_s", 0.0, "0.01 to 2 s, got 0; the default is 0.2"),
        ("frame_period_s", float("nan"), "0.01 to 2 s, got nan"),
        ("breathing_period_s", 0.5, "1 to 20 s, got 0.5; the default is 4"),
        ("period_variation", 0.3, "0 to 0.2, got 0.3; the default is 0.1"),
        ("amplitude_mm", -1.0, "0 to 60 mm, got -1; the default is 15"),
        ("amplitude_variation", 0.5, "0 to 0.4, got 0.5; the default is 0.15"),
        ("drift_mm_per_min", 31.0, "-30 to 30 mm/min, got 31; the default is 2"),
        ("anterior_posterior_mm", 31.0, "0 to 30 mm, got 31; the default is 4"),
        ("hysteresis", 0.3, "0 to 0.25 of a breathing period, got 0.3; the default is 0.08"),
        ("cardiac_mm", 6.0, "0 to 5 mm, got 6; the default is 1"),
        ("noise_level", 0.6, "0 to 0.5 of the liver's brightness, got 0.6; the default is 0.03"),
        ("shading", 0.4, "0 to 0.3 of the brightness, got 0.4; the default is 0.05"),
        ("out_of_plane", 1.1, "0 to 1, got 1.1; the default is 0"),
    ],
)
def test_a_value_out_of_range_is_refused(name, value, rule):
    with pytest.raises(SettingsError, match=re.escape(f"phantom.{name} must be ") + ".*" + re.escape(rule)):
        PhantomSettings(**{name: value})


@pytest.mark.parametrize("spacing", [(1.8,), (0.1, 1.8), (1.8, 21.0), (1.8, float("nan"))])
def test_spacing_must_be_two_sensible_numbers(spacing):
    with pytest.raises(SettingsError, match=r"pixel_spacing_mm must be two numbers .* the default is \(1.8, 1.8\)"):
        PhantomSettings(pixel_spacing_mm=spacing)


def test_a_phantom_that_would_fill_the_disk_is_refused():
    with pytest.raises(SettingsError, match=r"at most 2147483648, got 2149580800; .* ask for 2048 frames or fewer"):
        PhantomSettings(rows=1024, columns=1024, frame_count=2050, drift_mm_per_min=0)


def test_a_phantom_that_would_fill_the_memory_is_for_the_disk():
    settings = PhantomSettings(rows=1024, columns=1024, frame_count=240)
    with pytest.raises(
        SettingsError, match=r"at most 134217728 grey values, got 251658240; .* with 'cinecast phantom'"
    ):
        make_phantom(settings)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"amplitude_mm": 30.0}, "amplitude_mm with its variation and drift must stay within 34.6 mm .* 40.6 mm"),
        ({"drift_mm_per_min": 30.0}, "amplitude_mm with its variation and drift must stay within 34.6 mm .* 43.4 mm"),
        ({"anterior_posterior_mm": 12.0}, "anterior_posterior_mm with its variation must stay within 14.4 mm"),
        ({"cardiac_mm": 4.0}, "cardiac_mm must stay within 4.3 mm in a field of 346 x 288 mm, got a peak of 4.8 mm"),
        ({"rows": 48, "columns": 40}, "widen the field by rows, columns or pixel_spacing_mm"),
    ],
)
def test_an_excursion_too_large_for_the_field_is_refused(changes, rule):
    with pytest.raises(SettingsError, match=rule):
        PhantomSettings(**changes)
