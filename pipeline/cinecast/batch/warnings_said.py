"""What was warned of while the results of each sequence were made, kept in the folder of the cohort as it is said.

The log of a batch says it once, when a result is made. The page says it as long as the result is there.
"""

from __future__ import annotations

import re

from cinecast.batch.job import Outcome
from cinecast.batch.kept_notes import KeptNotes
from cinecast.store import CohortFolder

# Of a library, with the place in its code: it says nothing of the sequence.
_OF_CODE = re.compile(r"\S*\.py:\d+: ")


class WarningsSaid(KeptNotes[tuple[str, ...]]):
    """Sentences by artifact, by sequence; those of an artifact that is made again take the place of the old ones.

    Parameters
    ----------
    folder
        The folder of the cohort.
    """

    def __init__(self, folder: CohortFolder) -> None:
        super().__init__(dict(folder.read_warnings()), folder.write_warnings)

    def note(self, outcome: Outcome) -> None:
        """Take over what was said while an artifact was made, and save what changed."""
        if outcome.state != "made":
            return
        texts = [line.text for line in outcome.log if line.level == "WARNING"]
        own = tuple(text.removeprefix(f"{outcome.name}: ") for text in texts if not _OF_CODE.match(text))
        others = {key: sentences for key, sentences in self.of(outcome.name).items() if key != outcome.key}
        self.replace(outcome.name, others | ({outcome.key: own} if own else {}))
