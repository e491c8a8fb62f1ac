"""What of a run is wanted as a file: frames, DVFs, how far these can be trusted, or frames that a method predicted."""

from __future__ import annotations

from dataclasses import dataclass

from cinecast.errors import SettingsError
from cinecast.references import ORACLE

WHATS = ("frames", "dvf", "reliability", "static-reliability", "predicted")


@dataclass(frozen=True)
class ExportChoice:
    """What is wanted.

    Parameters
    ----------
    what
        One of `WHATS`; ``static-reliability`` is the map of the train span by whose square the PCA weights pixels.
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
