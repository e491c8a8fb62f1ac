"""What is written to and read from the disk: the folder of a run, and that of a cohort, all the sequences of a batch.

Everything appears whole or not at all, whenever the program is killed. A run consists of artifacts, each in a folder
with a fingerprint of what it was made from; `cinecast.store.artifacts` is the one registry of their names and formats.
"""

from cinecast.store.cohort import CohortFolder as CohortFolder
from cinecast.store.cohort import cohort_left_alone as cohort_left_alone
from cinecast.store.folder import RunFolder as RunFolder
from cinecast.store.folder import Status as Status
from cinecast.store.folder import artifact_status as artifact_status
