"""Files of targets that may come later: each is read once it is whole, and again when it changes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time

# A file is whole when two looks find it alike, or when nobody has written on it for so many seconds.
_SETTLED_S = 2.0
# One that could not be read is tried again after so many seconds, each time after twice as many: what it lacked may lie
# in another file.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 32.0


@dataclass
class _Awaited:
    """What is known of one file: its size and time of change at the last look and when it was read, and its pause."""

    path: Path
    mark: tuple[int, int] | None = None
    read: tuple[int, int] | None = None
    failed: bool = False
    next_s: float = 0.0
    pause_s: float = _FIRST_PAUSE_S


class AwaitedFiles:
    """Tells which files are to be read now.

    Parameters
    ----------
    paths
        The files, which need not exist.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files = {path: _Awaited(path) for path in paths}

    @property
    def missing(self) -> tuple[Path, ...]:
        """Those that have not been seen yet."""
        return tuple(each.path for each in self._files.values() if each.mark is None)

    def look(self, now_s: float, *, patient: bool = True) -> list[Path]:
        """Return the files that are whole and not read yet as they are now, or worth another try.

        Parameters
        ----------
        now_s
            The time of this look, as `time.perf_counter` counts.
        patient
            Whether a file must be seen twice or be old; else it is taken as it is.

        Returns
        -------
        list[Path]
            Each must be answered by `done` or `failed`.
        """
        return [each.path for each in self._files.values() if self._is_due(each, now_s, patient)]

    def done(self, path: Path) -> None:
        """Remember that a file was read."""
        each = self._files[path]
        each.read, each.failed, each.pause_s = each.mark, False, _FIRST_PAUSE_S

    def failed(self, path: Path, now_s: float) -> None:
        """Remember that a file could not be read, or is wrong.

        Parameters
        ----------
        path
            The file.
        now_s
            When, as `time.perf_counter` counts.
        """
        each = self._files[path]
        each.read, each.failed = each.mark, True
        each.next_s, each.pause_s = now_s + each.pause_s, min(2 * each.pause_s, _LONGEST_PAUSE_S)

    def _is_due(self, each: _Awaited, now_s: float, patient: bool) -> bool:
        try:
            status = os.stat(each.path)
        except OSError:  # not there, or not any more: what was read stays
            return False
        before, each.mark = each.mark, (status.st_size, status.st_mtime_ns)
        if each.mark == each.read:
            return each.failed and now_s >= each.next_s
        return not patient or each.mark == before or time() - status.st_mtime > _SETTLED_S
