"""Sequences in which nothing is to be done, found before any worker is started: that takes longer than to look."""

from __future__ import annotations

import time
from collections.abc import Sequence as Several

from cinecast.batch.file_names import without_file_names
from cinecast.batch.job import Job, Outcome, Ticket
from cinecast.batch.task_log import listening
from cinecast.batch.tasks import load_plan, settled_settings, todo_of
from cinecast.frames import read_sidecar, source_files
from cinecast.frames.detect import readable_name
from cinecast.run.given_files import save_given_files
from cinecast.run.maker import Maker, settings_saved
from cinecast.run.plan import check_good_frames
from cinecast.run.stage_steps import frames_step
from cinecast.run.stage_work import Work
from cinecast.run.step import Step
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.digests import source_digest
from cinecast.store.marker import RUN_FILE

# Seconds of processor, as many as it takes to start workers: they look sooner at what is left, several at a time.
WITHOUT_WORKERS_S = 6.0


def kept_at_once(jobs: Several[Job], ticket: Ticket) -> tuple[list[Outcome], list[Job]]:
    """Look at sequences one after another up to the first one in which something is to be done.

    Parameters
    ----------
    jobs, ticket
        The sequences, and the batch that asks.

    Returns
    -------
    list[Outcome]
        What workers would say of those that are up to date, without steps to do.
    list[Job]
        The others, which are left to workers, as is whatever is wrong with one.
    """
    found: list[Outcome] = []
    begun = time.process_time()
    if ticket.drop or ticket.scope.start_from or ticket.scope.only:
        return found, list(jobs)
    for job in jobs:
        outcome = _kept(job, ticket) if time.process_time() - begun < WITHOUT_WORKERS_S else None
        if outcome is None:
            break
        found.append(outcome)
    return found, list(jobs[len(found) :])


def _kept(job: Job, ticket: Ticket) -> Outcome | None:
    folder, started = ticket.root / job.name, time.perf_counter()
    if not (folder / RUN_FILE).is_file():
        return None
    with listening() as lines:
        try:
            ticket.check()
            name = read_sidecar(job.source).name or readable_name(job.source)
            step = frames_step(job.settings, source_digest(source_files(job.source)))
            with RunFolder(folder, name, guard=ticket.check) as store:
                if not _is_fresh(Maker(store, ticket.scope), step, job):
                    return None
        except Exception:  # whatever it is, a worker meets it again and says it
            return None
    seconds = time.perf_counter() - started
    return without_file_names(Outcome(job.name, art.FRAMES, "frames", "kept", "", seconds, tuple(lines)), job.source)


def _is_fresh(maker: Maker, step: Step, job: Job) -> bool:
    """Return whether the frames and all that is made of them are up to date; then the table of scores is written."""
    if maker.needs(step):
        return False
    with settings_saved(maker.store, settled_settings(maker.store, job)):
        sequence, plan = load_plan(maker.store, job)
        save_given_files(maker.store, job.settings, plan.given)
        check_good_frames(sequence, job.settings, "test", sequence.split.test_frames, 1)
        if todo_of(maker, plan):
            return False
    Work(maker.store, sequence, plan.settings, 1).combine_scores(plan)
    return True
