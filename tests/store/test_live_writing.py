"""Files of a live session are written beside the stream, and what finds no place is counted."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path
from threading import Event, Thread

import pytest

from cinecast.store.live_writing import _MOST_WAITING, LiveWriting


def test_a_slow_disk_does_not_hold_up_the_stream_until_many_files_wait(tmp_path: Path) -> None:
    writing, disk, written = LiveWriting(tmp_path), Event(), []

    def write(number: int) -> None:
        assert disk.wait(60)
        written.append(number)

    for number in range(_MOST_WAITING):
        writing.beside(lambda number=number: write(number), 32)  # type: ignore[misc]
    writing.at_once(lambda: written.append(-1), 1)
    assert written == [-1]  # a row of a table does not wait behind files
    one_more = Thread(target=writing.beside, args=(lambda: write(_MOST_WAITING), 32))
    one_more.start()
    one_more.join(0.2)
    assert one_more.is_alive()  # here memory would grow
    disk.set()
    one_more.join(60)
    writing.close()
    assert written == [-1, *range(_MOST_WAITING + 1)]
    assert writing.unwritten == 0


def test_what_finds_no_place_is_counted_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "file"))

    writing = LiveWriting(tmp_path)
    with caplog.at_level(logging.WARNING):
        writing.beside(full, 32)
        writing.close()
        writing.at_once(full, 1)
    assert writing.unwritten == 33
    (record,) = caplog.records
    assert "the stream goes on; what is not written is counted" in record.getMessage()


def test_a_fault_of_the_program_is_not_hidden(tmp_path: Path) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    writing = LiveWriting(tmp_path)
    writing.beside(wrong, 1)
    with pytest.raises(ZeroDivisionError):
        writing.close()


def test_nor_is_it_by_the_next_file(tmp_path: Path) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    writing, ended = LiveWriting(tmp_path), Event()
    writing.beside(wrong, 1)
    writing._thread.submit(ended.set)
    assert ended.wait(60)
    with pytest.raises(ZeroDivisionError):
        writing.beside(lambda: None, 1)
    writing.close()
