"""Whether a running scheduler has a worker."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from distributed import Client, LocalCluster

from cinecast.batch import cluster as module
from cinecast.batch.cluster import _wait_for_worker, connected

# The client renews its own answer so often here that it is between two of them all the time.
HASTE = {"distributed.client.scheduler-info-interval": "1ms"}


def test_a_worker_that_is_there_is_found_at_each_time_of_asking() -> None:
    told: list[str] = []
    with (
        dask.config.set(HASTE),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(1)
        for _ in range(300):
            _wait_for_worker(client, cluster.scheduler_address, told.append)
    assert told == []


@pytest.fixture
def levels() -> Iterator[None]:
    """Put back the levels of dask's loggers."""
    loggers = [each for name, each in logging.root.manager.loggerDict.items() if name.startswith("distributed")]
    before = [(each, each.level) for each in loggers if isinstance(each, logging.Logger)]
    yield
    for logger, level in before:
        logger.setLevel(level)


@pytest.mark.usefixtures("levels")
@pytest.mark.parametrize("late", [False, True])
def test_a_cluster_that_ends_late_says_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    def started(workers: int) -> LocalCluster:
        return LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=False)

    def close(cluster: LocalCluster, timeout: float | None = None) -> None:
        real(cluster, timeout)
        if late:
            raise TimeoutError

    real = LocalCluster.close
    monkeypatch.setattr(module, "_started", started)
    monkeypatch.setattr(LocalCluster, "close", close)
    logger = logging.getLogger("distributed.nanny")
    logger.setLevel(logging.INFO)
    with connected(None, 1, tmp_path, lambda _: None):
        assert not logger.isEnabledFor(logging.CRITICAL)
    assert logger.isEnabledFor(logging.INFO) is not late
