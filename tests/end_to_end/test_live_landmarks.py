"""`cinecast live` says of landmarks, of the reference frame and of unexplained motion what the run says."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.flow.unexplained import unexplained_shares
from cinecast.flow.unexplained_limit import unexplained_frames
from cinecast.frames import read_sequence
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.score.landmark_scores import landmark_differences, per_frame_errors
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import call_cli, succeed
from helpers.faulty_frames import with_faults

SETTINGS = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.2), frame_count=60, frame_period_s=0.25)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom of pixels that are small enough to find landmarks in, with faulty frames among the good ones."""
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    write_phantom(out, with_faults(make_phantom(SETTINGS)))
    return out


def both(source: Path, folder: Path, method: str, horizon: str, *options: str | Path) -> tuple[Path, Path, str]:
    """Run a sequence and replay it; return both folders and what the replay printed."""
    run, live = folder / "run", folder / "live"
    asked = ("--method", method, "--horizon", horizon, "--set", "forecast.runs=2", *options)
    succeed("run", source, "--out", run, *asked)
    asked = ("--method", method, "--horizon", horizon, "--set", "forecast.runs=2", *options)
    return run, live, succeed("live", source, "--out", live, *asked, "--rate", "max")


def reference_of(run: Path) -> int:
    return int(json.loads((run / "flow/stage.json").read_text())["settings"]["reference"])


def assert_same(run: Path, live: Path, method: str, horizon: int) -> dict[str, Any]:
    """Compare all that both say, and return the summary of the live folder."""
    sequence = art.load_sequence(run / "frames")
    told = {int(row["name"].removeprefix("frame ")): row for row in read_table(live / "frames.csv")}
    per_frame = read_table(run / art.method_key("score", method, horizon) / "per_frame.csv")
    own = [row for row in per_frame if (row["region"], row["run"]) == ("landmarks", "0")]  # the run that live shows
    of_run = {int(row["frame"]): row["landmark_error_mean_mm"] for row in own}
    assert len(of_run) == len(sequence.split.test_frames)
    assert sum(bool(error) for error in of_run.values()) > 0.7 * len(of_run)
    assert {t: told[t]["landmark_error_mm"] for t in of_run} == of_run
    landmarks = art.load_landmarks(run / "landmarks", len(sequence.frames))
    dvf = art.load_array(run / "flow/dvf.npy")
    for t in set(range(sequence.split.train_end, len(sequence.frames))) - set(sequence.faults):
        off = landmark_differences(dvf[t], landmarks, t, spacing_mm=sequence.spacing_mm)
        error = per_frame_errors(off[np.newaxis, np.newaxis]).item()
        assert float(told[t]["measured_landmark_error_mm"] or "nan") == pytest.approx(error, nan_ok=True)
        assert int(told[t]["landmarks_found"]) == np.isfinite(landmarks.displacements[:, t, 0]).sum()
    summary: dict[str, Any] = json.loads((live / "summary.json").read_text())
    number = reference_of(run)
    assert summary["reference_frame"] == number
    assert summary["landmarks"] == len(landmarks.names) >= 6
    assert (live / "landmarks/landmarks.csv").read_text().count("\n") == 1 + len(landmarks.names)
    shares = unexplained_shares(sequence.frames[number], sequence.frames, dvf)
    assert summary["unexplained_frames"] == unexplained_frames(shares, sequence.split.train_end, sequence.faults)
    return summary


@pytest.mark.parametrize(("method", "horizon"), [("linear", "1"), ("snap1", "3")])
def test_replay_of_a_phantom_says_what_its_run_says(source: Path, tmp_path: Path, method: str, horizon: str) -> None:
    run, live, printed = both(source, tmp_path, method, horizon)
    summary = assert_same(run, live, method, int(horizon))
    assert f"Reference: motion is measured from frame {reference_of(run)}." in printed.splitlines()
    assert f"Landmarks: {summary['landmarks']} landmark(s), found in " in printed
    assert f"{summary['landmark_error_mm']:.3f}" in printed
    assert f"{summary['measured_landmark_error_mm']:.3f}" in printed
    # Of faulty frames nothing is said, and what was unusual in the calibration is in its row.
    told = read_table(live / "frames.csv")
    assert {told[t]["landmark_error_mm"] for t in (24, 45, 48, 52)} == {""}
    assert told[19]["reason"] == "calibration: frame 4 frozen; frames 9, 10 nearly black"


@pytest.mark.shared
def test_replay_of_a_real_sequence_says_what_its_run_says(shared: Path, tmp_path: Path) -> None:
    run, live, _ = both(shared / "data/cine/eth-1", tmp_path, "rls", "2")
    assert_same(run, live, "rls", 2)


def test_motion_beyond_the_pyramid_is_named_in_live_as_in_its_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deep = PhantomSettings(frame_count=60, frame_period_s=0.4, amplitude_mm=26, amplitude_variation=0.1)
    write_phantom(tmp_path / "deep.nii.gz", make_phantom(deep))
    with caplog.at_level(logging.WARNING, "cinecast"):
        options = ("--set", "flow.levels=2", "--set", "flow.reference=0")
        run, live, printed = both(tmp_path / "deep.nii.gz", tmp_path, "linear", "1", *options)
    summary = assert_same(run, live, "linear", 1)
    train_end = read_sequence(tmp_path / "deep.nii.gz").split.train_end
    named = summary["unexplained_frames"]
    later = [t for t in named if t >= train_end]
    assert later
    told = read_table(live / "frames.csv")
    assert [t for t, row in enumerate(told) if "the flow does not explain its motion" in row["reason"]] == later
    said = [record.getMessage() for record in caplog.records if record.name.startswith("cinecast.live")]
    assert [sum(line.startswith(f"frame {t} (") for line in said) for t in later] == [1] * len(later)
    assert re.search(rf"frames not explained +{len(named)}\n", printed)


MARKS = "name,frame,row,column\ndome,0,40,36\ndome,45,41.5,36.25\nvessel,0,50,30\n"


def test_a_users_own_landmarks_count_as_in_the_run(source: Path, tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text(MARKS.replace("dome,45", "dome,46"))
    own = ("--landmarks", tmp_path / "marks.csv", "--set", "flow.reference=0")
    run, live, printed = both(source, tmp_path, "linear", "1", *own)
    per_frame = read_table(run / "score/linear/h001/per_frame.csv")
    of_run = {row["frame"]: row["landmark_error_mean_mm"] for row in per_frame if row["region"] == "landmarks"}
    told = read_table(live / "frames.csv")
    assert float(of_run["46"]) > 0
    assert told[46]["landmark_error_mm"] == of_run["46"]
    assert told[46]["landmarks_found"] == "1"
    assert [row["name"] for row in read_table(live / "landmarks/landmarks.csv")] == ["dome", "vessel"]
    assert "Landmarks: 2 landmark(s)" in printed


def test_own_landmarks_that_do_not_fit_are_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text(MARKS)
    asked = (
        "live",
        source,
        "--out",
        tmp_path / "live",
        "--rate",
        "max",
        "--method",
        "rls",
        "--landmarks",
        tmp_path / "marks.csv",
    )
    sentence = call_cli(*asked, "--set", "flow.reference=3").sentence
    assert "every landmark must have a row for the reference frame, 3, got none for dome, vessel" in sentence
    (tmp_path / "marks.csv").unlink()
    assert "the list of landmarks must be readable, got No such file or directory" in call_cli(*asked).sentence
    assert not (tmp_path / "live").exists()


def test_frames_that_are_still_to_come_have_no_marks(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text(MARKS)
    asked = ("live", tmp_path, "--watch", "--out", tmp_path / "live", "--landmarks", tmp_path / "marks.csv")
    assert "landmarks.file (--landmarks) must be left out with --watch or a stream, got " in call_cli(*asked).sentence
