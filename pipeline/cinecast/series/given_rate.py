"""What the times of a file say against a rate that was given in their place."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError

_LOG = logging.getLogger(__name__)
# A rate is rounded by less. Where a larger share of the times repeats or comes bunched, no step shows lost samples.
_SAME_RATE, _UNEVEN = 0.02, 0.05


def said_against(times_s: Callable[[], NDArray[np.float64]], rate_hz: float, where: str) -> list[str]:
    """Warn where the times of a file contradict the rate that samples are counted at, and return what was said.

    Parameters
    ----------
    times_s
        Reads the times, shape (n,), in s. Times that cannot be read say nothing: they are not needed.
    rate_hz
        The rate that counts.
    where
        What the times are, in words.

    Returns
    -------
    list[str]
        One sentence, or none.
    """
    try:
        sentence = contradicted_rate(times_s(), rate_hz, where)
    except ReadError:
        return []
    if sentence is None:
        return []
    _LOG.warning("%s", sentence)
    return [sentence]


def contradicted_rate(times_s: NDArray[np.float64], rate_hz: float, where: str) -> str | None:
    """Return in words how the times of a file contradict the rate that samples are counted at, or None.

    Parameters
    ----------
    times_s
        Time of each sample in s by the file, shape (n,); NaN where there is none.
    rate_hz
        The rate that counts.
    where
        What the times are, in words.

    Returns
    -------
    str | None
        A sentence where they go back, come at another rate, or show that samples are missing.
    """
    places = np.flatnonzero(np.isfinite(times_s))
    times = times_s[places]
    steps = np.diff(times)
    if not (steps > 0).any():
        return None
    counts = f"--sample-rate {rate_hz:g} Hz counts, and not {where}"
    if (steps < 0).any():
        back = int(np.argmax(steps < 0))
        return (
            f"{counts}, which go back from {times[back]:.6g} to {times[back + 1]:.6g} s at sample {places[back + 1]}: "
            "recordings one after another are no series, so give each a file of its own"
        )
    period = float(np.median(steps))
    if period == 0 or (np.abs(steps / period - 1) > 0.5).mean() > _UNEVEN:
        found = (len(places) - 1) / float(times[-1] - times[0])
        return None if _alike(found, rate_hz) else f"{counts}, by which samples come at {found:.4g} Hz"
    if not _alike(1 / period, rate_hz):
        return f"{counts}, by which samples come at {1 / period:.4g} Hz"
    lost = np.maximum(np.rint(steps / period) - 1, 0)
    if not lost.any():
        return None
    return (
        f"{counts}, by which {lost.sum():.0f} are missing at {np.count_nonzero(lost)} place(s): without the option "
        "each sample keeps its time"
    )


def _alike(found_hz: float, rate_hz: float) -> bool:
    return abs(found_hz / rate_hz - 1) <= _SAME_RATE
