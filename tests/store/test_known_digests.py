"""Digests of files that were read before: taken again only where the file is another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from cinecast.store import RunFolder, digests, record
from cinecast.store.digests import file_digest


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as written long ago."""
    monkeypatch.setattr(digests, "_JUST_WRITTEN_NS", 0)
    monkeypatch.setattr(digests, "_KNOWN", {})


@pytest.mark.usefixtures("settled")
def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"one")
    assert file_digest(path) == sha256(b"one")
    known = next(iter(digests._KNOWN))
    digests._KNOWN[known] = "as it was"
    assert file_digest(path) == "as it was"
    path.rename(tmp_path / "other")
    assert file_digest(tmp_path / "other") == "as it was" or len(digests._KNOWN) == 2  # renaming may touch its times


@pytest.mark.usefixtures("settled")
def test_a_file_that_was_written_or_replaced_is_read_again(tmp_path: Path) -> None:
    path, other = tmp_path / "one", tmp_path / "other"
    path.write_bytes(b"one")
    times = path.stat()
    assert file_digest(path) == sha256(b"one")
    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # the time of writing may be set; that of the change not
    assert file_digest(path) == sha256(b"two")
    other.write_bytes(b"333")
    other.replace(path)
    assert file_digest(path) == sha256(b"333")


def test_nothing_is_known_of_a_file_that_was_just_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_KNOWN", {})
    path = tmp_path / "one"
    path.write_bytes(b"one")
    assert file_digest(path) == sha256(b"one")
    assert not digests._KNOWN


@pytest.mark.usefixtures("settled")
def test_what_is_known_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_MOST_KNOWN", 3)
    for number in range(5):
        (tmp_path / str(number)).write_bytes(bytes([number]))
        assert file_digest(tmp_path / str(number)) == sha256(bytes([number]))
    assert len(digests._KNOWN) == 2


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("workers", [1, 2])
def test_digests_are_taken_ahead_and_what_is_gone_is_left(tmp_path: Path, workers: int) -> None:
    with RunFolder(tmp_path / "run", "one") as store:
        for key in ("flow", "motion"):
            with store.commit(key, "print", {}) as folder:
                (folder / "file").write_bytes(key.encode())
        digests._KNOWN.clear()
        store.path("motion", "file").unlink()
        store.read_ahead(["flow", "motion", "missing"], workers)
        assert set(digests._KNOWN.values()) == {sha256(b"flow")}


@pytest.mark.usefixtures("settled")
def test_a_record_is_read_once_and_again_when_it_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_KNOWN", {})
    with RunFolder(tmp_path / "run", "one") as store:
        for fingerprint in ("first", "second"):
            with store.commit("flow", fingerprint, {}):
                pass
            assert store.record("flow")["fingerprint"] == fingerprint
        known = next(reversed(record._KNOWN.values()))
        known["fingerprint"] = "as it was"
        assert store.record("flow")["fingerprint"] == "as it was"
        store.path("flow", "stage.json").write_text("{}")
        assert store.record("flow") == {}
