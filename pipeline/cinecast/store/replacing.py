"""Files and folders that appear whole or not at all, and the mending of what a kill leaves."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY, _REPLACED = ".tmp-", ".old-"
_FLUSHED_AT_ONCE = 8
# A restarted container gives the same process number again; what an earlier process wrote has another token.
_TOKEN = uuid.uuid4().hex[:8]


def temporary_folder(target: Path) -> Path:
    """Make and return an empty folder beside ``target``, to be written and put in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f"{TEMPORARY}{_owner()}"
    temporary.mkdir()
    return temporary


def put_in_place(temporary: Path, target: Path) -> None:
    """Make a finished folder the folder ``target``; an old one stays until the new one stands.

    Parameters
    ----------
    temporary
        The finished folder, beside the target: see `temporary_folder`.
    target
        Where it is to stand; what stands there is removed.

    Raises
    ------
    OSError
        If the folder cannot be flushed to the disk or renamed; what stood at the target still stands there.
    """
    _flush(temporary)
    replaced = target.parent / f"{_REPLACED}{target.name}~{_owner()}"
    if target.exists():
        target.rename(replaced)
    try:
        temporary.rename(target)
    except OSError:
        if replaced.exists() and not target.exists():
            replaced.rename(target)
        raise
    _remove(replaced)


def being_replaced(target: Path) -> bool:
    """Whether the folder ``target`` is moved away just now, to be replaced; also where a kill has left it so."""
    prefix = f"{_REPLACED}{target.name}~"
    try:
        return any(name.startswith(prefix) for name in os.listdir(target.parent))
    except OSError:  # there is no such folder
        return False


def put_away(target: Path) -> None:
    """Remove a folder: at once under its name, so that a kill leaves no half of it there."""
    temporary = target.parent / f"{TEMPORARY}{_owner()}"
    target.rename(temporary)
    _remove(temporary)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, with the ending of ``target``; it replaces ``target`` at the end.

    After an error or a kill the old file stays as it was.
    """
    temporary = target.parent / f"{TEMPORARY}{_owner()}~{target.name}"
    try:
        yield temporary
        _wait_for_disk(temporary)
        temporary.replace(target)
    except BaseException:
        _remove(temporary)
        raise


def recover(root: Path) -> None:
    """Bring back what ended processes left half replaced below ``root``, and sweep what they left half written."""
    left = _left_behind(root)
    for replaced in [path for path in left if path.name.startswith(_REPLACED)]:
        if _abandoned(replaced):
            name = replaced.name.removeprefix(_REPLACED).rpartition("~")[0]
            _bring_back(replaced, replaced.parent / name)
            left = _left_behind(root)  # what lies in it has come back with it
    _sweep(path for path in left if path.name.startswith(TEMPORARY))


def _left_behind(root: Path) -> list[Path]:
    """Return all that may have been left below a folder, in one walk: a run has some thirty folders."""
    return [
        Path(folder, name)
        for folder, folders, files in os.walk(root)
        for name in (*folders, *files)
        if name.startswith((_REPLACED, TEMPORARY))
    ]


def recover_here(root: Path) -> None:
    """Sweep the files that ended processes left half written in ``root`` itself; what lies deeper is left alone."""
    _sweep(root.glob(f"{TEMPORARY}*"))


def recover_beside(target: Path) -> None:
    """Bring back the folder ``target`` that an ended process had half replaced, and sweep what such left beside it."""
    prefix = f"{_REPLACED}{target.name}~"
    for replaced in [path for path in target.parent.glob(f"{_REPLACED}*") if path.name.startswith(prefix)]:
        if _abandoned(replaced):
            _bring_back(replaced, target)
    recover_here(target.parent)


def _sweep(temporaries: Iterable[Path]) -> None:
    for temporary in list(temporaries):
        if _abandoned(temporary):
            _remove(temporary)


def _bring_back(replaced: Path, target: Path) -> None:
    if target.exists():
        _remove(replaced)
    else:
        replaced.rename(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _owner() -> str:
    """Return a new name that tells which process made it."""
    return f"{socket.gethostname()}-{os.getpid()}-{_TOKEN}-{uuid.uuid4().hex[:8]}"


def _abandoned(path: Path) -> bool:
    """Whether the process that made a temporary file or folder ran on this machine and has ended."""
    _, prefix, rest = path.name.partition(TEMPORARY if path.name.startswith(TEMPORARY) else _REPLACED)
    owner = rest.partition("~")[0] if prefix == TEMPORARY else rest.rpartition("~")[2]
    host, process, token, _ = ["", "", "", "", *owner.rsplit("-", 3)][-4:]
    if host != socket.gethostname() or not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return token != _TOKEN
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return _is_zombie(process)


def _is_zombie(process: str) -> bool:
    """Whether a process has ended and only waits to be collected: its locks are free by then, its number is not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux, or gone by now
        return False
    return status.rpartition(")")[2].split()[:1] == ["Z"]


def _flush(folder: Path) -> None:
    """Wait until a folder and its files are on the disk; before the rename, which must not overtake them."""
    inside = list(folder.rglob("*"))
    # At once: the journal of the file system then writes all of them together, and not one after another.
    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as pool:
        for _ in pool.map(_wait_for_disk, inside):  # raises what a thread raised
            pass
    _wait_for_disk(folder)


def _wait_for_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
