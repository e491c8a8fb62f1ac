"""Who only looks at a run sees what was there or what has come, never what lies between."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.errors import StoreError
from cinecast.export import content
from cinecast.export.choice import ExportChoice
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run import source_frames
from cinecast.run.runner import run_sequence
from cinecast.run.scope import Scope
from cinecast.settings import Settings
from cinecast.store import RunFolder, Status, artifact_status, folder
from cinecast.store import artifacts as art
from cinecast.store.arrays import save_array
from cinecast.store.record import read_record
from cinecast.store.unchanged import unchanged_meanwhile
from helpers.command_line import owner_of


def make(store: RunFolder, key: str = "flow") -> None:
    with store.commit(key, "one", {}) as folder:
        for name in ("dvf.npy", "shares.json"):
            (folder / name).write_bytes(np.random.default_rng().bytes(1000))


@pytest.mark.parametrize("replaced", [1, 3])
def test_what_is_replaced_while_somebody_looks_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    looks: list[Path] = []

    def replaced_meanwhile(path: Path) -> dict[str, Any] | None:
        record, before = read_record(path), len(looks)
        looks.append(path)
        if before < 2 * replaced and before % 2 == 0:  # each time it is held against its files
            make(store)
        return record

    with RunFolder(tmp_path / "run", "lung") as store:
        make(store)
        monkeypatch.setattr(folder, "read_record", replaced_meanwhile)
        assert artifact_status(tmp_path / "run", "flow", "one") is Status.FRESH
        assert len(looks) > replaced
        (tmp_path / "run/flow/dvf.npy").write_bytes(b"damage")
        assert artifact_status(tmp_path / "run", "flow", "one") is Status.DAMAGED


def test_what_is_moved_away_to_be_replaced_is_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        make(store)
        flow = tmp_path / "run/flow"
        moved = flow.rename(tmp_path / f"run/.old-flow~{owner_of(1)}")
        monkeypatch.setattr(time, "sleep", lambda _: moved.rename(flow))  # while it waits to look again
        assert artifact_status(tmp_path / "run", "flow", "one") is Status.FRESH


def test_what_a_kill_has_left_moved_away_is_missing_until_it_is_mended(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        make(store)
        (tmp_path / "run/flow").rename(tmp_path / f"run/.old-flow~{owner_of(1)}")
        assert store.status("flow", "one") is Status.MISSING


def test_a_file_that_is_removed_once_it_was_seen_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        store.write_file("scores.csv", b"1")
        monkeypatch.setattr(Path, "is_file", lambda path: (path.unlink(), True)[1])
        assert store.read_file("scores.csv") is None


def test_frames_that_another_command_puts_in_their_place_are_not_taken_for_those_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = PhantomSettings(rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=60, frame_period_s=0.25)
    source, out = tmp_path / "phantom.nii.gz", tmp_path / "run"
    write_phantom(source, make_phantom(settings))
    run_sequence(source, out, Settings(), scope=Scope(until="frames"))
    wanted, load = art.load_sequence(out / art.FRAMES), art.load_sequence

    def replaced_meanwhile(folder: Path) -> object:
        with RunFolder(out, wanted.name) as store, store.commit(art.FRAMES, "another", {}) as frames:
            art.save_sequence(frames, wanted)
            art.save_warnings(frames, [])
            save_array(frames / "frames.npy", np.flip(wanted.frames, 1))
        return load(folder)

    monkeypatch.setattr(art, "load_sequence", replaced_meanwhile)
    found = source_frames.source_frames(source, out, Settings(), Scope())
    np.testing.assert_array_equal(found.sequence.frames, wanted.frames)


def test_what_is_read_together_belongs_together(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        make(store, "flow")
        make(store, "forecast/rls/h002")
        with unchanged_meanwhile(tmp_path / "run"):
            make(store, "forecast/linear/h002")
        for key, change in (("flow", make), ("forecast/rls/h002", RunFolder.remove)):
            sentence = (
                f"a run must stay as it is while it is read, got {key} made anew in .*run by another command; wait"
            )
            with pytest.raises(StoreError, match=sentence), unchanged_meanwhile(tmp_path / "run"):
                change(store, key)


def test_what_is_the_same_as_before_may_be_read_together(tmp_path: Path) -> None:
    """A disk that numbers its files anew, a run that is copied back, and what is made of it."""
    with RunFolder(tmp_path / "run", "lung") as store:
        for key in ("flow", "report", "score/rls/h002", "score/labels"):
            make(store, key)
        with unchanged_meanwhile(tmp_path / "run"):
            shutil.copytree(tmp_path / "run/flow", tmp_path / "copy")
            shutil.rmtree(tmp_path / "run/flow")
            (tmp_path / "copy").rename(tmp_path / "run/flow")
            (tmp_path / "run/flow/stage.json").touch()
            make(store, "report")
            make(store, "score/rls/h002")
        with (
            pytest.raises(StoreError, match="got score/labels made anew"),
            unchanged_meanwhile(tmp_path / "run"),
        ):
            make(store, "score/labels")


def test_an_export_of_what_is_made_anew_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        make(store)
        monkeypatch.setattr(content, "_content", lambda *_: make(store))
        with pytest.raises(StoreError, match="a run must stay as it is while it is read, got flow made anew"):
            content.load_content(tmp_path / "run", ExportChoice("frames"))
