"""Whatever is killed, the same command carries on: nothing finished is redone, nothing half written is believed.

What is compared with an undisturbed batch is every file's digest, but for what clocks put into it: see
`command_line.results`.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cinecast.store import CohortFolder
from helpers.batch_cluster import (
    NAMES,
    OPTIONS,
    SLOW_FLOW,
    Cluster,
    half_written,
    start_batch,
    wait_until,
    write_sequences,
    writer_of,
)
from helpers.command_line import call_cli, made_at, redone, results, succeed


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sequences(tmp_path_factory.mktemp("sequences"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler that gives a task up at once when its worker dies twice, and two workers."""
    extra = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with Cluster(tmp_path_factory.mktemp("cluster"), workers=2, extra=extra) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def undisturbed(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The results of each sequence, run alone."""
    out = tmp_path_factory.mktemp("undisturbed")
    for name in NAMES:
        succeed("run", sources / f"{name}.nii.gz", "--out", out / name, *OPTIONS, *SLOW_FLOW)
    return {name: results(out / name) for name in NAMES}


def assert_undisturbed(runs: Path, undisturbed: dict[str, dict[str, str]]) -> None:
    assert {name: results(runs / name) for name in NAMES} == undisturbed
    assert not [path for path in runs.rglob("*") if path.name.startswith((".tmp-", ".old-"))]


def test_a_worker_and_the_client_killed_in_mid_stage(
    sources: Path, cluster: Cluster, undisturbed: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    arguments = (sources, "--out", runs, "--scheduler", cluster.address, *OPTIONS, *SLOW_FLOW)
    batch = start_batch(*arguments)
    wait_until((runs / "two" / "frames").is_dir)
    os.kill(writer_of(runs / "two"), signal.SIGKILL)  # the flow is the first that is written after the frames
    assert not (runs / "two" / "flow").exists()
    wait_until((runs / "two" / "flow").is_dir)  # another worker has made it
    writer_of(runs / "two" / "score" / "linear")
    batch.kill()
    assert batch.wait() == -signal.SIGKILL
    finished = {name: made_at(runs / name) for name in NAMES}
    outcome = call_cli("batch", *arguments)
    assert (outcome.code, outcome.errors) == (0, "")
    assert_undisturbed(runs, undisturbed)
    for name in NAMES:
        again = redone(finished[name], runs / name)
        assert not again & {key.removesuffix("/stage.json") for key in finished[name] if key.endswith("stage.json")}


def test_a_scheduler_killed_in_mid_stage(sources: Path, undisturbed: dict[str, dict[str, str]], tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    arguments = (sources, "--out", runs, *OPTIONS, *SLOW_FLOW)
    with Cluster(tmp_path) as cluster:
        batch = start_batch(*arguments, "--scheduler", cluster.address)
        writer_of(runs / "one")
        cluster.scheduler.kill()
        output, errors = batch.communicate(timeout=300)
    assert (batch.returncode, output) == (2, "")
    assert errors == (
        "cinecast: a batch needs its scheduler to the end, got no more answer from it; start the same command again: "
        "it carries on\n"
    )
    batch = start_batch(*arguments, "--workers", "2")
    assert batch.communicate(timeout=600)[1] == ""
    assert batch.returncode == 0
    assert_undisturbed(runs, undisturbed)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_on_this_machine_ends_in_mid_stage(
    sources: Path, undisturbed: dict[str, dict[str, str]], tmp_path: Path, sent: signal.Signals, cluster: Cluster
) -> None:
    runs = tmp_path / "runs"
    batch = start_batch(sources, "--out", runs, "--workers", "2", *OPTIONS, *SLOW_FLOW)
    worker = writer_of(runs / "one")
    batch.send_signal(sent)
    output, errors = batch.communicate(timeout=300)
    if sent == signal.SIGINT:
        assert batch.returncode == 130
        assert (output, errors) == ("", "cinecast: interrupted; what is finished is kept\n")
    wait_until(lambda: not _runs(worker))  # no process is left behind
    assert succeed("batch", "--out", runs, "--scheduler", cluster.address)
    assert_undisturbed(runs, undisturbed)


def test_a_sequence_that_kills_its_workers_fails_alone(sources: Path, cluster: Cluster, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    # On a loaded machine this test may be kept waiting for as long as a flow of SLOW_FLOW takes.
    slower = (*SLOW_FLOW, "--set", "flow.sigma_window=50", "--set", "flow.sigma_motion=50")
    batch = start_batch(sources, "--out", runs, "--scheduler", cluster.address, *OPTIONS, *slower)
    wait_until((runs / "two" / "frames").is_dir)
    killed: set[int] = set()
    while batch.poll() is None:
        for folder, process in half_written(runs / "two"):
            if process not in killed and (folder / "dvf.npy").exists():  # landmarks need no flow and are made beside it
                killed.add(process)
                os.kill(process, signal.SIGKILL)
        time.sleep(0.001)
    output, errors = batch.communicate(timeout=600)
    assert len(killed) == 4, (output, errors)  # twice among the others, twice alone
    assert batch.returncode == 11
    assert "1 sequence failed: two." in output
    assert errors.startswith("cinecast: two failed in flow: its worker died each time that it was tried")
    printed = succeed("status", runs)
    assert "two: flow failed: its worker died each time" in printed
    assert printed.splitlines()[-1] == "2 done, 1 failed"


def test_what_a_killed_from_has_redone_is_not_redone_again(sources: Path, cluster: Cluster, tmp_path: Path) -> None:
    cluster.wait_for_workers(2)  # a test before this one may have killed them
    runs = tmp_path / "runs"
    arguments = ("--out", runs, "--scheduler", cluster.address)
    succeed("batch", sources, *arguments, *OPTIONS, *SLOW_FLOW)
    before = {name: made_at(runs / name) for name in NAMES}
    batch = start_batch(*arguments, "--from", "flow")
    flow, made = runs / "one" / "flow" / "stage.json", before["one"]["flow/stage.json"]
    wait_until(lambda: made_at(runs / "one" / "flow").get("stage.json", made) != made)  # in between there is none
    batch.kill()
    batch.wait()
    with CohortFolder(runs):  # no task of it commits after this: the next batch waits for those that run
        made = flow.stat().st_mtime_ns
    succeed("batch", *arguments, "--from", "flow")
    assert flow.stat().st_mtime_ns == made
    for name in NAMES:
        assert redone(before[name], runs / name) >= {"flow", "motion/train_0016", "report"}
    succeed("batch", *arguments, "--from", "flow")  # it had ended: this is a new one
    assert flow.stat().st_mtime_ns != made


def test_tasks_of_a_batch_that_lost_its_folder_write_nothing(sources: Path, cluster: Cluster, tmp_path: Path) -> None:
    # As on a file system without locks, where nobody keeps a second batch away.
    cluster.wait_for_workers(2)
    runs = tmp_path / "runs"
    batch = start_batch(sources / "one.nii.gz", "--out", runs, "--scheduler", cluster.address, *OPTIONS, *SLOW_FLOW)
    wait_until((runs / "one" / "frames").is_dir)
    writer_of(runs / "one")
    content = json.loads((runs / "batch.json").read_text())
    (tmp_path / "batch.json").write_text(json.dumps(content | {"token": "another"}))
    (tmp_path / "batch.json").replace(runs / "batch.json")  # at once, as batches do: a task may be reading it
    output, errors = batch.communicate(timeout=300)
    assert (batch.returncode, output) == (2, "")
    assert errors.startswith("cinecast: the folder of a batch is worked on by one batch at a time, got another one")
    # The batch ends with the first task that finds out; one that works beside it finds out when it is done.
    wait_until(lambda: not list(half_written(runs / "one")))
    assert not (runs / "one" / "flow").exists()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it has ended since
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
