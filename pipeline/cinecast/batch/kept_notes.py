"""Notes on the results of each sequence, kept in the folder of the cohort as they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Note = TypeVar("Note")


class KeptNotes(Generic[Note]):
    """Notes by artifact, by sequence.

    Parameters
    ----------
    kept
        Those that the folder of the cohort holds.
    save
        Called with all of them whenever some have changed.
    """

    def __init__(
        self, kept: dict[str, Mapping[str, Note]], save: Callable[[Mapping[str, Mapping[str, Note]]], None]
    ) -> None:
        self._kept, self._save = kept, save

    def of(self, name: str) -> Mapping[str, Note]:
        """Return the notes on one sequence by key of the artifact; empty where there are none."""
        return self._kept.get(name, {})

    def all(self) -> Mapping[str, Mapping[str, Note]]:
        """Return the notes on all sequences that there are any on."""
        return {name: notes for name, notes in self._kept.items() if notes}

    def replace(self, name: str, notes: Mapping[str, Note]) -> None:
        """Put other notes on a sequence in the place of those before, and save them where they differ.

        Parameters
        ----------
        name
            The sequence.
        notes
            By key of the artifact.
        """
        if notes != self.of(name):
            self._kept[name] = notes
            self._save(self._kept)
