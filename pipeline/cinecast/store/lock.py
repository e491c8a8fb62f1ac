"""Who may work on a folder: one command that changes it, or several that share it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cinecast.errors import StoreError

if sys.platform != "win32":
    import fcntl

_POLL_S = 0.1


class FolderLock:
    """Held from its making to `close`, or to the end of the process however it ends; leaves no trace in the folder.

    Without it, a second process with other settings could replace an input after its digest was taken. Where the
    file system knows no locks there is none.

    Parameters
    ----------
    root
        An existing folder.
    shared
        Whether others may share it; nobody shares it with one who does not.
    wait
        Called again and again while another process holds it, and may raise to give up; None: do not wait.
    what
        What the folder is, for the sentence.

    Raises
    ------
    StoreError
        If another process holds it.
    """

    def __init__(
        self, root: Path, *, shared: bool = False, wait: Callable[[], None] | None = None, what: str = "a run"
    ) -> None:
        self._descriptor: int | None = os.open(root, os.O_RDONLY) if sys.platform != "win32" else None
        try:
            while not _lock(self._descriptor, shared):
                if wait is None:
                    raise StoreError(
                        f"{what} is worked on by one command at a time, got {root}, which another one is working on; "
                        "wait for it, or choose another --out"
                    )
                wait()
                time.sleep(_POLL_S)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others work on the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int | None, shared: bool) -> bool:
    """Return whether the lock is ours; also where the file system (some network ones) knows no locks."""
    if sys.platform == "win32" or descriptor is None:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
