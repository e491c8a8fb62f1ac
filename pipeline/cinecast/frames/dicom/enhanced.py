"""Functional groups of multi-frame DICOM; a single-frame file is the case of one frame without groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from pydicom.dataset import Dataset, FileDataset

from cinecast.frames.dicom.claims import frame_count
from cinecast.frames.dicom.values import unless_odd


@dataclass(frozen=True)
class Groups:
    """Where the facts of one frame stand: its own groups, then the shared ones, then the file itself.

    Parameters
    ----------
    dataset
        The whole file.
    own, shared
        Functional groups of this frame and of all frames; None where there are none.
    index, count
        Index of the frame and number of frames in the file.
    """

    dataset: Dataset
    own: Dataset | None
    shared: Dataset | None
    index: int
    count: int

    def place(self, group: str, keyword: str) -> Dataset:
        """Return where a value stands, its own functional group before the shared one before the file itself.

        Parameters
        ----------
        group
            Keyword of the functional group.
        keyword
            Keyword of the element.

        Returns
        -------
        Dataset
            The file itself where none of them has it.
        """
        for groups in (self.own, self.shared):
            items = None if groups is None else groups.get(group)
            if items and keyword in items[0]:
                return cast(Dataset, items[0])
        return self.dataset

    def own_item(self, group: str) -> Dataset:
        """Return a functional group of this frame alone, such as its content; an empty one where it has none."""
        items = None if self.own is None else self.own.get(group)
        return items[0] if items else Dataset()


def dimension_indices(groups: Groups) -> tuple[int, ...]:
    """Return the place of a frame along each dimension of its file; empty where it has none.

    References
    ----------
    DICOM PS3.3, C.7.6.17 (multi-frame dimension): these order the frames, not their place in the file.
    """
    values = groups.own_item("FrameContentSequence").get("DimensionIndexValues")
    if values is None:
        return ()
    return unless_odd(lambda: tuple(int(value) for value in (values if hasattr(values, "append") else [values]))) or ()


def frame_groups(dataset: FileDataset) -> Iterator[Groups]:
    """Yield the groups of every frame of a file; those of its first frame alone where no frame has groups of its own.

    Raises
    ------
    ValueError
        If the file has functional groups for another number of frames than it says.
    """
    count = frame_count(dataset)
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or ())
    if own and len(own) != count:
        raise ValueError("functional groups of another number of frames")
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or ()) or [None]
    for index in range(len(own) or 1):
        yield Groups(dataset, own[index] if own else None, shared[0], index, count)
