"""What other programs may take from a finished run: read without a lock, checked against what was written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError
from cinecast.sequence import Sequence
from cinecast.store import artifacts as art
from cinecast.store.digests import file_digest
from cinecast.store.marker import saved_sequence
from cinecast.store.record import read_record


class RunWeights(NamedTuple):
    """What a run measured.

    Parameters
    ----------
    sequence
        The sequence.
    weights
        Weights (T, K) of its motion model, which was fitted to the train span.
    held
        Frames whose motion was not measured: their weights are those of the frame before.
    """

    sequence: Sequence
    weights: NDArray[np.float64]
    held: tuple[int, ...] = ()


def read_run_weights(root: Path) -> RunWeights:
    """Return the weights that a run measured.

    Raises
    ------
    StoreError
        If the folder is not a run, or frames or motion are missing or damaged.
    """
    if saved_sequence(root) is None:
        raise StoreError(
            f"a folder to learn from must be a run, got {root}; name the --out of 'cinecast run', or a CSV or NPZ file"
        )
    _check_whole(root, art.FRAMES)
    sequence = art.load_sequence(root / art.FRAMES)
    motion = art.motion_key(sequence.split.train_end)
    _check_whole(root, motion)
    flow = read_record(root / art.FLOW) or {}
    return RunWeights(sequence, art.load_weights(root / motion), tuple(flow.get("settings", {}).get("held", ())))


def _check_whole(root: Path, key: str) -> None:
    record = read_record(root / key)
    files = {} if record is None else record["files"]
    whole = files and all((root / key / n).is_file() and file_digest(root / key / n) == d for n, d in files.items())
    if not whole:
        raise StoreError(
            f"a run to learn from must be finished, got {key} {'damaged' if files else 'missing'} in {root}; finish it "
            "with 'cinecast run' (of a series give the file itself)"
        )
