"""One process at a time works on a run folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cinecast.errors import StoreError

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Held from its making to `close`, or to the end of the process however it ends; leaves no trace in the folder.

    Without it, a second process with other settings could replace an input after its digest was taken. Where the
    file system knows no locks there is none.

    Parameters
    ----------
    root
        An existing folder.

    Raises
    ------
    StoreError
        If another process holds it.
    """

    def __init__(self, root: Path) -> None:
        self._descriptor: int | None = os.open(root, os.O_RDONLY) if sys.platform != "win32" else None
        try:
            _lock(self._descriptor)
        except BlockingIOError as error:
            self.close()
            raise StoreError(
                f"a run is worked on by one command at a time, got {root}, which another one is working on; wait for "
                "it, or choose another --out"
            ) from error

    def close(self) -> None:
        """Let others work on the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int | None) -> None:
    if sys.platform == "win32" or descriptor is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return  # some network file systems
