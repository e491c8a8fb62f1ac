"""A run folder: artifacts appear whole or not at all, and say what they were made from."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cinecast.errors import ReadError, StoreError
from cinecast.store import RunFolder, Status
from cinecast.store.digests import fingerprint, json_digest, source_digest
from cinecast.store.marker import saved_sequence
from helpers.command_line import digests

KEY = "forecast/linear/h003"


def write(store: RunFolder, print_: str = "one", content: str = "old", key: str = KEY) -> None:
    with store.commit(key, print_, {"a": 1}) as folder:
        (folder / "data.csv").write_text(content)
        (folder / "below").mkdir()
        (folder / "below/more.csv").write_text(content)


def test_an_artifact_is_missing_then_fresh_then_stale(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", "lung") as store:
        assert store.status(KEY, "one") is Status.MISSING
        write(store)
        assert store.status(KEY, "one") is Status.FRESH
        assert store.status(KEY, "two") is Status.STALE


def test_the_record_says_what_was_made(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store:
        write(store)
        record = store.record(KEY)
        assert record["settings"] == {"a": 1}
        assert set(record["files"]) == {"data.csv", "below/more.csv"}
        assert store.digest(KEY, "data.csv") == digests(tmp_path)[f"{KEY}/data.csv"]
        assert record["machine"]["processors"] == os.cpu_count()


def test_a_digest_of_what_is_not_there(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store, pytest.raises(StoreError, match=r"must exist in .*run the stage that"):
        store.digest(KEY, "data.csv")


def test_a_new_artifact_replaces_the_old_one_whole(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store:
        write(store)
        with store.commit(KEY, "two", {}) as folder:
            (folder / "other.csv").write_text("new")
        assert store.status(KEY, "two") is Status.FRESH
        assert {path.name for path in store.path(KEY).iterdir()} == {"other.csv", "stage.json"}
        assert [path.name for path in store.path(KEY).parent.iterdir()] == ["h003"]


@pytest.mark.parametrize("fault", [RuntimeError("fault"), KeyboardInterrupt()])
def test_an_exception_leaves_the_old_artifact(tmp_path: Path, fault: BaseException) -> None:
    with RunFolder(tmp_path, "lung") as store:
        write(store)
        before = digests(tmp_path)
        with pytest.raises(type(fault)), store.commit(KEY, "two", {}) as folder:  # noqa: PT012
            (folder / "data.csv").write_text("half")
            raise fault
        assert digests(tmp_path) == before
        assert store.status(KEY, "one") is Status.FRESH


def test_a_fault_while_renaming_leaves_the_old_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name.startswith(".tmp-"):
            raise OSError(5, "Input/output error")
        return rename(path, target)

    with RunFolder(tmp_path, "lung") as store:
        write(store)
        before = digests(tmp_path)
        monkeypatch.setattr(Path, "rename", failing)
        with pytest.raises(StoreError, match=r"needs a usable folder, got .*Input/output error"):
            write(store, "two", "new")
        assert digests(tmp_path) == before


def test_a_file_in_the_place_of_an_artifact_gives_way(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store:
        (tmp_path / "flow").write_text("mine")
        assert store.status("flow", "one") is Status.MISSING
        write(store, key="flow")
        assert store.status("flow", "one") is Status.FRESH
        assert {path.name for path in tmp_path.iterdir()} == {"flow", "run.json"}


def test_what_a_user_adds_to_an_artifact_is_no_damage(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store:
        write(store)
        (store.path(KEY) / "notes.txt").write_text("mine")
        assert store.status(KEY, "one") is Status.FRESH


def test_files_of_the_run_are_replaced_only_when_they_change(tmp_path: Path) -> None:
    with RunFolder(tmp_path, "lung") as store:
        store.write_file("score/scores.csv", b"one")
        changed = store.path("score/scores.csv").stat().st_mtime_ns
        store.write_file("score/scores.csv", b"one")
        assert store.path("score/scores.csv").stat().st_mtime_ns == changed
        store.write_file("score/scores.csv", b"two")
        assert store.read_file("score/scores.csv") == b"two"
        store.write_file("score/scores.csv", None)
        assert store.read_file("score/scores.csv") is None
        store.write_file("score/scores.csv", None)
        assert [path.name for path in (tmp_path / "score").iterdir()] == []


def test_a_run_knows_its_sequence(tmp_path: Path) -> None:
    assert saved_sequence(tmp_path) is None
    RunFolder(tmp_path, "lung").close()
    assert saved_sequence(tmp_path) == "lung"
    assert json.loads((tmp_path / "run.json").read_text())["format"] == 1
    (tmp_path / "run.json").write_text("[")
    assert saved_sequence(tmp_path) is None


def test_a_folder_that_is_no_run_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"must be a run or an empty folder, got .*which holds other files"):
        RunFolder(tmp_path, "lung")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = RunFolder(tmp_path, "lung")
    with pytest.raises(StoreError, match=r"one command at a time, got .*which another one is working on; wait for it"):
        RunFolder(tmp_path, "lung")
    first.close()
    first.close()
    RunFolder(tmp_path, "lung").close()


def test_a_refused_run_is_let_go(tmp_path: Path) -> None:
    RunFolder(tmp_path, "lung").close()
    with pytest.raises(StoreError, match=r"holds one sequence, got 'liver' for .*, which holds 'lung'"):
        RunFolder(tmp_path, "liver")
    RunFolder(tmp_path, "lung").close()


def test_fingerprints_know_everything_that_a_result_depends_on() -> None:
    base = fingerprint("flow", 1, {"levels": 3, "sigma": 1.0}, {"frames": "a"})
    assert base == fingerprint("flow", 1, {"sigma": 1.0, "levels": 3}, {"frames": "a"})
    others = [
        fingerprint("motion", 1, {"levels": 3, "sigma": 1.0}, {"frames": "a"}),
        fingerprint("flow", 2, {"levels": 3, "sigma": 1.0}, {"frames": "a"}),
        fingerprint("flow", 1, {"levels": 4, "sigma": 1.0}, {"frames": "a"}),
        fingerprint("flow", 1, {"levels": 3, "sigma": 1.0}, {"frames": "b"}),
        fingerprint("flow", 1, {"levels": 3, "sigma": 1.0}, {"image": "a"}),
    ]
    assert len({base, *others}) == 6
    assert json_digest((1, 2)) == json_digest([1, 2])


def test_a_source_is_its_names_and_bytes_in_any_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    base = source_digest([one, two])
    assert source_digest([two, one]) == base
    two.write_text("3")
    assert source_digest([one, two]) != base
    two.write_text("2")
    assert source_digest([one, two.rename(tmp_path / "three")]) != base


def test_a_file_of_a_sequence_that_is_moved_away_meanwhile_is_said(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"1")
    with pytest.raises(
        ReadError, match="must stay while it is read, got two listed and gone again; wait until nothing"
    ):
        source_digest([tmp_path / "one", tmp_path / "two"])
