"""The scheduler and its workers: a local cluster, or one that is there already."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import dask.config
from distributed import Client, LocalCluster, WorkerPlugin

from cinecast.batch.job import BatchError
from cinecast.version import __version__

_CONNECT_S = 10
_STARTS = 5
# dask's own refusal of anything else comes late and with tracebacks.
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?[^\s/]+:[0-9]{1,5}")
_SILENT = ("distributed", "tornado", "asyncio", "bokeh")
_WORKER_LOG = "workers.log"
_ERRORS = 2  # the descriptor of the error stream that a new process gets
# Nobody looks at a profile of the workers, which samples them a hundred times a second, nor at how busy their event
# loop is, which wakes it fifty times a second. A task whose workers died is tried again alone anyway. And dask has a
# worker give every larger array's memory back to the system at once, to fetch it again for the next: with arrays of the
# size of a frame, thousands a second, that doubled the time of a batch.
_CONFIG = {
    "logging": {"distributed": "critical"},
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.scheduler.allowed-failures": 1,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
}


@contextmanager
def connected(scheduler: str | None, workers: int, logs: Path, tell: Callable[[str], None]) -> Iterator[Client]:
    """Give a client of a scheduler that has at least one worker, all with this version of the program.

    Parameters
    ----------
    scheduler
        Address of a running scheduler; None for a local cluster.
    workers
        Processes of the local cluster, of one thread each.
    logs
        Folder for what the processes of a local cluster write to their streams.
    tell
        Hears, in a sentence, of anything that people wait for.

    Yields
    ------
    Client
        Of the scheduler, closed on leaving; a local cluster ends with it.

    Raises
    ------
    BatchError
        If local workers cannot start; if there is no such scheduler, or it or one of its workers lacks the program or
        has another version of it.
    """
    with ExitStack() as stack:
        silence = stack.enter_context(_quiet())
        if scheduler is None:
            client = stack.enter_context(_local(workers, logs, silence))
        else:
            client = stack.enter_context(_existing(scheduler))
            _wait_for_worker(client, scheduler, tell)
            _check_versions(client, scheduler)
        yield client


@contextmanager
def _local(workers: int, logs: Path, silence: _Silence) -> Iterator[Client]:
    logs.mkdir(exist_ok=True)
    with errors_of_children(logs / _WORKER_LOG):
        cluster = _started(workers)
        try:
            with Client(cluster) as client:
                with suppress(OSError):  # of a worker that has just died; the scheduler gives the plugin to the others
                    client.register_plugin(_StreamsToFile(logs / _WORKER_LOG))
                yield client
        finally:
            try:
                cluster.close(timeout=5)
            except Exception:  # a worker that was killed, say, or a machine with much else to do: it ends beside us
                silence.stays = True


@contextmanager
def errors_of_children(log: Path) -> Iterator[None]:
    """Have what new processes write to their error stream from their first moment on go to a file.

    A worker that is just starting while its command is killed says so with a traceback, before any plugin is there.
    Nothing is done where this process's own words go to the descriptor that its children get.
    """
    try:
        shared = sys.stderr.fileno() == _ERRORS
        kept = -1 if shared else os.dup(_ERRORS)
    except (OSError, ValueError, AttributeError):  # no such stream, or none of the system
        kept = -1
    if kept < 0:
        yield
        return
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, _ERRORS)
    os.close(descriptor)
    try:
        yield
    finally:
        os.dup2(kept, _ERRORS)
        os.close(kept)


def _started(workers: int) -> LocalCluster:
    """Return a cluster whose workers have all started; one that is killed meanwhile has all of them started again."""
    for _ in range(_STARTS):
        # Methods share their runs out among numba's threads; here the other processors are other workers'.
        with suppress(RuntimeError):  # "Nanny failed to start"
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,  # pyright: ignore[reportArgumentType]  # documented to mean: none
                silence_logs=logging.CRITICAL + 1,
                env={"NUMBA_NUM_THREADS": "1"},
            )
    raise BatchError(
        f"the workers of a batch must be able to start, got {_STARTS} failures; give this machine more memory, or "
        "start fewer (--workers)"
    )


@contextmanager
def _existing(address: str) -> Iterator[Client]:
    try:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(address)
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise BatchError(
            f"--scheduler must be the address of a running dask scheduler, got no answer from {address!r}; start "
            "'dask scheduler' and give the address that it prints, such as tcp://host:8786"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # a scheduler that has gone, say
            client.close(timeout=5)


def _wait_for_worker(client: Client, address: str, tell: Callable[[str], None]) -> None:
    told, known = False, cast(Any, client)
    # The client's own answer, `scheduler_info`, is now and then one without workers that it has fetched meanwhile.
    while not known.sync(known.scheduler.identity, n_workers=-1)["workers"]:
        if not told:
            tell(f"waiting for a worker of {address}: start one with 'dask worker {address} --nthreads 1'")
            told = True
        time.sleep(0.5)


def _check_versions(client: Client, address: str) -> None:
    found: Any = client.get_versions(packages=["cinecast"])
    checked = {f"the scheduler {address}": found["scheduler"]}
    checked |= {f"worker {worker}": versions for worker, versions in found["workers"].items()}
    wrong = {}
    for who, versions in checked.items():
        version = versions.get("packages", {}).get("cinecast") if isinstance(versions, dict) else None
        if version != __version__:
            wrong[who] = version or "none"
    if wrong:
        listed = "; ".join(f"{who} has {version}" for who, version in wrong.items())
        raise BatchError(
            f"scheduler and workers must have cinecast {__version__}, got: {listed}; install the same version there"
        )


class _StreamsToFile(WorkerPlugin):
    """What a worker's libraries write to its streams goes to a file, not over the user's progress display."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def setup(self, worker: Any) -> None:
        """Turn the streams of a worker's process to the file."""
        del worker
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)


class _Silence:
    """Whether the scheduler is silent to the end of the process: it still has something to end."""

    stays = False


@contextmanager
def _quiet() -> Iterator[_Silence]:
    """Silence the scheduler's own talk; what matters of it comes back as outcomes and sentences."""
    silence = _Silence()
    names = [*_SILENT, *(n for n in logging.root.manager.loggerDict if n.startswith(tuple(f"{s}." for s in _SILENT)))]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings(), dask.config.set(_CONFIG):
        warnings.simplefilter("ignore")
        try:
            yield silence
        finally:
            for name, level in levels.items() if not silence.stays else ():
                logging.getLogger(name).setLevel(level)
