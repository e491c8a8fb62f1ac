"""What a worker does: open a sequence, or make one step of it. Nothing is raised, all comes back as an outcome."""

from __future__ import annotations

import atexit
import logging
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from cinecast.batch.file_names import without_file_names
from cinecast.batch.job import BatchError, Job, Outcome, State, SupersededError, Ticket, Todo
from cinecast.batch.task_log import listening
from cinecast.errors import CinecastError, StoreError
from cinecast.forecast import load_method_settings
from cinecast.frames import read_sidecar, source_files
from cinecast.frames.detect import readable_name
from cinecast.garbage_collection import collect_rarely, end_without_collecting
from cinecast.run.dropping import remove_dropped, remove_kept_frames
from cinecast.run.given_files import save_given_files
from cinecast.run.maker import Maker, settings_saved
from cinecast.run.own_targets import own_targets, say_found_target, with_reference_of_target
from cinecast.run.plan import Plan, check_good_frames, make_plan
from cinecast.run.same_recording import check_same_recording
from cinecast.run.source_frames import read_source
from cinecast.run.stage_steps import frames_step
from cinecast.run.stage_work import Work
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.settings.toml_file import settings_text
from cinecast.single_thread import single_threaded
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.digests import source_digest
from cinecast.store.marker import check_run
from cinecast.version import __version__
from cinecast_models import ForecastingError

_LOG = logging.getLogger(__name__)
# A worker takes steps of few sequences in turn; what several steps of one read is read once.
_KEPT = 4
_OPENED: OrderedDict[tuple[str, str], tuple[Work, Plan]] = OrderedDict()
# What a worker holds for as long as its process lives.
_HELD = ExitStack()


def open_sequence(job: Job, ticket: Ticket) -> Outcome:
    """Bring the frames of a sequence up to date and find out what else has to be done.

    It has the run folder to itself: it waits for tasks of an earlier batch to end, and mends what they left.

    Parameters
    ----------
    job
        The sequence; its source must lie where this worker sees it.
    ticket
        The batch that asks.

    Returns
    -------
    Outcome
        Of the frames, with the steps that may have to be made.

    Raises
    ------
    BatchError
        If no task can be done here: the version or the file system is another.
    """

    def work() -> tuple[State, tuple[Todo, ...]]:
        name = read_sidecar(job.source).name or readable_name(job.source)
        step = frames_step(job.settings, source_digest(source_files(job.source)))
        folder = ticket.root / job.name
        with RunFolder(folder, name, wait=ticket.check, guard=ticket.check) as store:
            maker = Maker(store, ticket.scope)
            is_stale = maker.needs(step)
            with settings_saved(store, job.settings if is_stale else settled_settings(store, job)):
                if is_stale:
                    found = read_source(step, job.source, job.settings, folder)
                    if not ticket.scope.forces(step.stage):
                        check_same_recording(folder, found, "name the new one otherwise in a list")
                    maker.make_frames(found)
                bench, plan = _opened(store, job, ticket)
                if is_stale:
                    store.write_file(art.SETTINGS_FILE, settings_text(settled_settings(store, job)).encode())
                save_given_files(store, job.settings, plan.given)
                sequence = bench.sequence
                remove_dropped(store, plan, ticket.drop, sequence.frame_period_s)
                remove_kept_frames(store)
                if ticket.scope.reaches("score"):
                    check_good_frames(sequence, job.settings, "test", sequence.split.test_frames, 1)
                todo = todo_of(maker, plan)
                if job.found_target and any(each.key == art.MEASURED_TARGET for each in todo):
                    say_found_target(job.settings)
            if not todo and ticket.scope.reaches("score"):
                bench.combine_scores(plan)
            return "made" if maker.done else "kept", todo

    return _outcome(job, ticket, art.FRAMES, work)


def make_step(job: Job, ticket: Ticket, key: str, *before: Outcome) -> Outcome:
    """Make the artifact ``key`` of a sequence where it is not up to date, unless a step that it reads failed.

    Parameters
    ----------
    job
        The sequence, opened by `open_sequence` in the same batch.
    ticket
        The batch that asks.
    key
        The artifact, or ``score/scores.csv`` for the table of all scores.
    *before
        How the steps ended that it reads.

    Returns
    -------
    Outcome
        ``kept`` where the artifact was up to date.

    Raises
    ------
    BatchError
        If no task can be done here: the version or the file system is another.
    """
    failed = next((outcome for outcome in before if outcome.state not in ("made", "kept")), None)
    if failed is not None:
        state: State = "superseded" if failed.state == "superseded" else "blocked"
        return Outcome(job.name, key, _stage(key), state)

    def work() -> tuple[State, tuple[Todo, ...]]:
        folder = ticket.root / job.name
        with RunFolder(folder, check_run(folder), shared=True, guard=ticket.check) as store:
            bench, plan = _opened(store, job, ticket)
            maker = Maker(store, ticket.scope)
            if key == art.SCORES_FILE:
                bench.combine_scores(plan)
                return "made", ()
            step = next(step for step in plan.steps() if step.key == key)
            if maker.needs(step):
                maker.make(step, bench, plan, lambda: None)
            return "made" if maker.done else "kept", ()

    return _outcome(job, ticket, key, work)


def _opened(store: RunFolder, job: Job, ticket: Ticket) -> tuple[Work, Plan]:
    """Return the work and the plan of a sequence, at once where this worker has had a task of it lately."""
    asked = ticket.token, job.name  # within a batch the frames of a sequence do not change once it is opened
    if asked not in _OPENED:
        sequence, plan = load_plan(store, job)
        # It outlives this task and its lock, so it is one that only looks; the maker writes with the task's own.
        _OPENED[asked] = Work(RunFolder.view(store.root), sequence, plan.settings, 1), plan
    _OPENED.move_to_end(asked)
    while len(_OPENED) > _KEPT:
        _OPENED.popitem(last=False)
    return _OPENED[asked]


def load_plan(store: RunFolder, job: Job) -> tuple[Sequence, Plan]:
    """Return the sequence as the run holds it, and the steps that its settings ask for.

    Parameters
    ----------
    store
        The run folder; it must hold the frames.
    job
        The sequence with its settings.

    Returns
    -------
    tuple[Sequence, Plan]
        Frames are memory-mapped; the steps come in an order in which each can be made.
    """
    sequence, settings = art.load_sequence(store.path(art.FRAMES)), settled_settings(store, job)
    return sequence, make_plan(sequence, settings, load_method_settings(settings.forecast))


def settled_settings(store: RunFolder, job: Job) -> Settings:
    """Return the settings of a sequence as its run keeps them: with a target, measured from the target's own frame.

    Parameters
    ----------
    store
        The run folder; it must hold the frames.
    job
        The sequence with the settings that the batch has for it.

    Returns
    -------
    Settings
        The same where the reference frame is given, or there is no target.
    """
    if not job.settings.target.files:
        return job.settings
    sequence = art.load_sequence(store.path(art.FRAMES))
    return with_reference_of_target(store.root, sequence, own_targets(sequence, job.settings), job.settings)


def todo_of(maker: Maker, plan: Plan) -> tuple[Todo, ...]:
    """Return what may have to be made; the table of scores is gathered last where the report does not do it.

    Parameters
    ----------
    maker
        Of the run folder.
    plan
        All steps of the run.

    Returns
    -------
    tuple[Todo, ...]
        Each step after those that it reads; empty where nothing is to be done.
    """
    pending = maker.survey(plan)
    steps = [step for step in plan.steps() if step.key in pending]
    todo = []
    for step in steps:
        inputs = dict.fromkeys(key for key, _ in step.inputs)
        todo.append(Todo(step.key, step.stage, tuple(key for key in inputs if key in pending)))
    if todo and art.REPORT not in pending and maker.scope.reaches("score"):
        todo.append(Todo(art.SCORES_FILE, "score", tuple(pending)))
    return tuple(todo)


def _outcome(job: Job, ticket: Ticket, key: str, work: Callable[[], tuple[State, tuple[Todo, ...]]]) -> Outcome:
    started = time.perf_counter()
    todo: tuple[Todo, ...] = ()
    state: State = "failed"
    reason = ""
    with listening() as lines:
        try:
            _prepare(ticket)
            state, todo = work()
        except SupersededError:
            state = "superseded"
        except BatchError:  # concerns all sequences alike: the batch ends
            raise
        except (CinecastError, ForecastingError) as error:
            reason = str(error)
        except Exception as error:  # a fault of the program spoils one sequence, not the batch
            reason = f"{type(error).__name__}: {error} (a fault of cinecast; the log has more)"
            _LOG.error("%s", traceback.format_exc())
    seconds = time.perf_counter() - started
    outcome = Outcome(job.name, key, _stage(key), state, reason, seconds, tuple(lines), todo)
    return without_file_names(outcome, job.source)


def _prepare(ticket: Ticket) -> None:
    if ticket.version != __version__:
        raise BatchError(f"a worker must have cinecast {ticket.version}, got {__version__}; install the same version")
    _set_up_process()
    try:
        ticket.check()
    except StoreError as error:
        raise BatchError(
            f"every worker must see the folder of the batch under the same path, got: {error}; put it on a file system "
            "that all share"
        ) from error


@cache
def _set_up_process() -> None:
    collect_rarely()
    end_without_collecting()
    _HELD.enter_context(single_threaded())
    atexit.register(_HELD.close)  # later, what that needs is taken apart


def _stage(key: str) -> str:
    return Path(key).parts[0]
