"""What a run folder holds of methods, read while another process still writes into it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecast.store.kept_results import KeptResult, kept_results
from helpers.command_line import made_at


@contextmanager
def folders_that_come_and_go(parent: Path) -> Iterator[None]:
    """Make and remove a half-written folder all the time, as a run does that puts its results in place."""
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            half_written = parent / ".tmp-host-1-2-3"
            half_written.mkdir()
            (half_written / "h002").mkdir()
            (half_written / "h002").rmdir()
            half_written.rmdir()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def test_results_are_named_in_the_order_of_stages(tmp_path: Path) -> None:
    for name in ("score/rls/h002", "forecast/rls/h002", "forecast/linear/h010", "forecast/linear/summary", "flow/h001"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "forecast" / "linear" / "h003").touch()
    assert kept_results(tmp_path) == [
        KeptResult("linear", 10, "forecast/linear/h010"),
        KeptResult("rls", 2, "forecast/rls/h002"),
        KeptResult("rls", 2, "score/rls/h002"),
    ]


def test_results_are_found_while_a_run_writes_others(tmp_path: Path) -> None:
    (tmp_path / "forecast" / "rls" / "h002").mkdir(parents=True)
    (tmp_path / "forecast" / "rls" / "h002" / "data.npy").write_bytes(b"")
    with folders_that_come_and_go(tmp_path / "forecast"):
        for _ in range(1000):
            assert kept_results(tmp_path) == [KeptResult("rls", 2, "forecast/rls/h002")]
            assert made_at(tmp_path).keys() == {"forecast/rls/h002/data.npy"}
