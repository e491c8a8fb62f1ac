"""Faults of the disk, said in one sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecast.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def as_store_error(root: Path) -> Iterator[None]:
    """Turn an `OSError` of writing below ``root`` into a `StoreError` with the remedy."""
    try:
        yield
    except OSError as error:
        raise _explain(root, error) from error


def _explain(root: Path, error: OSError) -> StoreError:
    # numpy reports a short write without an error number ("... requested and ... written").
    if error.errno in _FULL or (error.errno is None and "written" in str(error)):
        return StoreError(
            f"the run needs space on the disk of {root}, got {error.strerror or 'a full disk'}; free some space and "
            "start the same command again: what is finished is kept"
        )
    if error.errno in _FORBIDDEN:
        return StoreError(
            f"the run folder must be writable, got {error.strerror} for {root}; choose another --out or change "
            "its permissions"
        )
    return StoreError(f"the run folder {root} must be usable, got {error}; mend it or choose another --out")
