"""What the phantom looks like and how it breathes, and the rules that keep its motion invertible."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from cinecast.errors import SettingsError

MAX_GREY_VALUES = 2**31
"""Rows x columns x frames allowed: a file of 4 GiB, and one of 16 GiB with the true DVF."""

# Cycles are drawn within two standard deviations, so that the greatest excursion is known beforehand.
DRAW_LIMIT = 2.0
BEAT_VARIATION = 0.1

# Greatest excursions, as fractions of the field, up to which the map stays invertible (a test scans the corners).
SUPERIOR_INFERIOR_LIMIT = 0.10
ANTERIOR_POSTERIOR_LIMIT = 0.05
CARDIAC_LIMIT = 0.015


class _Range(NamedTuple):
    low: float
    high: float
    unit: str


_WHOLE: dict[str, _Range] = {
    "rows": _Range(32, 1024, "pixels"),
    "columns": _Range(32, 1024, "pixels"),
    "frame_count": _Range(6, 20000, "frames"),
    "seed": _Range(0, 2**63 - 1, ""),
}
_REAL: dict[str, _Range] = {
    "frame_period_s": _Range(0.01, 2.0, "s"),
    "breathing_period_s": _Range(1.0, 20.0, "s"),
    "period_variation": _Range(0.0, 0.2, ""),
    "amplitude_mm": _Range(0.0, 60.0, "mm"),
    "amplitude_variation": _Range(0.0, 0.4, ""),
    "drift_mm_per_min": _Range(-30.0, 30.0, "mm/min"),
    "anterior_posterior_mm": _Range(0.0, 30.0, "mm"),
    "hysteresis": _Range(0.0, 0.25, "of a breathing period"),
    "cardiac_mm": _Range(0.0, 5.0, "mm"),
    "noise_level": _Range(0.0, 0.5, "of the liver's brightness"),
    "shading": _Range(0.0, 0.3, "of the brightness"),
    "out_of_plane": _Range(0.0, 1.0, ""),
}


@dataclass(frozen=True)
class PhantomSettings:
    """Image, breathing and image faults of the phantom.

    Anatomy fills the field of view whatever its size; motion is in mm.

    Parameters
    ----------
    rows, columns
        Size of a frame in pixels, 32 to 1024 each.
    pixel_spacing_mm
        Distance of pixel centres in mm along (rows, columns), 0.2 to 20 each.
    frame_count
        Number T of frames, 6 to 20000; rows x columns x frames at most 2^31.
    frame_period_s
        Time between frames in s, 0.01 to 2.
    breathing_period_s
        Mean length of a breathing cycle in s, 1 to 20.
    period_variation
        Standard deviation of the cycles' lengths, as a fraction of the mean, 0 to 0.2; drawn within two of them.
    amplitude_mm
        Mean superior-inferior excursion of the diaphragm dome in mm, 0 to 60.
    amplitude_variation
        Standard deviation of the cycles' excursions, as a fraction of the mean, 0 to 0.4; drawn within two of them.
    drift_mm_per_min
        Steady baseline drift of the diaphragm, positive towards the feet, in mm/min, -30 to 30.
    anterior_posterior_mm
        Mean excursion of the anterior abdominal wall in mm, 0 to 30.
    hysteresis
        Lag of the chest wall and of the posterior diaphragm behind the dome, as a fraction of the breathing period,
        0 (tissue goes back the way it came) to 0.25.
    cardiac_mm
        Excursion of the heart's border with each beat in mm, 0 to 5.
    noise_level
        Standard deviation of either quadrature channel (Rician noise), as a fraction of the liver's brightness,
        0 to 0.5.
    shading
        How much brighter the image is near the coils and darker away from them, as a fraction, 0 to 0.3. Shading
        stays where it is while tissue moves through it, as in a scanner.
    out_of_plane
        Fraction of the moving tissue's texture that full inhalation replaces, because tissue leaves the plane and
        other tissue enters it, 0 to 1. It changes grey values only, never the DVF.
    seed
        Seed of all random draws, 0 or more. Breathing, anatomy and noise have a generator each: changing the noise
        level leaves the breathing as it is.

    Raises
    ------
    SettingsError
        If a value is out of its range, or an excursion too large for the field to stay invertible.
    """

    rows: int = 192
    columns: int = 160
    pixel_spacing_mm: tuple[float, float] = (1.8, 1.8)
    frame_count: int = 240
    frame_period_s: float = 0.2
    breathing_period_s: float = 4.0
    period_variation: float = 0.1
    amplitude_mm: float = 15.0
    amplitude_variation: float = 0.15
    drift_mm_per_min: float = 2.0
    anterior_posterior_mm: float = 4.0
    hysteresis: float = 0.08
    cardiac_mm: float = 1.0
    noise_level: float = 0.03
    shading: float = 0.05
    out_of_plane: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, whole_range in _WHOLE.items():
            _check_whole(name, getattr(self, name), whole_range)
        for name, real_range in _REAL.items():
            _check_real(name, getattr(self, name), real_range)
        _check_spacing(self.pixel_spacing_mm)
        _check_size(self)
        _check_excursions(self)

    @property
    def field_mm(self) -> tuple[float, float]:
        """Height and width of the field of view in mm."""
        return self.rows * self.pixel_spacing_mm[0], self.columns * self.pixel_spacing_mm[1]

    @property
    def peak_excursions_mm(self) -> tuple[float, float, float]:
        """Greatest superior-inferior, anterior-posterior and cardiac excursion that can be drawn, in mm."""
        drawn = 1 + DRAW_LIMIT * self.amplitude_variation
        drift = abs(self.drift_mm_per_min) * self.frame_period_s * (self.frame_count - 1) / 60
        beats = 1 + DRAW_LIMIT * BEAT_VARIATION
        return self.amplitude_mm * drawn + drift, self.anterior_posterior_mm * drawn, self.cardiac_mm * beats


def _default(name: str) -> Any:
    return next(f.default for f in fields(PhantomSettings) if f.name == name)


def _check_whole(name: str, value: object, allowed: _Range) -> None:
    low, high, unit = int(allowed.low), int(allowed.high), allowed.unit
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        rule = f"phantom.{name} must be a whole number from {low} to {high} {unit}".rstrip()
        raise SettingsError(f"{rule}, got {value}; the default is {_default(name)}")


def _check_real(name: str, value: float, allowed: _Range) -> None:
    if not allowed.low <= value <= allowed.high:
        rule = f"phantom.{name} must be {allowed.low:g} to {allowed.high:g} {allowed.unit}".rstrip()
        raise SettingsError(f"{rule}, got {value:g}; the default is {_default(name):g}")


def _check_spacing(spacing_mm: tuple[float, float]) -> None:
    if len(spacing_mm) != 2 or not all(0.2 <= s <= 20 for s in spacing_mm):
        raise SettingsError(
            f"phantom.pixel_spacing_mm must be two numbers from 0.2 to 20 mm (rows, columns), got {spacing_mm}; "
            f"the default is {_default('pixel_spacing_mm')}"
        )


def _check_size(settings: PhantomSettings) -> None:
    count = settings.rows * settings.columns * settings.frame_count
    if count > MAX_GREY_VALUES:
        raise SettingsError(
            f"phantom.rows x columns x frame_count must be at most {MAX_GREY_VALUES}, got {count}; "
            f"at this frame size ask for {MAX_GREY_VALUES // (settings.rows * settings.columns)} frames or fewer"
        )


def _check_excursions(settings: PhantomSettings) -> None:
    height, width = settings.field_mm
    limits = (SUPERIOR_INFERIOR_LIMIT * height, ANTERIOR_POSTERIOR_LIMIT * width, CARDIAC_LIMIT * width)
    names = ("amplitude_mm with its variation and drift", "anterior_posterior_mm with its variation", "cardiac_mm")
    for name, peak, limit in zip(names, settings.peak_excursions_mm, limits, strict=True):
        if peak > limit:
            raise SettingsError(
                f"phantom.{name} must stay within {limit:.1f} mm in a field of {height:.0f} x {width:.0f} mm, "
                f"got a peak of {peak:.1f} mm; lower it, or widen the field by rows, columns or pixel_spacing_mm"
            )
