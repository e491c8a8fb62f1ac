"""Functional groups of multi-frame DICOM; a single-frame file is the case of one frame without groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset


@dataclass(frozen=True)
class Groups:
    """Where the facts of one frame stand: its own groups, then the shared ones, then the file itself.

    Parameters
    ----------
    dataset
        The whole file.
    own, shared
        Functional groups of this frame and of all frames.
    index, count
        Index of the frame and number of frames in the file.
    """

    dataset: Dataset
    own: Dataset
    shared: Dataset
    index: int
    count: int

    def find(self, group: str, keyword: str) -> Any:
        """Return a value of a functional group, its own before the shared one, or that of the file.

        Parameters
        ----------
        group
            Keyword of the functional group, such as ``PixelMeasuresSequence``.
        keyword
            Keyword of the element, such as ``PixelSpacing``.

        Returns
        -------
        Any
            As pydicom has it; None where none of the three places has the element.
        """
        for place in (self._item(self.own, group), self._item(self.shared, group), self.dataset):
            if keyword in place:
                return place.get(keyword)
        return None

    def content(self, keyword: str) -> Any:
        """Return a value of the frame's own content (times, temporal position), or None."""
        return self._item(self.own, "FrameContentSequence").get(keyword)

    def offset(self, keyword: str) -> Any:
        """Return a value of the frame's temporal position, or None."""
        return self._item(self.own, "TemporalPositionSequence").get(keyword)

    @staticmethod
    def _item(groups: Dataset, name: str) -> Dataset:
        items = groups.get(name)
        return items[0] if items else Dataset()


def frame_groups(dataset: Dataset) -> Iterator[Groups]:
    """Yield the groups of every frame of a file.

    Raises
    ------
    ValueError
        If the file has functional groups for another number of frames than it says.
    """
    count = int(dataset.get("NumberOfFrames") or 1)
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or ())
    if own and len(own) != count:
        raise ValueError("functional groups of another number of frames")
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or ()) or [Dataset()]
    for index in range(count):
        yield Groups(dataset, own[index] if own else Dataset(), shared[0], index, count)
