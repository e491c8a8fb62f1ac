"""The masks of a live session's targets, in files of as many frames as those of its predicted frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.store.nifti import write_nifti
from cinecast.store.replacing import replacing


class MaskFiles:
    """Collects the masks of one target and writes them when there are enough for a file.

    Parameters
    ----------
    folder
        Where to; it is made with the first file.
    most
        Masks in one file.
    attempt
        Writes a number of masks of so many bytes, or counts them as unwritten.
    """

    def __init__(self, folder: Path, most: int, attempt: Callable[[Callable[[], None], int, int], None]) -> None:
        self._folder, self._most, self._attempt = folder, most, attempt
        self._masks: list[NDArray[np.bool_]] = []
        self._written = 0

    def add(self, mask: NDArray[np.bool_], picture: Mapping[str, Any]) -> tuple[str, int]:
        """Add a mask.

        Parameters
        ----------
        mask
            Shape (H, W).
        picture
            Spacing, frame period and affine as `cinecast.store.nifti.write_nifti` takes them.

        Returns
        -------
        tuple[str, int]
            The file, from two folders up, and the place in it.
        """
        place = f"{self._folder.parent.name}/{self._folder.name}/{self._name()}", len(self._masks)
        self._masks.append(mask)
        if len(self._masks) == self._most:
            self.flush(picture)
        return place

    def flush(self, picture: Mapping[str, Any]) -> None:
        """Write the masks that are left; the picture as for `add`."""
        if not self._masks:
            return
        masks, path = np.stack(self._masks).astype(np.uint8), self._folder / self._name()

        def write() -> None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                write_nifti(temporary, masks, **picture)

        self._attempt(write, len(masks), masks.nbytes)
        self._masks = []
        self._written += 1

    def _name(self) -> str:
        return f"masks_{self._written:06d}.nii"
