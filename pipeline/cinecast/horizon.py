"""Horizons as people give them, and as frames."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from cinecast.errors import SettingsError

# No sequence is longer, and more digits would overflow.
_FRAMES = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)\s*s")
# What people write where they mean a horizon.
_ANY_UNIT = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{0,9})?|[.,][0-9]{1,9})\s*([a-zµ]*)\.?")
_TIME_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3}
_FRAME_UNITS = ("f", "fr", "frame", "frames", "sample", "samples")
_LONGEST_MEANT_S = 1e6


class Horizon(NamedTuple):
    """Distance from the newest frame to the forecast one."""

    frames: int
    seconds: float


def parse_horizon(text: str, frame_period_s: float) -> Horizon:
    """Return the horizon that ``"3"`` (frames) or ``"0.5s"`` (seconds) stands for.

    Parameters
    ----------
    text
        A whole number of frames, or a decimal number with the unit ``s``.
    frame_period_s
        Time between two frames in s.

    Returns
    -------
    Horizon
        Whole frames, rounded as `whole_frames` does, and the seconds that these take.

    Raises
    ------
    SettingsError
        If the text is neither, or the horizon is shorter than half a frame.
    """
    frames = whole_frames(horizon_seconds(text, frame_period_s), frame_period_s)
    if frames < 1:
        raise SettingsError(
            f"a horizon must be at least one frame ({frame_period_s:.4g} s here), got {text!r}; ask for a longer one"
        )
    # To the nanosecond: the last digits of a period are rounding of the times that it comes from.
    return Horizon(frames, round(frames * frame_period_s, 9))


def whole_frames(seconds: float, frame_period_s: float) -> int:
    """Return the number of whole frames nearest to a time, the longer of two that are equally near.

    The longer one, because a shorter forecast would understate the error. Times of frames, and so their period, come
    with rounding in the last digits, which must not decide between the two: what is a millionth of a frame short of
    a half is a half.

    Parameters
    ----------
    seconds
        The time in s.
    frame_period_s
        Time between two frames in s, above 0.

    Returns
    -------
    int
        0 for less than half a frame.
    """
    return math.floor(round(seconds / frame_period_s, 6) + 0.5)


def parse_horizons(texts: tuple[str, ...], frame_period_s: float) -> tuple[Horizon, ...]:
    """Return the horizons in order of length; those that come to the same number of frames are one.

    Parameters
    ----------
    texts
        Horizons as in `parse_horizon`.
    frame_period_s
        Time between two frames in s.

    Returns
    -------
    tuple[Horizon, ...]
        Shortest first.

    Raises
    ------
    SettingsError
        If a text is no horizon, or one shorter than half a frame.
    """
    return tuple(sorted({parse_horizon(text, frame_period_s) for text in texts}))


def horizon_seconds(text: str, frame_period_s: float) -> float:
    """Return the horizon that ``"3"`` (frames) or ``"0.5s"`` stands for in seconds as they were given, not rounded.

    Parameters
    ----------
    text
        A whole number of frames, or a decimal number with the unit ``s``.
    frame_period_s
        Time between two frames in s; without effect on a text in seconds.

    Returns
    -------
    float
        The horizon in s, 0 or more.

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
    hint = _meant(cleaned)
    raise SettingsError(
        f"a horizon must be a number of frames such as 3, or of seconds such as 0.5s, got {text!r}"
        + (f"; did you mean {hint}?" if hint else "")
    )


def _meant(text: str) -> str:
    """Return the horizon that a text with another unit, or with none, was most likely meant to be; empty for none."""
    match = _ANY_UNIT.fullmatch(text.casefold())
    if match is None:
        return ""
    number, unit = float(match[1].replace(",", ".")), match[2]
    if unit in _FRAME_UNITS:
        return f"{number:g}" if number.is_integer() else ""
    scale = _TIME_UNITS.get(unit)
    return f"{number * scale:g}s" if scale and 0 < number * scale < _LONGEST_MEANT_S else ""
