"""What the folder of a run and that of a batch have in common: one holder at a time, files that are replaced whole."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from cinecast.errors import StoreError
from cinecast.store import CohortFolder, RunFolder

Opened = Callable[[Path], "RunFolder | CohortFolder"]


def run_of_lung(root: Path) -> RunFolder:
    return RunFolder(root, "lung")


def cohort_of_none(root: Path) -> CohortFolder:
    folder = CohortFolder(root)
    if not folder.read():
        folder.write({"sequences": []})
    return folder


FOLDERS = pytest.mark.parametrize("opened", [run_of_lung, cohort_of_none])


@FOLDERS
def test_a_file_is_left_alone_replaced_or_removed(opened: Opened, tmp_path: Path) -> None:
    with opened(tmp_path) as folder:
        folder.write_file("tables/one.csv", b"1")
        written = (tmp_path / "tables" / "one.csv").stat().st_mtime_ns
        folder.write_file("tables/one.csv", b"1")
        assert (tmp_path / "tables" / "one.csv").stat().st_mtime_ns == written
        folder.write_file("tables/one.csv", b"2")
        assert folder.read_file("tables/one.csv") == b"2"
        folder.write_file("tables/one.csv", None)
        assert folder.read_file("tables/one.csv") is None
        assert list((tmp_path / "tables").iterdir()) == []


@pytest.mark.parametrize(("opened", "said"), [(run_of_lung, "a run"), (cohort_of_none, "a batch")])
def test_a_second_holder_is_told_what_it_is(opened: Opened, said: str, tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(StoreError, match=f"^{said} is worked on by one command at a time"):
        opened(tmp_path)
    opened(tmp_path).close()


@FOLDERS
def test_who_looks_disturbs_nobody(opened: Opened, tmp_path: Path) -> None:
    with opened(tmp_path) as folder:
        folder.write_file("one.csv", b"1")
        leftover = tmp_path / f".tmp-{socket.gethostname()}-99999999-abcdefgh-12345678~two.csv"
        leftover.write_bytes(b"")  # of a process that has ended
        type(folder).view(tmp_path).close()
        assert type(folder).view(tmp_path).read_file("one.csv") == b"1"
        assert leftover.exists()
    opened(tmp_path).close()
    assert not leftover.exists()


@FOLDERS
def test_a_file_is_no_folder(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StoreError, match=r"must be a folder, got the file .*out; choose another --out"):
        opened(tmp_path / "out")
