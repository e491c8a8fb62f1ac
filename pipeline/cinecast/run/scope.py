"""Which stages a command redoes whatever their state, and how far it goes."""

from __future__ import annotations

from dataclasses import dataclass

from cinecast.errors import SettingsError
from cinecast_models.errors import spelling_hint

# The order in which data flows; known in `cinecast.run` alone.
STAGES: tuple[str, ...] = ("frames", "flow", "motion", "forecast", "warp", "landmarks", "target", "score", "report")
# Of the warp a run keeps nothing: predicted frames are made whenever they are needed (`cinecast.run.predicted`).
KEPT_STAGES = tuple(stage for stage in STAGES if stage != "warp")


@dataclass(frozen=True)
class Scope:
    """Which stages are redone whatever their state, and which are run at all.

    Parameters
    ----------
    start_from
        This stage and all after it are redone.
    only
        This stage alone is run and redone; what it is made from must be up to date, whatever other stages are.
    order
        Name of the command that redoes: what it has made already is not made again when it goes on after a kill.
        None: everything is redone.
    until
        The last stage that is run; None for all.
    """

    start_from: str | None = None
    only: str | None = None
    order: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        for option, stage in (("--from", self.start_from), ("--only", self.only)):
            if stage is not None and stage not in STAGES:
                raise SettingsError(
                    f"{option} must name one of the stages {', '.join(STAGES)}, got {stage!r}; "
                    f"{spelling_hint(stage, STAGES)}"
                )
        if self.start_from and self.only:
            raise SettingsError("--from and --only exclude each other, got both; give one of them")

    def forces(self, stage: str) -> bool:
        """Return whether a stage is redone even if it is fresh."""
        if self.only:
            return stage == self.only
        return self.start_from is not None and STAGES.index(stage) >= STAGES.index(self.start_from)

    def reaches(self, stage: str) -> bool:
        """Return whether the run goes as far as this stage."""
        last = self.only or self.until
        return last is None or STAGES.index(stage) <= STAGES.index(last)
