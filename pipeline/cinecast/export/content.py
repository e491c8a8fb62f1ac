"""What of a run is exported: its frames, its DVFs, or the frames that a method predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cinecast.errors import SettingsError, StoreError
from cinecast.forecast import ORACLE
from cinecast.horizon import parse_horizon
from cinecast.sequence import Sequence
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

WHATS = ("frames", "dvf", "predicted")


@dataclass(frozen=True)
class Choice:
    """What is wanted.

    Parameters
    ----------
    what
        ``frames``, ``dvf`` or ``predicted``.
    method, horizon
        Of predicted frames: the forecaster, and frames or seconds such as ``0.5s`` (none for the oracle).
    run
        Which random run of the forecaster, counted from 0.
    """

    what: str
    method: str | None = None
    horizon: str | None = None
    run: int = 0

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            raise SettingsError(f"--what must be one of {', '.join(WHATS)}, got {self.what!r}; choose one of these")
        if self.what != "predicted" and (self.method or self.horizon or self.run):
            raise SettingsError(f"--method, --horizon and --run belong to --what predicted, got --what {self.what}")
        if self.what == "predicted" and not (self.method and (self.horizon or self.method == ORACLE)):
            raise SettingsError("--what predicted needs --method and --horizon, got only some of them; give both")


@dataclass(frozen=True, eq=False)
class Content:
    """What is exported.

    Parameters
    ----------
    array
        Grey values, shape (T, H, W), or a DVF in pixels, shape (T, H, W, 2), last axis (x, y); often memory-mapped.
    sequence
        The real frames with their geometry and times.
    """

    array: NDArray[Any]
    sequence: Sequence

    @property
    def is_dvf(self) -> bool:
        """Whether it is a DVF."""
        return self.array.ndim == 4


def load_content(root: Path, choice: Choice) -> Content:
    """Read what is wanted from a run folder.

    Raises
    ------
    CinecastError
        If there is no such run, it does not hold what is wanted, or that is damaged.
    """
    with RunFolder.view(root) as store:
        for name in art.FILES["frames"]:
            _check(store, art.FRAMES, name)
        sequence = art.load_sequence(store.path(art.FRAMES))
        if choice.what == "frames":
            return Content(sequence.frames, sequence)
        if choice.what == "dvf":
            _check(store, art.FLOW, "dvf.npy")
            return Content(art.load_array(store.path(art.FLOW, "dvf.npy")), sequence)
        return Content(_predicted(store, choice, sequence), sequence)


def _predicted(store: RunFolder, choice: Choice, sequence: Sequence) -> NDArray[Any]:
    method = str(choice.method)
    frames = 0 if method == ORACLE else parse_horizon(str(choice.horizon), sequence.frame_period_s).frames
    key = art.method_key("warp", method, frames)
    if not store.record(key):
        found = sorted(
            path.parent.relative_to(store.path("warp")) for path in store.path("warp").glob("*/*/stage.json")
        )
        listed = ", ".join(f"{path.parent} {int(path.name[1:])}" for path in found) or "none"
        raise StoreError(
            f"the method and horizon must be in the run, got {method} at {frames} frame(s); {store.root} has (method "
            f"and frames): {listed}"
        )
    if choice.run < 0 or art.predicted_name(choice.run) not in store.record(key)["files"]:
        raise StoreError(
            f"--run must be 0 to {len(store.record(key)['files']) - 1} for {key}, got {choice.run}; "
            "warp.image_runs says how many runs are kept as images"
        )
    _check(store, key, art.predicted_name(choice.run))
    return art.load_predicted(store.path(key), choice.run)


def _check(store: RunFolder, key: str, name: str) -> None:
    if not store.intact(key, name):
        raise StoreError(
            f"{key}/{name} must be as it was written, got a damaged or missing file in {store.root}; run the sequence "
            "again"
        )
