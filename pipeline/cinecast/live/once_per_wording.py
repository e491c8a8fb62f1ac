"""Warnings of a stream: each wording once, however many messages it is true of."""

from __future__ import annotations

import logging
import re
from collections import Counter
from types import TracebackType
from typing import Self

NUMBERS = re.compile(r"[-+]?\d[\d.,e+-]*")
# What one session may tell apart: texts come from the other end too.
_MOST = 200
_LOGGERS = (
    "cinecast.live.forecaster",
    "cinecast.live.calibrated_forecaster",
    "cinecast.live.frame_rate",
    "cinecast.live.session",
)


class OncePerWording(logging.Filter):
    """Lets a warning through the first time, and counts those that differ in numbers alone, while its block runs.

    Attributes
    ----------
    counts
        How often each wording came, ``#`` for its numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record has a new wording."""
        wording = NUMBERS.sub("#", record.getMessage())
        if wording not in self.counts and len(self.counts) >= _MOST:
            wording = "others"
        self.counts[wording] += 1
        return self.counts[wording] == 1

    @property
    def repeated(self) -> list[str]:
        """A sentence for each wording that came more than once."""
        return [f"{count} times: {wording}" for wording, count in self.counts.items() if count > 1]
