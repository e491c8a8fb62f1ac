"""The files of masks: targets as they were given, followed through frames, and reference masks for scoring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.store.tables import read_columns, write_table

if TYPE_CHECKING:
    from cinecast.frames.masks import LabelSeries, Target
    from cinecast.target import FollowedTarget, MaskSeries

# Beside the masks of the measured motion.
GIVEN_TARGETS_FILE = "targets.npz"
LABELS_FILE = "labels.npz"
# Beside the scores of a method at a horizon.
TARGET_SCORES_FILE = "target_per_frame.csv"
MASKS_FILE = "masks.npz"
_CENTROIDS_FILE = "centroids.csv"


class StoredMasks(NamedTuple):
    """Masks of N targets in R runs and F frames, and whether there was a motion to follow, shape (N, R, F)."""

    masks: MaskSeries
    known: NDArray[np.bool_]


def save_targets(folder: Path, targets: Sequence[Target]) -> None:
    """Write targets as they were given.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    targets
        One or more.
    """
    np.savez_compressed(
        folder / GIVEN_TARGETS_FILE,
        names=np.array([target.name for target in targets]),
        frames=np.array([target.frame for target in targets]),
        masks=np.stack([target.mask for target in targets]),
        said=np.array(["\n".join(target.said) for target in targets]),
    )


def load_targets(folder: Path) -> tuple[Target, ...]:
    """Read targets back."""
    from cinecast.frames.masks import Target

    with np.load(folder / GIVEN_TARGETS_FILE, allow_pickle=False) as file:
        rows = zip(*(file[name] for name in ("names", "masks", "frames", "said")), strict=True)
        return tuple(Target(str(n), mask, int(t), tuple(str(said).splitlines())) for n, mask, t, said in rows)


def save_masks(
    folder: Path,
    names: Sequence[str],
    followed: Sequence[Sequence[FollowedTarget]],
    frames: Iterable[int],
    times_s: NDArray[np.float64],
) -> None:
    """Write followed targets, and a table of where each was.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    names
        Names of the N targets.
    followed
        N targets, R runs of each.
    frames
        Indices of the F frames.
    times_s
        Time of every frame of the sequence in s, shape (T,).
    """
    first = followed[0][0].masks
    if len(followed) == len(followed[0]) == 1:  # nearly always, and then nothing is copied
        bits = first.bits[np.newaxis, np.newaxis]
    else:
        bits = np.empty((len(followed), len(followed[0]), *first.bits.shape), dtype=np.uint8)
        for n, r in np.ndindex(bits.shape[:2]):
            bits[n, r] = followed[n][r].masks.bits
    np.savez_compressed(
        folder / MASKS_FILE,
        bits=bits,
        shape=np.array(first.shape),
        known=np.array([[run.known for run in runs] for runs in followed]),
    )
    rows = (
        (name, run, t, times_s[t], *_place(each, i))
        for name, runs in zip(names, followed, strict=True)
        for run, each in enumerate(runs)
        for i, t in enumerate(frames)
    )
    columns = ["target", "run", "frame", "time_s", "row", "column", "pixels", "folded_pixels"]
    write_table(folder / _CENTROIDS_FILE, columns, rows)


def _place(followed: FollowedTarget, index: int) -> tuple[Any, ...]:
    """Return row and column of the centroid, number of pixels and of folded ones; empty cells where it is nowhere."""
    if not followed.known[index]:
        return None, None, None, None
    rows, columns = np.nonzero(followed.masks.mask(index))
    centroid = (float(rows.mean()), float(columns.mean())) if len(rows) else (None, None)
    return *centroid, len(rows), int(followed.folded[index])


def load_masks(folder: Path) -> StoredMasks:
    """Read the masks of followed targets back."""
    from cinecast.target import MaskSeries

    with np.load(folder / MASKS_FILE, allow_pickle=False) as file:
        rows, columns = file["shape"].tolist()
        return StoredMasks(MaskSeries(file["bits"], (rows, columns)), file["known"])


def load_folded(folder: Path) -> dict[str, tuple[NDArray[np.int64], range]]:
    """Read at how many pixels of each target the motion folds in each of the F frames, (F,), the most of its runs.

    With them come the F frames; a frame without a motion has 0.
    """
    table = read_columns(folder / _CENTROIDS_FILE)
    names, runs, frames = table["target"], np.array(table["run"], dtype=int), np.array(table["frame"], dtype=int)
    followed = range(int(frames.min()), int(frames.max()) + 1)
    folded = np.array([int(cell or 0) for cell in table["folded_pixels"]])
    own = folded.reshape(-1, int(runs.max()) + 1, len(followed)).max(axis=1)
    return {name: (each, followed) for name, each in zip(dict.fromkeys(names), own, strict=True)}


def save_labels(folder: Path, labels: Sequence[LabelSeries]) -> None:
    """Write reference masks of many frames.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    labels
        One or more structures.
    """
    from cinecast.target import pack

    shape = labels[0].masks.shape[1], labels[0].masks.shape[2]
    np.savez_compressed(
        folder / LABELS_FILE,
        names=np.array([each.name for each in labels]),
        bits=np.stack([pack(each.masks, shape).bits for each in labels]),
        shape=np.array(shape),
        labelled=np.array([each.labelled for each in labels]),
    )


def load_labels(folder: Path) -> dict[str, tuple[MaskSeries, NDArray[np.bool_]]]:
    """Read reference masks back: T masks by the name of the structure, and which frames have one, shape (T,)."""
    from cinecast.target import MaskSeries

    with np.load(folder / LABELS_FILE, allow_pickle=False) as file:
        rows, columns = file["shape"].tolist()
        names, bits, labelled = (file[name] for name in ("names", "bits", "labelled"))
    return {
        str(name): (MaskSeries(own, (rows, columns)), known)
        for name, own, known in zip(names, bits, labelled, strict=True)
    }
