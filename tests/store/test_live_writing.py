"""What a live session keeps is written beside the stream, and what finds no place is counted."""

from __future__ import annotations

import errno
import json
import logging
import os
from pathlib import Path
from threading import Event, Thread

import nibabel
import numpy as np
import pytest

from cinecast.motion import MotionModel
from cinecast.store.live_folder import CHUNK, FORECASTS_FILE, FRAMES_FILE, SUMMARY_FILE, LiveFolder, frame_columns
from cinecast.store.live_writing import _MOST_WAITING, LiveWriting


def test_a_disk_that_hangs_does_not_hold_up_the_stream_until_much_waits(tmp_path: Path) -> None:
    writing, disk, written = LiveWriting(tmp_path), Event(), []

    def write(number: int) -> None:
        assert disk.wait(60)
        written.append(number)

    for number, size in enumerate((_MOST_WAITING - 50, 10, 40)):
        writing.write(lambda number=number: write(number), 32, size)  # type: ignore[misc]
    one_more = Thread(target=writing.write, args=(lambda: write(3), 32, 1))
    one_more.start()
    one_more.join(0.2)
    assert one_more.is_alive()  # here memory would grow
    assert written == []
    disk.set()
    one_more.join(60)
    writing.close()
    assert written == [0, 1, 2, 3]
    assert writing.unwritten == 0


def test_what_is_larger_than_may_wait_is_written_alone(tmp_path: Path) -> None:
    writing, written = LiveWriting(tmp_path), []
    for number in range(3):
        writing.write(lambda number=number: written.append(number), 1, 2 * _MOST_WAITING)  # type: ignore[misc]
    writing.close()
    assert written == [0, 1, 2]


def test_a_session_goes_on_while_its_table_hangs(tmp_path: Path) -> None:
    folder, disk = LiveFolder(tmp_path / "session", ""), Event()

    def hang() -> None:
        assert disk.wait(60)

    folder._writing.write(hang, 1, 0)
    model = MotionModel(np.zeros((4, 5, 2)), np.ones((1, 4, 5, 2)), np.ones(1))
    reference, weights, times_s = np.zeros((4, 5)), np.zeros((3, 1)), np.arange(3.0)
    folder.calibrated(reference, model, weights, times_s, spacing_mm=(2.0, 3.0), frame_period_s=0.1)
    frames = np.arange(2 * CHUNK + 1, dtype=np.uint16)[:, None, None] + np.zeros((4, 5), np.uint16)
    for number, frame in enumerate(frames):
        folder.add_frame([f"frame {number}", 0.1 * number, *[None] * (len(frame_columns(0)) - 2)])
        weights = np.array([[number + 0.5]])
        folder.add_forecast(f"frame {number}", 0.1 * number, 0.1 * number + 0.4, weights, weights, 0, frame)
        weights[:] = -1  # whoever has made it may use it again
    assert not (folder.root / FORECASTS_FILE).exists()
    disk.set()
    folder.close({})
    rows = (folder.root / FORECASTS_FILE).read_text().splitlines()
    assert [float(row.split(",")[4]) for row in rows[1:]] == [number + 0.5 for number in range(len(frames))]
    assert len((folder.root / FRAMES_FILE).read_text().splitlines()) == 1 + len(frames)
    files = sorted((folder.root / "predicted").iterdir())
    kept = [np.asarray(nibabel.load(file).dataobj) for file in files]  # type: ignore[attr-defined]
    assert [int(each[0, 0].max()) for each in kept] == [CHUNK - 1, 2 * CHUNK - 1, 2 * CHUNK]
    assert json.loads((folder.root / SUMMARY_FILE).read_text()) == {"unwritten": 0}


def test_what_finds_no_place_is_counted_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "file"))

    writing = LiveWriting(tmp_path)
    with caplog.at_level(logging.WARNING):
        writing.write(full, 32, 0)
        writing.write(full, 1, 0)
        writing.close()
    assert writing.unwritten == 33
    (record,) = caplog.records
    assert "the stream goes on; what is not written is counted" in record.getMessage()


def test_a_fault_of_the_program_is_not_hidden(tmp_path: Path) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    writing = LiveWriting(tmp_path)
    writing.write(wrong, 1, 0)
    with pytest.raises(ZeroDivisionError):
        writing.close()


def test_nor_is_it_by_the_next_file(tmp_path: Path) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    writing, ended = LiveWriting(tmp_path), Event()
    writing.write(wrong, 1, 0)
    writing._thread.submit(ended.set)
    assert ended.wait(60)
    with pytest.raises(ZeroDivisionError):
        writing.write(lambda: None, 1, 0)
    writing.close()
