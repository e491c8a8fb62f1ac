"""The graph of a batch on dask: a task per sequence opens it, then a task per stage, method and horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from distributed import Client, Future, KilledWorker, as_completed

from cinecast.batch.job import BatchError, Job, Outcome, Ticket, Todo
from cinecast.batch.tasks import make_step, open_sequence
from cinecast.store import artifacts as art

_KILLED = (
    "its worker died each time that it was tried (out of memory, say); give the workers more memory, then use "
    "--retry-failed"
)


def outcomes(client: Client, jobs: list[Job], ticket: Ticket, expect: Callable[[Todo], None]) -> Iterator[Outcome]:
    """Have all jobs done and yield the outcomes as they come.

    Parameters
    ----------
    client
        Client of the scheduler.
    jobs, ticket
        The sequences, and what each task has to know.
    expect
        Hears of each step that may have to be made, before it is.

    Yields
    ------
    Outcome
        One for each task as it ends, whatever its end; of those whose workers died, after a second try.

    Raises
    ------
    BatchError
        If the scheduler goes away, or a worker cannot do the work at all.
    """
    # dask blames a worker's death on all tasks that waited there. So what was blamed is tried again, one sequence at a
    # time: then only the sequence that kills its workers fails.
    suspects: dict[str, Job] = {}
    for outcome in _pass(client, jobs, ticket, expect, "first"):
        if outcome.reason == _KILLED:
            suspects[outcome.name] = next(job for job in jobs if job.name == outcome.name)
            outcome = replace(outcome, state="blocked", reason="")
        yield outcome
    for job in suspects.values():
        yield from _pass(client, [job], ticket, expect, "alone")


def _pass(
    client: Client, jobs: list[Job], ticket: Ticket, expect: Callable[[Todo], None], attempt: str
) -> Iterator[Outcome]:
    asked: dict[str, tuple[Job, str]] = {}
    queue = as_completed(loop=client.loop)
    for job in jobs:
        expect(Todo(art.FRAMES, "frames", ()))
        name = _task_name(ticket, job, art.FRAMES, attempt)
        asked[name] = job, art.FRAMES
        queue.add(client.submit(open_sequence, job, ticket, key=name, pure=False))
    for future in queue:
        job, key = asked.pop(str(future.key))
        outcome = _outcome(future, job, key)
        yield outcome
        for todo in outcome.todo:
            expect(todo)
        for step, new in _submit(client, job, ticket, outcome.todo, attempt).items():
            asked[str(new.key)] = job, step
            queue.add(new)


def _submit(
    client: Client, job: Job, ticket: Ticket, todo: tuple[Todo, ...], attempt: str
) -> Mapping[str, Future[Any]]:
    futures: dict[str, Future[Any]] = {}
    for step in todo:  # in an order in which each comes after those that it reads
        before = [futures[key] for key in step.after]
        name = _task_name(ticket, job, step.key, attempt)
        futures[step.key] = client.submit(make_step, job, ticket, step.key, *before, key=name, pure=False)
    return futures


def _outcome(future: Future[Any], job: Job, key: str) -> Outcome:
    """Return what a task gave back, or what its end means where it gave nothing back."""
    if future.status == "finished":
        result: Any = future.result()
        if isinstance(result, Outcome):
            return result
    if future.status in ("cancelled", "lost"):
        raise BatchError(
            "a batch needs its scheduler to the end, got no more answer from it; start the same command again: it "
            "carries on"
        )
    error: Any = future.exception()
    if isinstance(error, BatchError):
        raise error
    if not isinstance(error, KilledWorker):
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise BatchError(
            f"scheduler and workers must be able to take the work, got {said}; install the same cinecast on all of them"
        ) from error
    if error.task != future.key:
        return Outcome(job.name, key, key.split("/")[0], "blocked")
    return Outcome(job.name, key, key.split("/")[0], "failed", _KILLED)


def _task_name(ticket: Ticket, job: Job, key: str, attempt: str) -> str:
    return f"{key.split('/')[0]}-{ticket.token}-{attempt}-{job.name}-{key}"
