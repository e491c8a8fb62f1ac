"""Steps made in processes of their own: the same results to the bit, whatever becomes of the processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import psutil
import pytest

from cinecast.frames import read_sequence
from cinecast.run import source_frames, stage_runner
from cinecast.run.plan import make_plan
from cinecast.run.runner import run_sequence
from cinecast.run.scope import Scope
from cinecast.run.stage_work import Work
from cinecast.run.work_process import WorkPlaces, WorkProcess
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from helpers.command_line import ROOT, environment, results

SOURCE = ROOT / "data/phantom.nii.gz"
FORECAST = {"methods": ["linear", "snap1"], "horizons": ["1", "2"], "runs": 2}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    volume = nibabel.load(SOURCE)  # type: ignore[attr-defined]
    mask = np.zeros((*volume.shape[:2], 1), dtype=np.uint8)
    mask[14:20, 20:26] = 1
    file = tmp_path_factory.mktemp("target") / "target.nii.gz"
    nibabel.save(nibabel.Nifti1Image(mask, volume.affine), file)  # type: ignore[attr-defined]
    return build_settings(
        {"flow": {"reference": 0}, "forecast": FORECAST, "target": {"files": [str(file)], "frame": 0}}
    )


@pytest.fixture(scope="module")
def alone(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that was made by this process alone."""
    out = tmp_path_factory.mktemp("alone") / "run"
    run_sequence(SOURCE, out, settings, workers=1)
    return out


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Have small runs use other processes, and return what these are asked for, and whether they made it."""
    found: list[tuple[str, bool]] = []
    make = WorkProcess.make

    def noted(process: WorkProcess, work: Work, stage: str, *arguments: object) -> bool:
        made = make(process, work, stage, *arguments)  # type: ignore[arg-type]
        found.append((stage, made))
        return made

    monkeypatch.setattr(WorkProcess, "make", noted)
    monkeypatch.setattr(stage_runner, "WORTH_PROCESSES", 0)
    return found


def test_results_are_the_same_to_the_bit(
    alone: Path, settings: Settings, asked: list[tuple[str, bool]], tmp_path: Path
) -> None:
    run_sequence(SOURCE, tmp_path / "run", settings, workers=3, processes=True)
    assert {stage for stage, _ in asked} == {"landmarks", "target", "score"}
    assert all(made for _, made in asked)
    assert results(tmp_path / "run") == results(alone)


def test_landmarks_that_are_up_to_date_are_kept_and_counted_once(
    alone: Path, settings: Settings, asked: list[tuple[str, bool]], tmp_path: Path
) -> None:
    shutil.copytree(alone, tmp_path / "run")
    more = replace(settings, forecast=replace(settings.forecast, methods=("linear", "snap1", "lms")))
    result = run_sequence(SOURCE, tmp_path / "run", more, workers=2, processes=True)
    assert "landmarks" not in {stage for stage, _ in asked}
    assert result.kept.count(art.LANDMARKS) == 1
    assert len(set(result.kept)) == len(result.kept)


def test_landmarks_are_counted_once_where_scores_alone_are_made(
    alone: Path, settings: Settings, asked: list[tuple[str, bool]], tmp_path: Path
) -> None:
    shutil.copytree(alone, tmp_path / "run")
    other = replace(settings, score=replace(settings.score, level=0.8))
    result = run_sequence(SOURCE, tmp_path / "run", other, workers=2, processes=True)
    assert {stage for stage, _ in asked} == {"score"}
    assert result.kept.count(art.LANDMARKS) == 1


def test_small_runs_and_threads_start_no_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[WorkProcess] = []
    monkeypatch.setattr(WorkProcess, "__init__", started.append)
    run_sequence(SOURCE, tmp_path / "small", settings, processes=True)
    monkeypatch.setattr(stage_runner, "WORTH_PROCESSES", 0)
    run_sequence(SOURCE, tmp_path / "threads", settings)
    run_sequence(SOURCE, tmp_path / "one", settings, workers=1, processes=True)
    assert run_sequence(SOURCE, tmp_path / "small", settings, processes=True).done == ()
    assert started == []


@pytest.mark.parametrize("killed_at", ["start", "score"])
def test_what_a_killed_process_was_asked_for_is_made_here(
    alone: Path,
    settings: Settings,
    asked: list[tuple[str, bool]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    killed_at: str,
) -> None:
    make = WorkProcess.make

    def kill_before(process: WorkProcess, work: Work, stage: str, *arguments: object) -> bool:
        if killed_at in ("start", stage):
            process._process.kill()
        return make(process, work, stage, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(WorkProcess, "make", kill_before)
    run_sequence(SOURCE, tmp_path / "run", settings, workers=2, processes=True)
    assert ("score", False) in asked
    assert ("landmarks", killed_at == "score") in asked
    assert results(tmp_path / "run") == results(alone)


def test_without_a_program_to_start_threads_do_the_work(
    alone: Path, settings: Settings, asked: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    run_sequence(SOURCE, tmp_path / "run", settings, workers=2, processes=True)
    assert asked == []
    assert results(tmp_path / "run") == results(alone)


@pytest.fixture
def finished(alone: Path, settings: Settings) -> Work:
    sequence = read_sequence(SOURCE, settings.frames)
    return Work(RunFolder.view(alone), sequence, make_plan(sequence, settings).settings, 2)


def test_a_step_that_fails_is_reported_and_the_next_is_made(finished: Work, settings: Settings, tmp_path: Path) -> None:
    task = make_plan(finished.sequence, settings).tasks[-1]
    process = WorkProcess()
    try:
        assert not process.make(finished, "score", tmp_path / "missing", task)
        assert process.make(finished, "score", tmp_path, task)
    finally:
        process.close()
    assert (tmp_path / "scores.csv").read_bytes() == (finished.store.path(task.key("score"), "scores.csv")).read_bytes()


def test_what_a_process_logs_is_logged_here(finished: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Nothing is like a patch to the last digit, so none is found: a warning of the stage.
    strict = build_settings({"landmarks": {"quality": 0.999999, "return_mm": 1e-9, "distinctness": 0.99}}).landmarks
    process = WorkProcess()
    try:
        assert process.make(
            replace(finished, settings=replace(finished.settings, landmarks=strict)), "landmarks", tmp_path
        )
    finally:
        process.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "landmark" in caplog.text


def test_closing_ends_all_processes() -> None:
    with WorkPlaces(2) as places:
        places.start_processes()
        (process,) = places._processes
        assert psutil.pid_exists(process._process.pid)
    assert not psutil.pid_exists(process._process.pid)


_OWNER = """
import time
from cinecast.run.work_process import WorkProcess

process = WorkProcess()
print(process._process.pid, flush=True)
time.sleep(60)
"""


def test_a_process_ends_with_a_run_that_was_killed() -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True, env=environment())
    assert owner.stdout is not None
    other = psutil.Process(int(owner.stdout.readline()))
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 60
    while other.is_running() and other.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not other.is_running() or other.status() == psutil.STATUS_ZOMBIE


def test_processes_of_a_large_run_start_while_its_source_is_read(
    settings: Settings, asked: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    events = []
    start, read = WorkProcess.__init__, source_frames.read_source
    monkeypatch.setattr(WorkProcess, "__init__", lambda process: (events.append("start"), start(process))[1])
    monkeypatch.setattr(source_frames, "read_source", lambda *of: (events.append("read"), read(*of))[1])
    run_sequence(SOURCE, tmp_path / "run", settings, workers=2, processes=True)
    assert events == ["start", "read"]
    assert asked
    events.clear()
    run_sequence(SOURCE, tmp_path / "run", settings, workers=2, processes=True)
    assert events == []  # all is there
    run_sequence(SOURCE, tmp_path / "flow", settings, workers=2, processes=True, scope=Scope(until="flow"))
    assert events[0] == "read"
