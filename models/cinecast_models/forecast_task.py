"""What is to be forecast and by which protocol, as far as it is known before the first sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

# "causal": learn from a target once it has arrived; "published": at once, which is non-causal, only for comparison.
Protocol: TypeAlias = Literal["causal", "published"]


@dataclass(frozen=True)
class ForecastTask:
    """A series and a horizon, for settings that depend on them.

    Parameters
    ----------
    horizon
        Frames between the newest sample and the forecast one.
    components
        Number K of components of a sample.
    rate_hz
        Samples per second; None where it is unknown, as it is to a driver.
    name
        Name of the series, for sentences.
    digests
        Gives the digests that the series is known by (see `TrainedOn`); called only where somebody asks.
    """

    horizon: int
    components: int
    rate_hz: float | None = None
    name: str = "the series"
    digests: Callable[[], frozenset[str]] = frozenset
