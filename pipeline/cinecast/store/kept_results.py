"""Which results of methods at horizons a run folder holds, whatever its settings ask for now."""

from __future__ import annotations

import re
from glob import glob
from pathlib import Path
from typing import NamedTuple

_STAGES = ("forecast", "warp", "target", "score")
_HORIZON = re.compile(r"h([0-9]{3,9})")


class KeptResult(NamedTuple):
    """One artifact of a method at a horizon in frames, 0 for the oracle; ``key`` is its path relative to the run."""

    method: str
    horizon_frames: int
    key: str


def kept_results(root: Path) -> list[KeptResult]:
    """Return all artifacts of methods that lie in a run folder, fresh or not, in the order of stages and names."""
    found = []
    for stage in _STAGES:
        # This glob passes over folders that vanish meanwhile, as those of a run that still writes do; pathlib's raises.
        for name in sorted(glob("*/h*", root_dir=root / stage)):
            method, _, horizon = name.partition("/")
            match = _HORIZON.fullmatch(horizon)
            if match and (root / stage / name).is_dir():
                found.append(KeptResult(method, int(match[1]), f"{stage}/{name}"))
    return found
