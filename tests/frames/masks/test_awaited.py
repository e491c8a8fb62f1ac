"""Files that may come later: read once they are whole, again when they change, and not all the time in vain."""

from __future__ import annotations

import os
import time
from pathlib import Path

from cinecast.frames.masks.awaited import AwaitedFiles


def test_a_file_is_read_once_when_two_looks_find_it_alike(tmp_path: Path) -> None:
    path = tmp_path / "mask.npy"
    awaited = AwaitedFiles([path])
    assert awaited.look(0.0) == []
    assert awaited.missing == (path,)
    path.write_bytes(b"half")
    assert awaited.look(0.1) == []
    path.write_bytes(b"half and half")
    assert awaited.look(0.2) == []
    assert awaited.look(0.3) == [path]
    awaited.done(path)
    assert awaited.look(0.4) == []
    assert awaited.missing == ()


def test_an_old_file_and_one_that_is_not_waited_for_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "mask.npy"
    path.write_bytes(b"new")
    assert AwaitedFiles([path]).look(0.0) == []
    assert AwaitedFiles([path]).look(0.0, patient=False) == [path]
    os.utime(path, (time.time() - 10,) * 2)
    assert AwaitedFiles([path]).look(0.0) == [path]


def test_a_file_that_changes_is_read_again_and_one_that_goes_stays_read(tmp_path: Path) -> None:
    path = tmp_path / "mask.npy"
    path.write_bytes(b"first")
    awaited = AwaitedFiles([path])
    assert awaited.look(0.0, patient=False) == [path]
    awaited.done(path)
    path.write_bytes(b"second one")
    assert awaited.look(1.0, patient=False) == [path]
    awaited.done(path)
    path.unlink()
    assert awaited.look(2.0, patient=False) == []


def test_a_file_that_failed_is_tried_again_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    path = tmp_path / "mask.mhd"
    path.write_bytes(b"its data lie elsewhere")
    awaited, tried = AwaitedFiles([path]), []
    for tenth in range(200):
        if awaited.look(tenth / 10, patient=False):
            tried.append(tenth)
            awaited.failed(path, tenth / 10)
    assert tried == [0, 10, 30, 70, 150]
    path.write_bytes(b"changed meanwhile")
    assert awaited.look(20.0, patient=False) == [path]
