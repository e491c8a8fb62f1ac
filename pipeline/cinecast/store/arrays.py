"""Arrays as .npy files: memory-mapped when read, streamed when written, never unpickled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.parsed_text import parse_json

# So many bytes are written at a time.
_AT_ONCE = 1 << 24
# How much of each frame the flow does not explain: by it warnings name frames; nothing is made from it.
UNEXPLAINED_FILE = "unexplained_shares.json"


def load_array(path: Path) -> NDArray[Any]:
    """Memory-map an .npy file; never unpickles."""
    # As a plain array on the mapped file: the class of memory maps makes each small operation twice as slow.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as .npy, in parts.

    NumPy's own writing leaves the last bytes in a buffer of the C library, and says nothing where they find no room.

    Parameters
    ----------
    path
        In an existing folder.
    array
        Shape (T, ...); it may be memory-mapped.
    """
    together = max(1, _AT_ONCE // max(1, array[:1].nbytes))
    with path.open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(array), together):
            file.write(np.ascontiguousarray(array[start : start + together]).data)


def save_fields(path: Path, fields: Iterable[NDArray[np.float32]], shape: tuple[int, int, int]) -> None:
    """Write vector fields (H, W, 2) one after another as one float32 .npy array (T, H, W, 2).

    Written as a stream: a memory map of a file on a full disk would kill the process instead of raising.

    Parameters
    ----------
    path
        In an existing folder.
    fields
        T arrays of shape (H, W, 2); taken one at a time.
    shape
        (T, H, W), known before the first of them is.
    """
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (*shape, 2)}
        np.lib.format.write_array_header_1_0(file, header)
        for field in fields:
            file.write(np.ascontiguousarray(field, dtype="<f4").data)


def save_dvf(folder: Path, fields: Iterable[NDArray[np.float32]], shape: tuple[int, int, int]) -> None:
    """Write DVFs, as `save_fields` does.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    fields
        T arrays of shape (H, W, 2), pixels, last axis (x = column, y = row).
    shape
        (T, H, W).
    """
    save_fields(folder / "dvf.npy", fields, shape)


def save_unexplained(folder: Path, shares: Iterable[float]) -> None:
    """Write how much of each frame the flow does not explain, as JSON.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    shares
        Share of the textured tissue of each of T frames, 0 to 1.
    """
    (folder / UNEXPLAINED_FILE).write_text(json.dumps([float(share) for share in shares]), encoding="utf-8")


def load_unexplained(folder: Path) -> NDArray[np.float64]:
    """Return how much of each frame the flow does not explain, shape (T,), 0 to 1; (0,) where that was not kept."""
    path = folder / UNEXPLAINED_FILE
    kept = parse_json(path.read_text(encoding="utf-8")) if path.is_file() else []
    return np.array(kept, dtype=np.float64)
