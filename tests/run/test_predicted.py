"""Predicted frames are not kept: those that are made anew are those of a plain loop, and those that were scored."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import StoreError
from cinecast.progress import Progress
from cinecast.run.gathering import Gathering
from cinecast.run.predicted import predicted_frames
from cinecast.run.runner import run_sequence
from cinecast.run.saved import saved_run
from cinecast.run.scope import Scope
from cinecast.run.step import Task
from cinecast.settings import ForecastSettings, Settings, WarpSettings
from cinecast.store import RunFolder
from helpers import oracles
from helpers.command_line import ROOT
from helpers.predicted import predicted_of

SOURCE = ROOT / "data/phantom.nii.gz"
SETTINGS = Settings(
    forecast=ForecastSettings(("mixture", "snap1"), ("2",), runs=3, method_settings={"mixture": {"history_length": 6}}),
    warp=WarpSettings(image_runs=2),
)


class Notes(Progress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        """Keep a sentence."""
        self.said.append(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("predicted") / "run"
    run_sequence(SOURCE, out, SETTINGS)
    return out


@pytest.fixture
def opened(made: Path) -> Iterator[Gathering]:
    with saved_run(made) as gathering:
        yield gathering


def task_of(opened: Gathering, method: str) -> Task:
    return next(task for task in opened.plan.tasks if task.method == method)


@pytest.mark.parametrize(("method", "run"), [("oracle", 0), ("persistence", 0), ("mixture", 0), ("snap1", 2)])
def test_they_are_those_of_a_plain_loop(made: Path, opened: Gathering, method: str, run: int) -> None:
    task = task_of(opened, method)
    frames = predicted_frames(opened.store, opened.sequence, opened.settings, task, run)
    expected = predicted_of(made, method, task.horizon.frames, run)
    assert (len(frames), frames.shape, frames.dtype) == (len(expected), expected.shape, expected.dtype)
    assert frames.known.all()
    np.testing.assert_array_equal(frames.stacked(), expected)
    np.testing.assert_array_equal(frames[3], expected[3])
    np.testing.assert_array_equal(frames.frame(opened.sequence.split.test_frames[-1]), expected[-1])
    assert not np.array_equal(expected[0], expected[4])


def test_a_frame_without_a_forecast_is_black(opened: Gathering) -> None:
    frames = predicted_frames(opened.store, opened.sequence, opened.settings, task_of(opened, "snap1"), 0)
    forecasts = frames.forecasts.copy()
    forecasts[frames.span[2]] = np.nan
    lost = replace(frames, forecasts=forecasts)
    assert np.flatnonzero(~lost.known).tolist() == [2]
    assert not lost[2].any()
    np.testing.assert_array_equal(lost[3], frames[3])


@pytest.mark.parametrize("run", [-1, 3])
def test_a_random_run_that_is_not_there(opened: Gathering, run: int) -> None:
    with pytest.raises(StoreError, match=rf"--run must be 0 to 2 for forecast/snap1/h002, got {run}; choose another"):
        predicted_frames(opened.store, opened.sequence, opened.settings, task_of(opened, "snap1"), run)


@pytest.mark.parametrize(("method", "run"), [("mixture", 0), ("snap1", 1), ("oracle", 0)])
def test_they_are_what_was_scored(made: Path, opened: Gathering, method: str, run: int) -> None:
    """The scores of the one pass, by plain forms from the frames of the plain loop."""
    task, sequence = task_of(opened, method), opened.sequence
    predicted, data_range = predicted_of(made, method, task.horizon.frames, run), _data_range(opened)
    with (made / task.key("score") / "per_frame.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["run"] == str(run) and row["region"] == "image"]
    assert len(rows) == len(sequence.split.test_frames)
    for row in rows[::5]:
        t = int(row["frame"])
        a, b = predicted[t - sequence.split.test_frames.start].astype(float), sequence.frames[t].astype(float)
        expected = {
            "ssim": oracles.ssim(a, b, data_range=data_range),
            "nrmse": np.linalg.norm(a - b) / np.linalg.norm(b - b.mean()),
            "cross_correlation": np.corrcoef(a.ravel(), b.ravel())[0, 1],
        }
        for metric, value in expected.items():
            assert float(row[metric]) == pytest.approx(value, rel=1e-6), (metric, t)
    with (made / task.key("score") / "per_frame.csv").open(newline="") as file:
        assert {row["run"] for row in csv.DictReader(file)} == ({"0", "1"} if method == "snap1" else {"0"})


def _data_range(opened: Gathering) -> float:
    span = opened.sequence.split.test_frames
    test = opened.sequence.frames[span.start : span.stop].astype(float)
    return float(test.max() - test.min())


def test_those_that_an_earlier_version_kept_are_removed_and_it_is_said(
    made: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with RunFolder(made, "phantom") as store:
        for key in ("warp/snap1/h002", "warp/oracle/h000"):
            with store.commit(key, "", {}) as folder:
                (folder / "predicted_run000.nii").write_bytes(b"frames")
    with caplog.at_level(logging.WARNING, "cinecast"):
        result = run_sequence(SOURCE, made, SETTINGS)
    assert not result.done
    assert not (made / "warp").exists()
    assert sum("earlier version kept in warp are removed" in record.getMessage() for record in caplog.records) == 1


def test_a_folder_of_the_users_own_in_their_place_stays(made: Path, caplog: pytest.LogCaptureFixture) -> None:
    (made / "warp").mkdir()
    (made / "warp/mine.txt").write_text("mine")
    with caplog.at_level(logging.WARNING, "cinecast"):
        run_sequence(SOURCE, made, SETTINGS)
    assert (made / "warp/mine.txt").read_text() == "mine"
    assert not [record for record in caplog.records if "removed" in record.getMessage()]
    (made / "warp/mine.txt").unlink()
    (made / "warp").rmdir()


def test_of_the_warp_there_is_nothing_to_redo(made: Path) -> None:
    notes = Notes()
    result = run_sequence(SOURCE, made, SETTINGS, scope=Scope(only="warp"), progress=notes)
    assert (result.done, result.scores) == ((), None)
    assert "Of the stage warp nothing is kept: predicted frames are made when they are needed." in notes.said


def test_methods_with_several_runs_are_scored_first(made: Path) -> None:
    result = run_sequence(SOURCE, made, SETTINGS, scope=Scope(start_from="score"), workers=1)
    scored = [key for key in result.done if key.startswith("score/")]
    assert scored == ["score/snap1/h002", "score/oracle/h000", "score/persistence/h002", "score/mixture/h002"]
