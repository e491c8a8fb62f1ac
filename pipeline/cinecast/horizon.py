"""Horizons as people give them, and as frames."""

from __future__ import annotations

import re
from typing import NamedTuple

from cinecast.errors import SettingsError

# No sequence is longer, and more digits would overflow.
_FRAMES = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)\s*s")


class Horizon(NamedTuple):
    """Distance from the newest frame to the forecast one."""

    frames: int
    seconds: float


def parse_horizon(text: str, frame_period_s: float) -> Horizon:
    """Return the horizon that ``"3"`` (frames) or ``"0.5s"`` (seconds, to the nearest whole frame) stands for.

    Raises
    ------
    SettingsError
        If the text is neither, or the horizon is shorter than half a frame.
    """
    frames = round(horizon_seconds(text, frame_period_s) / frame_period_s)
    if frames < 1:
        raise SettingsError(
            f"a horizon must be at least one frame ({frame_period_s:.4g} s here), got {text!r}; ask for a longer one"
        )
    # To the nanosecond: the last digits of a period are rounding of the times that it comes from.
    return Horizon(frames, round(frames * frame_period_s, 9))


def parse_horizons(texts: tuple[str, ...], frame_period_s: float) -> tuple[Horizon, ...]:
    """Return the horizons in order of length, each once."""
    return tuple(sorted({parse_horizon(text, frame_period_s) for text in texts}))


def horizon_seconds(text: str, frame_period_s: float) -> float:
    """Return the horizon that ``"3"`` (frames) or ``"0.5s"`` stands for in seconds as they were given, not rounded.

    Raises
    ------
    SettingsError
        If the text is neither.
    """
    cleaned = text.strip()
    if _FRAMES.fullmatch(cleaned):
        return int(cleaned) * frame_period_s
    if match := _SECONDS.fullmatch(cleaned):
        return float(match[1])
    raise SettingsError(f"a horizon must be a number of frames such as 3, or of seconds such as 0.5s, got {text!r}")
