"""A folder of pages replaces an earlier one, loses nothing else, and comes back after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cinecast.errors import StoreError
from cinecast.store.pages import prepare_pages_folder, write_pages
from helpers.command_line import digests, owner_of

FILES = {"index.html": b"<p>", "assets/numbers.js": b"1", "assets/entry_001.js": b"2", "assets/report.css": b"3"}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    write_pages(tmp_path / "page", FILES)
    return tmp_path / "page"


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_an_earlier_report_is_replaced_whole(page: Path) -> None:
    write_pages(page, {name: content for name, content in FILES.items() if "entry" not in name})
    assert set(digests(page)) == {"index.html", "assets/numbers.js", "assets/report.css", "assets/files.json"}
    assert [path.name for path in page.parent.iterdir()] == ["page"]


@pytest.mark.parametrize("name", ["my_notes.txt", "assets/mine.js", "notes/today.txt", "stage.json"])
def test_what_no_report_wrote_is_not_lost(page: Path, name: str) -> None:
    (page / name).parent.mkdir(exist_ok=True)
    (page / name).write_text("mine")
    before = digests(page)
    own = name.partition("/")[0] if name.startswith("notes") else name
    with pytest.raises(StoreError, match=f"must replace nothing but an earlier report, got {own} in .*; move it"):
        write_pages(page, FILES)
    assert digests(page) == before


def test_an_empty_folder_of_the_users_is_not_lost(page: Path) -> None:
    (page / "notes").mkdir()
    with pytest.raises(StoreError, match="got notes in "):
        prepare_pages_folder(page)


@pytest.mark.parametrize("damaged", [None, b"[", b"\xff", b"3"])
def test_a_report_without_a_list_is_replaced_if_it_holds_what_reports_hold(page: Path, damaged: bytes | None) -> None:
    (page / "assets/files.json").unlink()
    if damaged is not None:
        (page / "assets/files.json").write_bytes(damaged)
    (page / "stage.json").write_text("{}")  # of a copy of a run's own report
    (page / "assets/drawing.js").write_text("0")  # of a version that had other scripts
    write_pages(page, FILES)
    assert set(digests(page)) == {*FILES, "assets/files.json"}


@pytest.mark.parametrize("name", ["my_notes.txt", "assets/photo.png", "mine.js"])
def test_a_report_without_a_list_that_holds_more_is_left_alone(page: Path, name: str) -> None:
    (page / "assets/files.json").unlink()
    (page / name).write_text("mine")
    with pytest.raises(StoreError, match=f"got {name} in "):
        write_pages(page, FILES)
    assert (page / name).read_text() == "mine"


def test_a_report_that_a_killed_process_moved_away_comes_back(page: Path) -> None:
    before = digests(page)
    page.rename(page.with_name(f".old-page~{owner_of(ended_process())}"))
    half = page.with_name(f".tmp-{owner_of(ended_process())}")
    half.mkdir()
    prepare_pages_folder(page)
    assert digests(page) == before
    assert [path.name for path in page.parent.iterdir()] == ["page"]


def test_a_report_that_a_killed_process_had_replaced_is_swept(page: Path) -> None:
    page.with_name(f".old-page~{owner_of(ended_process())}").mkdir()
    write_pages(page, FILES)
    assert [path.name for path in page.parent.iterdir()] == ["page"]


@pytest.mark.parametrize("name", ["other", "page2", "p*"])
def test_a_report_of_another_name_stays_where_it_is(page: Path, name: str) -> None:
    other = page.with_name(f".old-{name}~{owner_of(ended_process())}")
    other.mkdir()
    prepare_pages_folder(page)
    assert other.is_dir()


def test_what_a_living_process_is_replacing_is_left_alone(page: Path) -> None:
    moved = page.rename(page.with_name(f".old-page~{owner_of(os.getppid())}"))
    prepare_pages_folder(page)
    assert moved.is_dir()
    assert not page.exists()
