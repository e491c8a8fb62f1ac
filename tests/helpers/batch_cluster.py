"""A real dask scheduler and real workers, as processes that tests may kill; and small sequences for them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from distributed import Client

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from helpers.command_line import environment

NAMES = ("one", "two", "three")
OPTIONS = ("--method", "linear", "--horizon", "1", "--horizon", "0.5s")
# Long enough to be killed in its midst.
SLOW_FLOW = ("--set", "flow.iterations=100", "--set", "flow.finest_iterations=100")


def write_sequences(folder: Path) -> Path:
    """Write three small phantoms that differ."""
    for seed, name in enumerate(NAMES):
        settings = PhantomSettings(
            rows=56, columns=56, pixel_spacing_mm=(4.6, 4.6), frame_count=48, frame_period_s=0.25, seed=seed
        )
        write_phantom(folder / f"{name}.nii.gz", make_phantom(settings))
    return folder


# As a batch has its own cluster: one thread, and nothing that costs time while there is nothing to do.
_QUIET = {
    "NUMBA_NUM_THREADS": "1",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}


class Cluster:
    """A scheduler and workers of one thread each; `close` ends what a test has left of them."""

    def __init__(
        self, folder: Path, workers: int = 1, extra: dict[str, str] | None = None, flags: tuple[str, ...] = ()
    ) -> None:
        self._flags = flags
        self._folder, self._environment = folder, environment() | _QUIET | (extra or {})
        self._file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", self._file)
        wait_until(self._file.is_file)
        wait_until(lambda: self._file.read_text().endswith("}"))
        self.address = str(json.loads(self._file.read_text())["address"])
        self.workers = self._start("worker", self.address, "--nthreads", "1", "--nworkers", str(workers))
        log = folder / "worker.log"
        try:
            wait_until(lambda: log.read_text().count("Registered to:") >= workers)
        except BaseException:
            self.close()
            raise

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are there, some of them perhaps started anew."""
        with Client(self.address) as client:
            client.wait_for_workers(count, timeout=300)

    def _start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{arguments[0]}.log").open("wb")
        command = [sys.executable, *self._flags, "-m", "dask", *map(str, arguments), "--no-dashboard"]
        return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, cwd=self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for process in (self.workers, self.scheduler):
            process.terminate()
        for process in (self.workers, self.scheduler):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_batch(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a batch as a process of its own, with its streams kept."""
    command = [sys.executable, "-m", "cinecast", "batch", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background may ignore it
    )


def wait_until(true: Callable[[], object], seconds: float = 300) -> None:
    """Wait for something that is certain to happen, however loaded the machine is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.001)


def half_written(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folders of results that are being written in a folder, with the process that writes each."""
    for path in list(folder.glob(".tmp-*")):
        if path.is_dir():
            yield path, int(path.name.rsplit("-", 3)[1])


def writer_of(folder: Path, *, seconds: float = 300) -> int:
    """Wait until a result is being written in a folder and return the process that writes it."""
    found: list[int] = []
    wait_until(lambda: found.extend(process for _, process in half_written(folder)) or found, seconds)
    return found[0]
