"""Whether a running scheduler has a worker."""

from __future__ import annotations

import dask.config
from distributed import Client, LocalCluster

from cinecast.batch.cluster import _wait_for_worker

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
