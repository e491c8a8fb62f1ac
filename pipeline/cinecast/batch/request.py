"""What a command asks of a batch's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cinecast.run.naming import Named


@dataclass(frozen=True)
class Request:
    """What a command asks of a cohort's settings.

    Parameters
    ----------
    file, preset
        Settings file and preset; without either the cohort keeps those that it has.
    changes
        Tables of options, laid over them in order.
    each_plane
        Whether each plane of a recording becomes a sequence of the cohort.
    named
        Methods and horizons that are added to those of the cohort, or dropped from it.
    """

    file: Path | None = None
    preset: str | None = None
    changes: Sequence[Mapping[str, Any]] = ()
    each_plane: bool = False
    named: Named = field(default_factory=Named)
