"""The run folder: atomic artifacts with fingerprints, the one registry of their names and formats; and the cohort."""

from cinecast.store.cohort import CohortFolder as CohortFolder
from cinecast.store.cohort import cohort_left_alone as cohort_left_alone
from cinecast.store.folder import RunFolder as RunFolder
from cinecast.store.folder import Status as Status

__all__ = ["CohortFolder", "RunFolder", "Status", "cohort_left_alone"]
