"""One batch from its command to its summary."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from cinecast.batch.failures import Failures
from cinecast.batch.job import BatchError, Job, Outcome, Ticket, Todo
from cinecast.batch.kept_at_once import kept_at_once
from cinecast.batch.log import BatchLog
from cinecast.batch.preparing import Cohort, prepare_cohort
from cinecast.batch.request import Request
from cinecast.batch.summary import write_summary
from cinecast.batch.warnings_said import WarningsSaid
from cinecast.batch.watching import Watcher
from cinecast.errors import SettingsError
from cinecast.run.scope import Scope
from cinecast.store import CohortFolder
from cinecast.store.cohort import LOGS, SETTINGS_FILE
from cinecast.version import __version__


@dataclass(frozen=True)
class BatchResult:
    """What a batch did.

    Parameters
    ----------
    sequences
        Number of sequences it was about.
    made, kept
        Numbers of artifacts that were made and of those that were up to date when their turn came.
    failed
        Reason of the first failed step of each failed sequence, by name.
    warnings
        How many warnings are in the log.
    not_pooled
        A sentence for each horizon that is not the same time in all sequences.
    """

    sequences: int
    made: int
    kept: int
    failed: Mapping[str, str]
    warnings: int
    not_pooled: tuple[str, ...] = ()


def run_batch(
    out: Path,
    inputs: Sequence[str],
    request: Request,
    scope: Scope,
    *,
    retry_failed: bool = False,
    scheduler: str | None = None,
    workers: int = 1,
    watcher: Watcher | None = None,
) -> BatchResult:
    """Bring the runs of many sequences up to date.

    Parameters
    ----------
    out
        The folder of the cohort; made if missing.
    inputs
        Files, folders, globs and CSV lists; without any, all sequences that the folder knows.
    request
        Settings of the cohort.
    scope
        What is redone whatever its state, and how far the batch goes.
    retry_failed
        Only sequences that failed before.
    scheduler
        Address of a running dask scheduler; None for a local cluster.
    workers
        Processes of the local cluster.
    watcher
        Hears of the work.

    Returns
    -------
    BatchResult
        What was made, what failed and why; a sequence that fails raises nothing.

    Raises
    ------
    CinecastError
        If the inputs, a setting, the folder, the scheduler or a worker breaks a rule; what is finished is kept.
    """
    if workers < 1:
        raise SettingsError(f"--workers must be 1 or more, got {workers}; leave it out for one per processor")
    watcher = watcher or Watcher()
    with CohortFolder(out.absolute()) as folder:
        cohort = prepare_cohort(folder, inputs, request)
        failures, said = Failures(folder), WarningsSaid(folder)
        jobs = [job for job in cohort.jobs() if job.name in cohort.given]
        if retry_failed:
            jobs = [job for job in jobs if failures.of(job.name)]
        result = BatchResult(0, 0, 0, {}, 0)
        if jobs:
            log = BatchLog(folder)
            with ExitStack() as stack:
                connect = partial(_connect, stack, folder, scheduler, watcher)
                client = connect(workers) if scheduler else None
                ticket, content = _begin(folder, cohort, scope, request.named.drop)
                log.say(
                    f"cinecast {__version__}: batch of {len(jobs)} sequences begins, {scheduler or 'local workers'}"
                )
                kept, left = kept_at_once(jobs, ticket) if client is None else ([], jobs)
                ended = _follow(_expected(kept, watcher), failures, said, log, watcher)
                if left:
                    from cinecast.batch.graph import outcomes

                    client = client or connect(min(workers, len(left) * 8))
                    ended += _follow(outcomes(client, left, ticket, watcher.expect), failures, said, log, watcher)
            result = _result(jobs, ended, failures, log)
            log.say(f"batch ends: {result.made} results made, {len(result.failed)} sequences failed")
            folder.write(content | {"order": None})
        scored = {job.name for job in jobs} if scope.reaches("score") else set[str]()
        apart = write_summary(folder, cohort.jobs(), failures.all(), said, up_to_date=scored)
        return replace(result, not_pooled=apart)


def _connect(stack: ExitStack, folder: CohortFolder, scheduler: str | None, watcher: Watcher, workers: int) -> Any:
    """Return a client of the scheduler, or of workers of its own, for as long as the stack is open."""
    from cinecast.batch.cluster import connected  # with dask, to import which takes as long as all the rest

    client = stack.enter_context(connected(scheduler, workers, folder.root / LOGS, watcher.say))
    threads: Any = client.nthreads()
    watcher.workers = sum(threads.values())
    return client


def _expected(kept: list[Outcome], watcher: Watcher) -> Iterator[Outcome]:
    for outcome in kept:
        watcher.expect(Todo(outcome.key, outcome.stage, ()))
        yield outcome


def _begin(folder: CohortFolder, cohort: Cohort, scope: Scope, drop: tuple[str, ...]) -> tuple[Ticket, dict[str, Any]]:
    """Take the folder over from earlier batches, whose tasks may still run somewhere."""
    scope, order = _ordered(scope, folder.read().get("order"))
    content = cohort.content(folder.root)
    token = folder.write(content | {"order": order})
    folder.write_file(SETTINGS_FILE, cohort.settings_text().encode())
    return Ticket(folder.root, token, scope, drop=drop), content


def _ordered(scope: Scope, unfinished: Any) -> tuple[Scope, dict[str, Any] | None]:
    """Return the scope with the name of its order: that of the same command where it was killed, else a new one."""
    if not scope.start_from and not scope.only:
        return scope, None
    wanted = {"from": scope.start_from, "only": scope.only}
    if isinstance(unfinished, dict) and {name: unfinished.get(name) for name in wanted} == wanted:
        name = str(unfinished.get("name"))
    else:
        name = uuid.uuid4().hex[:16]
    return replace(scope, order=name), wanted | {"name": name}


def _follow(stream: Any, failures: Failures, said: WarningsSaid, log: BatchLog, watcher: Watcher) -> list[Outcome]:
    ended = []
    for outcome in stream:
        if outcome.state == "superseded":
            raise BatchError(
                "the folder of a batch is worked on by one batch at a time, got another one that has taken it over; "
                "this one ends"
            )
        if outcome.state == "failed" and not failures.of(outcome.name):
            watcher.say(f"{outcome.name} failed in {outcome.key}: {outcome.reason}")
        failures.note(outcome)
        said.note(outcome)
        log.add(outcome)
        watcher.end(outcome)
        ended.append(replace(outcome, log=(), todo=()))
    return ended


def _result(jobs: list[Job], ended: list[Outcome], failures: Failures, log: BatchLog) -> BatchResult:
    states = [outcome.state for outcome in ended]
    failed = {job.name: next(iter(failures.of(job.name).values())) for job in jobs if failures.of(job.name)}
    return BatchResult(len(jobs), states.count("made"), states.count("kept"), failed, log.warnings)
