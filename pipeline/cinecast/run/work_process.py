"""Steps made in processes of their own: threads of one process wait for one another in Python.

A process is told what to make through its standard input, and ends when that is closed: with the run, however it ends.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from cinecast.garbage_collection import collect_rarely
from cinecast.run.stage_work import Work
from cinecast.run.step import Task
from cinecast.score.geometric import pixel_distance_mm
from cinecast.sequence import Sequence
from cinecast.single_thread import single_threaded
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

# Others at most: each holds memory, and most runs have few steps that take long.
_MOST = 7
# The modules are found where this process has found them. Only what these processes tell each other is unpickled.
_BEGIN = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from cinecast.run.work_process import serve; serve()"
)
# What landmarks and scores import where they need it.
_NEEDED = ("cv2", "scipy.ndimage", "skimage.filters", "cinecast.warp.splatting")


class _Answer(NamedTuple):
    """Whether a step was made, and what was logged meanwhile: name of the logger, level and message."""

    made: bool
    said: list[tuple[str, int, str]]


class WorkProcess:
    """A process that makes landmarks, targets and scores of one run, one artifact at a time.

    It loads what they need as soon as it has started, which takes it some tenths of a second.

    Raises
    ------
    OSError
        If no process can be started.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BEGIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run: what it has begun is finished
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._told = False
        with suppress(OSError):  # it has ended: `make` says so
            self._tell(sys.path)

    def make(self, work: Work, stage: str, folder: Path, *task: Task) -> bool:
        """Make one step, as `Work` does.

        Parameters
        ----------
        work
            What it is made with, the same at each call; the frames are read from the run folder, which must hold them.
        stage
            ``landmarks``, ``target`` or ``score``.
        folder
            An existing folder, given by `RunFolder.commit`.
        *task
            Method and horizon, for a stage that has them.

        Returns
        -------
        bool
            False where that failed, for whatever reason; the folder may hold files then.
        """
        try:
            if not self._told:
                own = {each.name: getattr(work.sequence, each.name) for each in fields(Sequence)}
                del own["frames"]
                self._tell((work.store.root, own, work.settings))
                self._told = True
            self._tell((stage, folder, *task))
            answer = pickle.load(self._from)
        except Exception:
            # It has ended, or cannot be told: whoever asked makes the step himself, and says what is wrong.
            return False
        for name, level, message in answer.said if answer.made else ():
            logging.getLogger(name).log(level, "%s", message)
        return bool(answer.made)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()

    def _tell(self, what: object) -> None:
        self._to.write(pickle.dumps(what))
        self._to.flush()


@dataclass(frozen=True, eq=False)
class _WorkElsewhere(Work):
    """The work of each stage, of which landmarks, targets and scores are made in another process.

    Parameters
    ----------
    process
        The other process.
    """

    process: WorkProcess

    def landmarks(self, folder: Path) -> None:
        """Write landmarks and their tracks, as `Work.landmarks`."""
        if not self.process.make(self, "landmarks", folder):
            super().landmarks(folder)

    def score(self, folder: Path, task: Task) -> None:
        """Write the scores of one method at one horizon, as `Work.score`."""
        if not self.process.make(self, "score", folder, task):
            super().score(folder, task)

    def target(self, folder: Path, task: Task | None) -> None:
        """Write the masks of all targets, as `Work.target`."""
        if task is None or not self.process.make(self, "target", folder, task):
            super().target(folder, task)


class WorkPlaces:
    """Where steps are made side by side: by threads of this process, or by one of it and one of each of others.

    Use it in a ``with`` statement.

    Parameters
    ----------
    workers
        How many steps are made side by side.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._processes: list[WorkProcess] = []
        self._free: SimpleQueue[WorkProcess | None] = SimpleQueue()  # None: this process

    def __enter__(self) -> WorkPlaces:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.close()

    def start_processes(self) -> None:
        """Start the other processes, which takes them some tenths of a second that nobody waits for.

        Where that is not possible, threads do the work.
        """
        if self._processes or not sys.executable or getattr(sys, "frozen", False):
            return
        with suppress(OSError):
            for _ in range(min(self._workers - 1, _MOST)):
                self._processes.append(WorkProcess())
        if self._processes:
            for place in (*self._processes, None):  # the other processes are taken first
                self._free.put(place)

    @property
    def elsewhere(self) -> bool:
        """Whether there are other processes."""
        return bool(self._processes)

    @contextmanager
    def one(self, work: Work) -> Iterator[Work]:
        """Give a free place to make a step in, for as long as the block runs.

        Parameters
        ----------
        work
            The work of each stage, the same at each call.

        Yields
        ------
        Work
            The same work, done there.
        """
        if not self._processes:
            yield work
            return
        process = self._free.get()
        try:
            yield work if process is None else _elsewhere(work, process)
        finally:
            self._free.put(process)


def _elsewhere(work: Work, process: WorkProcess) -> Work:
    return _WorkElsewhere(work.store, work.sequence, work.settings, work.workers, process)


class _Kept(logging.Handler):
    """Keeps what is logged, to be told to the other process."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.said.append((record.name, record.levelno, record.getMessage()))


def serve() -> None:
    """Make what the process that has started this one asks for, until it ends."""
    collect_rarely()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    with suppress(EOFError, OSError), single_threaded():
        _load()
        root, sequence, settings = pickle.load(sys.stdin.buffer)
        frames = art.load_array(root / art.FRAMES / "frames.npy")
        work = Work(RunFolder.view(root), Sequence(frames=frames, **sequence), settings, 1)
        while True:
            stage, *arguments = pickle.load(sys.stdin.buffer)
            kept.said.clear()
            answers.write(pickle.dumps(_Answer(_made(work, stage, *arguments), kept.said)))
            answers.flush()
    os._exit(0)


def _load() -> None:
    """Load what landmarks and scores are made with before anything is asked for."""
    for module in _NEEDED:
        import_module(module)
    nothing = np.zeros((1, 1, 2))
    pixel_distance_mm(nothing, nothing, spacing_mm=(1.0, 1.0))  # the first of all compiled functions takes longest


def _made(work: Work, stage: str, folder: Path, *task: Task) -> bool:
    try:
        if stage == "landmarks":
            work.landmarks(folder)
        elif stage == "target":
            work.target(folder, *task)
        else:
            work.score(folder, *task)
    except Exception:  # the other process tries it too, and says what is wrong
        return False
    return True
