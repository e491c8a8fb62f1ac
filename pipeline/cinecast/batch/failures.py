"""Which steps failed and why, kept in the folder of the cohort as they happen."""

from __future__ import annotations

from collections.abc import Mapping

from cinecast.batch.job import Outcome
from cinecast.store import CohortFolder
from cinecast.store import artifacts as art


class Failures:
    """Reasons by artifact, by sequence; a step that succeeds later is taken off the list.

    Parameters
    ----------
    folder
        The folder of the cohort.
    """

    def __init__(self, folder: CohortFolder) -> None:
        self._folder = folder
        self._reasons = folder.read_failures()

    def of(self, name: str) -> Mapping[str, str]:
        """Return the reasons of one sequence by key of the artifact; empty where nothing failed."""
        return self._reasons.get(name, {})

    def all(self) -> Mapping[str, Mapping[str, str]]:
        """Return the reasons of all sequences that failed."""
        return {name: reasons for name, reasons in self._reasons.items() if reasons}

    def note(self, outcome: Outcome) -> None:
        """Take over what an outcome says, and save what changed."""
        before = self._reasons.get(outcome.name, {})
        if outcome.state == "failed":
            now = before | {outcome.key: outcome.reason}
        elif outcome.key == art.FRAMES and outcome.state in ("made", "kept"):
            # What is not to be done any more has not failed any more: a method that was left out, say.
            still = {todo.key for todo in outcome.todo}
            now = {key: reason for key, reason in before.items() if key in still}
        elif outcome.state in ("made", "kept"):
            now = {key: reason for key, reason in before.items() if key != outcome.key}
        else:
            return
        if now != before:
            self._reasons[outcome.name] = now
            self._folder.write_failures(self._reasons)
