"""Which steps failed and why, kept in the folder of the cohort as they happen."""

from __future__ import annotations

from collections.abc import Mapping

from cinecast.batch.job import Outcome
from cinecast.batch.kept_notes import KeptNotes
from cinecast.store import CohortFolder
from cinecast.store import artifacts as art


class Failures(KeptNotes[str]):
    """Reasons by artifact, by sequence; a step that succeeds later is taken off the list.

    Parameters
    ----------
    folder
        The folder of the cohort.
    """

    def __init__(self, folder: CohortFolder) -> None:
        super().__init__(dict(folder.read_failures()), folder.write_failures)

    def note(self, outcome: Outcome) -> None:
        """Take over what an outcome says, and save what changed."""
        before = self.of(outcome.name)
        now: Mapping[str, str]
        if outcome.state == "failed":
            now = {**before} | {outcome.key: outcome.reason}
        elif outcome.key == art.FRAMES and outcome.state in ("made", "kept"):
            # What is not to be done any more has not failed any more: a method that was left out, say.
            still = {todo.key for todo in outcome.todo}
            now = {key: reason for key, reason in before.items() if key in still}
        elif outcome.state in ("made", "kept"):
            now = {key: reason for key, reason in before.items() if key != outcome.key}
        else:
            return
        self.replace(outcome.name, now)
