"""What travels between the command and its workers: jobs, the ticket of a batch, and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from cinecast.errors import CinecastError
from cinecast.run.scope import Scope
from cinecast.settings import Settings
from cinecast.store.cohort import read_cohort
from cinecast.version import __version__

# ``blocked``: a step that it reads failed. ``superseded``: another batch has taken over the folder.
State = Literal["made", "kept", "failed", "blocked", "superseded"]


class BatchError(CinecastError):
    """A batch cannot work: its inputs, its scheduler or its workers break a rule."""


class SupersededError(CinecastError):
    """Another batch has taken over the folder; nothing more of this one is to be written."""


@dataclass(frozen=True)
class Job:
    """One sequence of a cohort.

    Parameters
    ----------
    name
        Its name in the cohort, that of its run folder.
    source
        File or folder that it is read from, an absolute path.
    settings
        Settings of all stages.
    found_target
        Whether nobody named its target: it is the first label of a TrackRAD2025 case.
    """

    name: str
    source: Path
    settings: Settings
    found_target: bool = False


@dataclass(frozen=True)
class Ticket:
    """What a task of a batch has to know of it.

    Parameters
    ----------
    root
        The folder of the cohort, an absolute path.
    token
        Changed by each batch that works on the folder.
    scope
        What is redone, and how far the batch goes.
    version
        Version of the program that started the batch.
    drop
        Methods and horizons whose results are removed.
    """

    root: Path
    token: str
    scope: Scope
    version: str = __version__
    drop: tuple[str, ...] = ()

    def check(self) -> None:
        """Check that the batch still has the folder, so that a task of a killed one writes nothing.

        Raises
        ------
        SupersededError
            If another batch has begun.
        StoreError
            If the folder cannot be read here.
        """
        if read_cohort(self.root)["token"] != self.token:
            raise SupersededError(
                f"a folder belongs to the newest batch, got another one for {self.root}; this one ends"
            )


class Todo(NamedTuple):
    """A step that may have to be made: its artifact, its stage, and which other steps to do it reads."""

    key: str
    stage: str
    after: tuple[str, ...]


class LogLine(NamedTuple):
    """One line of a log: seconds since 1970, level, text."""

    time: float
    level: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Parameters
    ----------
    name, key, stage
        Sequence, artifact and stage.
    state
        What became of it.
    reason
        Why it failed, in one sentence.
    seconds
        Time that it took.
    log
        What was said meanwhile.
    todo
        After the frames: the steps that may have to be made.
    """

    name: str
    key: str
    stage: str
    state: State
    reason: str = ""
    seconds: float = 0.0
    log: tuple[LogLine, ...] = ()
    todo: tuple[Todo, ...] = ()
