"""What of a run is wanted as a file: frames, DVFs, how far these can be trusted, predicted frames, targets."""

from __future__ import annotations

from dataclasses import dataclass

from cinecast.errors import SettingsError
from cinecast.references import ORACLE
from cinecast_models.errors import spelling_hint

TARGET, TARGET_MASKS, CENTROIDS = "target", "target-masks", "target-centroids"
OF_TARGETS = (TARGET, TARGET_MASKS, CENTROIDS)
DVF, DVF_OF_FRAME = "dvf", "dvf of one frame"
WHATS = ("frames", DVF, "reliability", "static-reliability", "predicted", *OF_TARGETS)
# What only a forecaster has, and what the measured motion has as well.
_OF_METHOD = ("predicted", TARGET)
_OF_EITHER = (DVF, TARGET_MASKS, CENTROIDS)


@dataclass(frozen=True)
class ExportChoice:
    """What is wanted.

    Parameters
    ----------
    what
        One of `WHATS`; ``static-reliability`` is the map of the train span by whose square the PCA weights pixels,
        ``target`` a film of real and forecast contours.
    method, horizon
        Of predicted frames, DVFs and targets: the forecaster, and frames or seconds such as ``0.5s`` (none for the
        oracle). DVFs, and masks and centroids of targets, are those of the measured motion without.
    run
        Which random run of the forecaster, counted from 0.
    target
        Name of the target; None for the only one, or for all.
    frame
        Of DVFs: that of this frame alone, counted from 0; None for all.
    """

    what: str
    method: str | None = None
    horizon: str | None = None
    run: int = 0
    target: str | None = None
    frame: int | None = None

    @property
    def kind(self) -> str:
        """What it is to the formats that hold it: the DVF of one frame is none of many."""
        return DVF_OF_FRAME if self.frame is not None else self.what

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            hint = spelling_hint(self.what, WHATS)
            raise SettingsError(f"--what must be one of {', '.join(WHATS)}, got {self.what!r}; {hint}")
        if self.what not in OF_TARGETS and self.target is not None:
            raise SettingsError(
                f"--target belongs to --what {', '.join(OF_TARGETS)}, got --what {self.what}; leave it out"
            )
        if self.what != DVF and self.frame is not None:
            raise SettingsError(f"--frame belongs to --what {DVF}, got --what {self.what}; leave it out")
        if self.what not in (*_OF_METHOD, *_OF_EITHER) and (self.method or self.horizon or self.run):
            raise SettingsError(
                "--method, --horizon and --run belong to --what predicted, dvf and to targets, got "
                f"--what {self.what}; leave them out"
            )
        is_whole = bool(self.method and (self.horizon or self.method == ORACLE))
        if self.what in _OF_METHOD and not is_whole:
            raise SettingsError(f"--what {self.what} needs --method and --horizon, got only some of them; give both")
        if self.what in _OF_EITHER and (self.method or self.horizon or self.run) and not is_whole:
            raise SettingsError(
                f"--what {self.what} needs --method and --horizon of a forecast, got only some of them; give both, or "
                "neither for the measured motion"
            )
