"""Faults of the disk, said in one sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecast.errors import StoreError

# Numbers of the errors of a disk, or quota, without room.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def as_store_error(root: Path, what: str = "the run", remedy: str = "choose another --out") -> Iterator[None]:
    """Turn an `OSError` of writing below ``root`` into a `StoreError` with the remedy.

    Parameters
    ----------
    root
        Folder that is written to.
    what
        What is written.
    remedy
        How to write elsewhere.

    Yields
    ------
    None
        To write in.

    Raises
    ------
    StoreError
        Whenever the disk is full, forbidden or broken.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(_sentence(root, error, what, remedy)) from error


def _sentence(root: Path, error: OSError, what: str, remedy: str) -> str:
    # numpy reports a short write without an error number ("... requested and ... written").
    if error.errno in FULL or (error.errno is None and "written" in str(error)):
        return (
            f"{what} needs space on the disk of {root}, got {error.strerror or 'a full disk'}; free some space and "
            "start the same command again: what is finished is kept"
        )
    if error.errno in _FORBIDDEN:
        return f"{what} must be writable, got {error.strerror} for {root}; {remedy} or change its permissions"
    return f"{what} needs a usable folder, got {error} for {root}; mend it or {remedy}"
