"""Where compiled code is kept in a container: numba takes it only from a folder that it may write to.

An image brings the code that was compiled when it was built, in the folder that ``NUMBA_CACHE_DIR`` names. Where the
container may not write there, it is copied to a temporary folder: that takes less than compiling it again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


@contextmanager
def kept_code() -> Iterator[None]:
    """Let numba use compiled code that it may not write to; to be entered before numba is imported."""
    kept = os.environ.get(VARIABLE, "")
    if not kept or _writable(Path(kept)):
        yield
        return
    try:
        copy = tempfile.mkdtemp(prefix="cinecast-")
    except OSError:  # nowhere to write to: each function is compiled for this process alone
        yield
        return
    try:
        if Path(kept).is_dir():
            _copy(Path(kept), Path(copy))
        os.environ[VARIABLE] = copy
        yield
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _copy(kept: Path, copy: Path) -> None:
    shutil.copytree(kept, copy, dirs_exist_ok=True)
    for folder in (path for path in copy.rglob("*") if path.is_dir()):
        folder.chmod(0o700)  # it came with the permissions of the image


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
