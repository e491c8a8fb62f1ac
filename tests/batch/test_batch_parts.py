"""The small parts of a batch: its folder, failures, logs, order of redoing, and the time that is left."""

from __future__ import annotations

import json
import logging
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from cinecast.batch.driver import _ordered
from cinecast.batch.failures import Failures
from cinecast.batch.job import BatchError, Job, LogLine, Outcome, SupersededError, Ticket, Todo
from cinecast.batch.log import BatchLog
from cinecast.batch.preparing import saved_cohort
from cinecast.batch.task_log import listening
from cinecast.batch.tasks import make_step, open_sequence
from cinecast.batch.watching import Watcher
from cinecast.errors import StoreError
from cinecast.run.scope import Scope
from cinecast.settings import Settings
from cinecast.store import CohortFolder, RunFolder, cohort_left_alone
from cinecast.store.cohort import read_cohort
from cinecast.store.lock import FolderLock


@pytest.fixture(autouse=True)
def _heard_again() -> Iterator[None]:
    """Let later tests hear the loggers that a task took for itself, as it does for good in a worker."""
    yield
    logging.captureWarnings(False)
    for name in ("cinecast", "cinecast_models", "py.warnings"):
        logging.getLogger(name).propagate = True


def outcome(state: str = "made", key: str = "flow", seconds: float = 0.0, **more: object) -> Outcome:
    return Outcome("one", key, key.split("/")[0], state, seconds=seconds, **more)  # type: ignore[arg-type]


def test_the_time_that_is_left_goes_by_the_mean_of_each_stage() -> None:
    watcher = Watcher()
    for key in ["flow"] * 4 + ["warp"] * 6:
        watcher.expect(Todo(key, key, ()))
    assert watcher.remaining_s() is None
    watcher.end(outcome(key="flow", seconds=10))
    assert watcher.remaining_s() == 3 * 10 + 6 * 10  # warp has not been seen: as long as all on average
    watcher.end(outcome(key="warp", seconds=1))
    watcher.end(outcome(key="warp", state="kept"))
    assert watcher.remaining_s() == 3 * 10 + 4 * 1
    watcher.workers = 2
    assert watcher.remaining_s() == 17
    watcher.end(outcome(key="flow", seconds=20))
    watcher.expect(Todo("score", "score", ()))  # not seen: 31 s for the three that were made
    assert watcher.remaining_s() == pytest.approx((2 * 15 + 4 * 1 + 31 / 3) / 2)


def test_a_failure_stands_until_its_step_is_made_or_not_wanted_any_more(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        failures = Failures(folder)
        failures.note(outcome("failed", "warp/rls/h001", reason="why"))
        failures.note(outcome("failed", "warp/rls/h002", reason="why too"))
        failures.note(outcome("blocked", "score/rls/h001"))
        assert Failures(folder).of("one") == {"warp/rls/h001": "why", "warp/rls/h002": "why too"}
        failures.note(outcome("made", "warp/rls/h001"))
        assert Failures(folder).of("one") == {"warp/rls/h002": "why too"}
        failures.note(outcome("kept", "frames", todo=(Todo("warp/rls/h002", "warp", ()),)))
        assert Failures(folder).all() == {"one": {"warp/rls/h002": "why too"}}
        failures.note(outcome("kept", "frames", todo=(Todo("warp/linear/h002", "warp", ()),)))
        assert Failures(folder).all() == {}


def test_logs_of_all_and_of_each(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        log = BatchLog(folder)
        log.say("begins")
        log.add(outcome("made", seconds=1.25, log=(LogLine(0.0, "WARNING", "two\nlines"),)))
        log.add(outcome("failed", reason="why"))
        log.add(outcome("superseded"))
        whole = (folder.root / "batch.log").read_text().splitlines()
        own = (folder.root / "logs" / "one.log").read_text().splitlines()
    assert own[1] == "    lines"
    assert [line[20:] for line in own if line[0] != " "] == [
        "WARNING flow: two",
        "INFO    flow made in 1.2 s",
        "ERROR   flow failed: why",
    ]
    assert [line[20:] for line in whole if line[0] != " "] == [
        "INFO    begins",
        "WARNING one: flow: two",
        "INFO    one: flow made in 1.2 s",
        "ERROR   one: flow failed: why",
    ]
    assert log.warnings == 1


def test_a_task_hears_its_own_thread_alone() -> None:
    def elsewhere() -> None:
        logging.getLogger("cinecast.flow").warning("of another sequence")

    warnings.simplefilter("always")  # whatever the command line of pytest leaves out; it puts the filters back
    with listening() as lines:
        logging.getLogger("cinecast.flow").warning("own")
        warnings.warn("of python", stacklevel=1)
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    assert [line.text for line in lines if "python" not in line.text] == ["own"]
    assert any("of python" in line.text for line in lines)


def test_the_same_command_after_a_kill_has_the_same_order() -> None:
    scope, order = _ordered(Scope(start_from="flow"), None)
    assert order is not None
    again, _ = _ordered(Scope(start_from="flow"), order)
    assert again.order == scope.order
    assert _ordered(Scope(start_from="warp"), order)[0].order != scope.order
    assert _ordered(Scope(only="flow"), order)[0].order != scope.order
    assert _ordered(Scope(), order) == (Scope(), None)


def test_the_folder_of_a_cohort(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        assert folder.read() == {}
        first = folder.write({"preset": None})
        assert folder.read()["token"] == first
        assert folder.write({"preset": None}) != first
        with pytest.raises(StoreError, match="a batch is worked on by one command at a time"):
            CohortFolder(tmp_path / "runs")
        with pytest.raises(StoreError, match="the folder of a batch is worked on by one command at a time"):
            cohort_left_alone(tmp_path / "runs" / "one").__enter__()
    with cohort_left_alone(tmp_path / "runs" / "one"), pytest.raises(StoreError, match="a batch is worked on by one"):
        CohortFolder(tmp_path / "runs")
    CohortFolder(tmp_path / "runs").close()


def test_folders_that_hold_something_else(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run", "one").close()
    with pytest.raises(StoreError, match="which holds a single run; choose another --out"):
        CohortFolder(tmp_path / "run")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the output must be a folder, got the file"):
        CohortFolder(tmp_path / "file")
    with pytest.raises(StoreError, match="which holds other files; choose another --out"):
        CohortFolder(tmp_path)
    with pytest.raises(StoreError, match=r"must hold batch.json, got none"):
        CohortFolder.view(tmp_path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"format": 2, "token": ""}', "must have format 1 or older, got format 2 .*; use a newer cinecast"),
        ("{", "must be readable, got a damaged one"),
        ('{"format": 1e999, "token": ""}', "must be readable, got a damaged one"),
        ('{"format": 1, "token": "", "x": ' + "[" * 100_000, "must be readable, got a damaged one"),
        ('{"format": 1}', "must be readable, got a damaged one"),
    ],
)
def test_a_cohort_that_cannot_be_understood(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "batch.json").write_text(text)
    with pytest.raises(StoreError, match=fault):
        CohortFolder(tmp_path)
    with pytest.raises(StoreError, match=fault):
        CohortFolder.view(tmp_path)


def test_sequences_that_cannot_be_understood(tmp_path: Path) -> None:
    (tmp_path / "batch.json").write_text('{"format": 1, "token": "", "sequences": [{"name": "one"}]}')
    with CohortFolder(tmp_path) as folder, pytest.raises(BatchError, match="the folder of a batch must be readable"):
        saved_cohort(folder)


def test_a_lock_is_shared_or_waited_for(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path, shared=True), FolderLock(tmp_path, shared=True)
    with pytest.raises(StoreError, match="a run is worked on by one command at a time"):
        FolderLock(tmp_path)
    turns = [first, second]
    waited = FolderLock(tmp_path, wait=lambda: turns.pop().close())
    assert turns == []
    with pytest.raises(StoreError, match="a run is worked on by one command at a time"):
        FolderLock(tmp_path, shared=True)
    waited.close()


@pytest.fixture
def ticket(tmp_path: Path) -> Ticket:
    with CohortFolder(tmp_path / "runs") as folder:
        return Ticket(folder.root, folder.write({}), Scope())


def test_a_ticket_holds_until_another_batch_begins(ticket: Ticket) -> None:
    ticket.check()
    with CohortFolder(ticket.root) as folder:
        folder.write({})
    with pytest.raises(SupersededError, match="belongs to the newest batch"):
        ticket.check()


def test_tasks_of_an_earlier_batch_do_nothing(ticket: Ticket) -> None:
    (ticket.root / "batch.json").write_text(json.dumps(read_cohort(ticket.root) | {"token": "another"}))
    job = Job("one", ticket.root / "nowhere", Settings())
    assert open_sequence(job, ticket).state == "superseded"
    assert make_step(job, ticket, "flow").state == "superseded"
    assert make_step(job, ticket, "flow", outcome("superseded")).state == "superseded"
    assert not (ticket.root / "one").exists()


def test_what_reads_a_failed_step_is_not_tried(ticket: Ticket) -> None:
    job = Job("one", ticket.root / "nowhere", Settings())
    assert make_step(job, ticket, "warp/rls/h001", outcome("made"), outcome("failed")).state == "blocked"
    assert make_step(job, ticket, "score/rls/h001", outcome("blocked")).state == "blocked"


def test_a_worker_of_another_version_or_without_the_folder_refuses(ticket: Ticket, tmp_path: Path) -> None:
    job = Job("one", ticket.root / "nowhere", Settings())
    with pytest.raises(BatchError, match=r"a worker must have cinecast 9\.9, got "):
        open_sequence(job, Ticket(ticket.root, ticket.token, Scope(), "9.9"))
    with pytest.raises(BatchError, match="every worker must see the folder of the batch"):
        open_sequence(job, Ticket(tmp_path / "elsewhere", ticket.token, Scope()))


def test_a_fault_of_the_program_spoils_one_sequence(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cinecast.batch.tasks.read_sidecar", lambda _: 1 / 0)
    got = open_sequence(Job("one", tmp_path, Settings()), ticket)
    assert got.state == "failed"
    assert got.reason == "ZeroDivisionError: division by zero (a fault of cinecast; the log has more)"
    assert "Traceback" in got.log[-1].text
