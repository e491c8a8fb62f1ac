"""Where values go while they are read: small ones into memory, others into a file without a name on a disk."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError

# What is larger goes to the disk, where there is one: frames of a usual sequence stay below.
MOST_IN_MEMORY = 1 << 25
# So many bytes are copied at a time.
_AT_ONCE = 1 << 24


class Sink(Protocol):
    """Takes bytes in their order."""

    def write(self, values: memoryview, /) -> object:
        """Take the next bytes."""
        ...

    def content(self) -> bytearray | mmap.mmap:
        """Return all that came; nothing more can be written."""
        ...


class Spool:
    """Where values go while they are read.

    Parameters
    ----------
    folder
        A folder on the disk that takes what is large; where it is not made yet, the nearest above it counts. What it
        takes has no name there, and is gone once nobody uses it any more, or the process ends. None: all goes into
        memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._mapped: list[NDArray[np.uint8]] = []

    def sink(self, size: int) -> Sink:
        """Return what takes so many bytes at most."""
        if self._folder is None or size <= MOST_IN_MEMORY:
            return _InMemory(size)
        return _OnDisk(self._folder, size, self._mapped)

    def frames(self, blocks: Iterable[NDArray[Any]], shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
        """Return frames that come in blocks as one array.

        Parameters
        ----------
        blocks
            Arrays of shape (n, H, W), in order; taken one at a time.
        shape
            (T, H, W), of which T may be more than come.
        kind
            Their type.

        Returns
        -------
        NDArray[Any]
            Contiguous; read-only where it lies on the disk.

        Raises
        ------
        ReadError
            If the disk is full.
        """
        sink = self.sink(int(np.prod(shape)) * kind.itemsize)
        for block in blocks:
            sink.write(np.ascontiguousarray(block, dtype=kind).reshape(-1).view(np.uint8).data)
        return np.frombuffer(sink.content(), dtype=kind).reshape(-1, *shape[1:])

    def native(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Return frames (T, H, W) contiguous and in the byte order of this machine, apart from the file they are of."""
        kind = frames.dtype.newbyteorder("=")
        if self._folder is None or frames.nbytes <= MOST_IN_MEMORY:
            return np.array(frames, dtype=kind, order="C")
        if frames.dtype == kind and frames.flags.c_contiguous and self._holds(frames):
            return frames
        return self.frames(parts(frames), frames.shape, kind)

    def _holds(self, array: NDArray[Any]) -> bool:
        return any(np.may_share_memory(array, mapped) for mapped in self._mapped)


# For readers that are given no disk.
MEMORY = Spool()


def parts(frames: NDArray[Any]) -> Iterable[NDArray[Any]]:
    """Yield frames (T, H, W) in blocks of 16 MB, or one by one where they are larger."""
    each = max(1, frames[0].nbytes) if len(frames) else 1
    together = max(1, _AT_ONCE // each)
    for start in range(0, len(frames), together):
        yield frames[start : start + together]


class _InMemory:
    def __init__(self, size: int) -> None:
        self._content, self._filled = bytearray(size), 0

    def write(self, values: memoryview) -> None:
        self._content[self._filled : self._filled + len(values)] = values
        self._filled += len(values)

    def content(self) -> bytearray:
        del self._content[self._filled :]
        return self._content


class _OnDisk:
    """Written as a stream: a memory map of a file on a full disk would kill the process instead of raising."""

    def __init__(self, folder: Path, size: int, mapped: list[NDArray[np.uint8]]) -> None:
        self._place, self._size, self._mapped = folder, size, mapped
        while not self._place.is_dir():
            self._place = self._place.parent
        try:
            self._file = tempfile.TemporaryFile(dir=self._place)  # noqa: SIM115 - closed once it is mapped
        except OSError as error:
            raise self._refused(error) from error

    def write(self, values: memoryview) -> None:
        try:
            self._file.write(values)
        except OSError as error:
            raise self._refused(error) from error

    def content(self) -> bytearray | mmap.mmap:
        try:
            with self._file:
                self._file.flush()
                if not os.fstat(self._file.fileno()).st_size:  # nothing came, and nothing cannot be mapped
                    return bytearray()
                content = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise self._refused(error) from error
        self._mapped.append(np.frombuffer(content, dtype=np.uint8))
        return content

    def _refused(self, error: OSError) -> ReadError:
        return ReadError(
            f"{self._size / 1e9:.2g} GB of grey values must find room on the disk of {self._place} while they are "
            f"read, got: {error.strerror}; free some there, or choose another place for the results"
        )
