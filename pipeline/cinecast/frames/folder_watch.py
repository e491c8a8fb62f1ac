"""Files of a folder as a scanner finishes them: what is half written is waited for, and not for ever."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Any

from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.dicom.header import FrameHeader, read_headers
from cinecast.frames.dicom.pixels import read_pixels
from cinecast.frames.streamed import StreamedFault

_LOG = logging.getLogger(__name__)

# Parsing a file that is not finished again and again would take the time that frames need.
_RETRY_S = 0.05
# A folder is listed again when its time of change says so, which has steps of some ms and is late on network disks.
_LIST_EVERY_S, _CHANGED_JUST_NOW_NS = 0.25, 50_000_000
# A file that is written to for longer, such as a log, is nothing that a stream goes on for.
_LONGEST_COMING_S = 60.0


@dataclass(frozen=True, eq=False)
class WatchedFrame:
    """A frame of a finished file: its header, its grey values (H, W) and when the file was seen whole, in s."""

    header: FrameHeader
    frame: NDArray[Any]
    seen_s: float


@dataclass
class _Pending:
    """A file that is not read yet: when it came, its size and time of change, since when so, and when to try next."""

    came_s: float
    mark: tuple[int, int]
    since_s: float
    next_s: float


class FolderWatch:
    """New DICOM files of a folder, each once, as soon as they are whole.

    A file is whole when its size and time of change are the same in two looks and it can be parsed to its end. Hidden
    files are left alone.

    Parameters
    ----------
    folder
        An existing folder.
    patience_s
        After so many seconds without a change a file that cannot be read is given up.
    """

    def __init__(self, folder: Path, patience_s: float = 5.0) -> None:
        self._folder, self._patience_s = folder, patience_s
        self._pending: dict[str, _Pending] = {}
        self._done: set[str] = set()
        self._names: list[str] = []
        self._folders_said = False
        self._newest: tuple[str, int] | None = None
        self._changed_ns, self._list_next_s = 0, 0.0

    def awaits_more(self, now_s: float) -> bool:
        """Whether a file has come, not long before ``now_s``, that is not whole yet as far as is known."""
        return any(now_s - pending.came_s < _LONGEST_COMING_S for pending in self._pending.values())

    def look(self, now_s: float) -> list[WatchedFrame | StreamedFault]:
        """Return what has become whole, and what is given up, since the last look.

        Parameters
        ----------
        now_s
            The time of this look, as `time.perf_counter` counts.

        Raises
        ------
        ReadError
            If the folder cannot be read.
        """
        found: list[WatchedFrame | StreamedFault] = []
        self._say_overwritten()
        for name, mark in self._unread(now_s):
            pending = self._pending.get(name)
            if pending is None or pending.mark != mark:
                self._pending[name] = _Pending(now_s if pending is None else pending.came_s, mark, now_s, now_s)
            elif now_s >= pending.next_s:
                found += self._read(name, pending, now_s)
        return found

    def _unread(self, now_s: float) -> list[tuple[str, tuple[int, int]]]:
        """Return the files that are not done, by name, with size and time of change."""
        try:
            self._list(now_s)
        except OSError as error:
            raise ReadError(
                f"the folder {self._folder} must be readable, got {error.strerror}; check the path and the disk"
            ) from error
        marks = []
        for name in self._names:
            path = self._folder / name
            try:
                status = path.stat()
            except OSError:  # renamed or removed since it was listed
                continue
            if path.is_file():
                marks.append((name, (status.st_size, status.st_mtime_ns)))
        return marks

    def _list(self, now_s: float) -> None:
        """Bring the list of files that are not done up to date; a folder of many files is not listed at every look."""
        changed_ns = self._folder.stat().st_mtime_ns
        if changed_ns == self._changed_ns and now_s < self._list_next_s:
            return
        with os.scandir(self._folder) as entries:
            new = [(e.name, e.is_dir()) for e in entries if e.name not in self._done and not e.name.startswith(".")]
        self._names = sorted(name for name, is_folder in new if not is_folder)
        # A scanner may write each frame under one name, and then rename it: what comes there again comes anew.
        self._pending = {name: self._pending[name] for name in self._names if name in self._pending}
        self._say_folders(sorted(name for name, is_folder in new if is_folder))
        # What came in the same step of the folder's clock, but after the listing, must be found by the next look.
        self._changed_ns = 0 if abs(time_ns() - changed_ns) < _CHANGED_JUST_NOW_NS else changed_ns
        self._list_next_s = now_s + _LIST_EVERY_S

    def _say_folders(self, folders: list[str]) -> None:
        """Say once that frames may come into folders of their own, as long as none has come where they are awaited."""
        if folders and not (self._done or self._names or self._folders_said):
            self._folders_said = True
            _LOG.warning(
                "%s holds the folder %s, whose files are not watched: watch that folder itself if frames come there",
                self._folder,
                folders[-1],
            )

    def _say_overwritten(self) -> None:
        """Say that the newest file that was read has been written anew, as by a scanner that has one name for all."""
        if self._newest is None:
            return
        name, changed_ns = self._newest
        try:
            again = (self._folder / name).stat().st_mtime_ns > changed_ns
        except OSError:  # frames may be taken away once they are read
            again = False
        if again:
            self._newest = None
            _LOG.warning(
                "%s was written again after it had been read, which is not seen as a new frame: each frame must be a "
                "file of its own name; have the scanner number them",
                name,
            )

    def _read(self, name: str, pending: _Pending, now_s: float) -> list[WatchedFrame | StreamedFault]:
        try:
            headers = read_headers(self._folder / name)
            frames = list(read_pixels(headers)) if headers else []
            fault = None if headers else "it is no DICOM image"
        except ReadError as error:
            headers, frames, fault = [], [], str(error)
        if fault is None:
            self._newest = (name, pending.mark[1])
            self._finish(name)
            return [WatchedFrame(header, frame, now_s) for header, frame in zip(headers, frames, strict=True)]
        if now_s - pending.since_s < self._patience_s:
            pending.next_s = now_s + _RETRY_S
            return []
        self._finish(name)
        return [StreamedFault(name, f"{fault} (unchanged for {self._patience_s:g} s)")]

    def _finish(self, name: str) -> None:
        self._done.add(name)
        self._names.remove(name)
        del self._pending[name]
