"""Many sequences at once, on this machine or on a cluster: what is stale is redone, a bad sequence fails alone.

The batch itself is `cinecast.batch.driver.run_batch`; it is not imported here, since dask takes half a second.
"""

from cinecast.batch.job import BatchError
from cinecast.batch.preparing import Request
from cinecast.batch.status import SequenceStatus, cohort_status
from cinecast.batch.watching import Watcher

__all__ = ["BatchError", "Request", "SequenceStatus", "Watcher", "cohort_status"]
