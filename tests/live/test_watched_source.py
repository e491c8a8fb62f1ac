"""When the stream of a watched folder has ended: once a look finds that nothing has come for so long."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from cinecast.frames import folder_watch
from cinecast.frames.streamed import Streamed
from cinecast.live.sources import WatchedSource
from cinecast.settings import FramesSettings
from helpers.dicom_files import cine, save

FRAMES = np.random.default_rng(0).integers(1, 4000, (4, 10, 9), dtype=np.uint16)
NAMES = [f"{t}.dcm" for t in range(4)]
IDLE_S = 0.2


def arrived(folder: Path, busy: list[float]) -> list[Streamed]:
    """Return what comes while a session is busy for so long each, in which a scanner writes all of its frames."""
    found: list[Streamed] = []
    for each in WatchedSource(folder, FramesSettings(), IDLE_S, Event()).arrivals():
        if each is not None:
            found.append(each)
        elif busy:
            if not any(folder.iterdir()):
                save(folder, cine(FRAMES), NAMES)
            time.sleep(busy.pop())
    return found


def test_frames_that_came_while_nobody_looked_for_longer_than_idle_are_taken(tmp_path: Path) -> None:
    assert [each.name for each in arrived(tmp_path, [1.5 * IDLE_S])] == NAMES


def test_frames_that_were_seen_and_are_still_to_be_looked_at_again_are_taken(tmp_path: Path) -> None:
    assert [each.name for each in arrived(tmp_path, [1.5 * IDLE_S] * 2)] == NAMES


def test_a_log_that_is_written_to_all_the_time_is_nothing_to_go_on_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "_LONGEST_COMING_S", 1.0)
    log, began_s = tmp_path / "scanner.log", time.perf_counter()
    for _ in WatchedSource(tmp_path, FramesSettings(), IDLE_S, Event()).arrivals():
        with log.open("a") as file:
            file.write("a line\n")
        assert time.perf_counter() - began_s < 20.0
    assert time.perf_counter() - began_s > 1.0


def test_it_ends_where_nothing_comes(tmp_path: Path) -> None:
    assert arrived(tmp_path, []) == []
