"""Many sequences at once, on this machine or on a cluster: what is stale is redone, a bad sequence fails alone.

All sequences of a batch and what is known of them together are a cohort: a folder with one run folder per sequence,
`cinecast.store.CohortFolder`. `cinecast.batch.driver.run_batch` brings it up to date, and
`cinecast.batch.status.cohort_status` says what is done. Both are not imported here, since dask and the libraries of all
stages come with them.
"""

from cinecast.batch.job import BatchError as BatchError
from cinecast.batch.request import Request as Request
from cinecast.batch.watching import Watcher as Watcher
