"""What was warned of while the results of each sequence were made, kept in the folder of the cohort as it is said.

The log of a batch says it once, when a result is made. The page says it as long as the result is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cinecast.batch.job import Outcome
from cinecast.store import CohortFolder

# Of a library, with the place in its code: it says nothing of the sequence.
_OF_CODE = re.compile(r"\S*\.py:\d+: ")


class WarningsSaid:
    """Sentences by artifact, by sequence; those of an artifact that is made again take the place of the old ones.

    Parameters
    ----------
    folder
        The folder of the cohort.
    """

    def __init__(self, folder: CohortFolder) -> None:
        self._folder = folder
        self._said = folder.read_warnings()

    def of(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return the sentences of one sequence by key of the artifact."""
        return self._said.get(name, {})

    def note(self, outcome: Outcome) -> None:
        """Take over what was said while an artifact was made, and save what changed."""
        if outcome.state != "made":
            return
        texts = [line.text for line in outcome.log if line.level == "WARNING"]
        own = tuple(text.removeprefix(f"{outcome.name}: ") for text in texts if not _OF_CODE.match(text))
        before = self._said.get(outcome.name, {})
        now = {key: sentences for key, sentences in before.items() if key != outcome.key}
        now |= {outcome.key: own} if own else {}
        if now != before:
            self._said[outcome.name] = now
            self._folder.write_warnings(self._said)
