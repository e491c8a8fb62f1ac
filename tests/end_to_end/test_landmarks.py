"""Landmarks of a run from the command line: those that are found, and a user's own."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import OPTIONS, call_cli, made_at, redone, results, succeed

LANDMARKS = {"landmarks/landmarks.csv", "landmarks/tracks.csv"}
# Marked in the frame that motion is measured from, by default the one that resembles the others most, and in another.
REFERENCE = 11
MARKS = f"name,frame,row,column\ndome,{REFERENCE},20,18\ndome,5,21.5,18.25\n"


def write(tmp_path: Path, text: str = MARKS) -> Path:
    path = tmp_path / "marks.csv"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom of pixels that are small enough to find landmarks in."""
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    settings = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=40, frame_period_s=0.25)
    write_phantom(out, make_phantom(settings))
    return out


def run(source: Path, out: Path, *options: str | Path) -> str:
    return succeed("run", source, "--out", out, "--method", "linear", "--horizon", "1", *options)


def test_a_run_finds_landmarks_and_says_so(source: Path, tmp_path: Path) -> None:
    printed = run(source, tmp_path / "run", "--workers", "2")
    places = read_table(tmp_path / "run/landmarks/landmarks.csv")
    assert len(places) >= 6
    assert f"Landmarks: {len(places)} landmark(s), found in " in printed
    tracks = read_table(tmp_path / "run/landmarks/tracks.csv")
    assert len(tracks) == 40 * len(places)
    assert list(tracks[0]) == ["name", "frame", "time_s", "dx_px", "dy_px", "quality"]
    run(source, tmp_path / "second", "--workers", "1")
    one, two = results(tmp_path / "run"), results(tmp_path / "second")
    assert {name: one[name] for name in LANDMARKS} == {name: two[name] for name in LANDMARKS}


def test_without_any_a_run_goes_on_and_says_it(source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "cinecast"):
        printed = run(source, tmp_path / "run", "--set", "landmarks.distinctness=0.99")
    assert read_table(tmp_path / "run/landmarks/landmarks.csv") == []
    assert "Landmarks:" not in printed
    messages = [record.getMessage() for record in caplog.records]
    assert "breathing: no landmark is good enough: nothing independent of the flow says how good it is" in messages


def test_own_landmarks_are_taken_instead(phantom: Path, original_run: Path, run: Path, tmp_path: Path) -> None:
    before = made_at(run)
    printed = succeed("run", phantom, "--out", run, "--landmarks", write(tmp_path))
    assert "Landmarks: 1 landmark(s), found in 3 % of the frames" in printed
    done = redone(before, run)
    assert done >= {"landmarks", "report"}
    assert not {key for key in done if key.split("/")[0] in ("flow", "motion", "forecast")}
    own = art.load_landmarks(run / "landmarks", 60)
    assert json.loads((run / "flow/stage.json").read_text())["settings"]["reference"] == REFERENCE
    assert own.names == ("dome",)
    assert own.positions.tolist() == [[18, 20]]
    assert own.displacements[0, 5].tolist() == [0.25, 1.5]
    assert np.isfinite(own.displacements[..., 0]).sum() == 2
    # Without the file they are found again.
    succeed("run", phantom, "--out", run, "--set", "landmarks.file=")
    assert {n: results(run)[n] for n in LANDMARKS} == {n: results(original_run)[n] for n in LANDMARKS}


def test_what_the_file_says_counts_not_where_it_lies(phantom: Path, run: Path, tmp_path: Path) -> None:
    succeed("run", phantom, "--out", run, "--landmarks", write(tmp_path))
    before = made_at(run)
    assert "Nothing to do" in succeed("run", phantom, "--out", run)
    moved = write(tmp_path).rename(tmp_path / "moved.csv")
    succeed("run", phantom, "--out", run, "--landmarks", moved)
    assert redone(before, run) == {"report"}, "which shows the settings"
    moved.write_text(MARKS.replace("21.5", "22"))
    succeed("run", phantom, "--out", run)
    assert "landmarks" in redone(before, run)
    assert art.load_landmarks(run / "landmarks", 60).displacements[0, 5].tolist() == [0.25, 2]


def test_a_path_is_relative_to_where_it_is_given(
    phantom: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    succeed("run", phantom, "--out", run, "--landmarks", "marks.csv")
    monkeypatch.chdir("/")
    assert "Nothing to do" in succeed("run", phantom, "--out", run)
    (tmp_path / "settings.toml").write_text('[landmarks]\nfile = "marks.csv"\n')
    succeed("run", phantom, "--out", tmp_path / "other", *OPTIONS, "--settings", tmp_path / "settings.toml")
    assert art.load_landmarks(tmp_path / "other/landmarks", 60).names == ("dome",)


def test_a_run_whose_file_is_gone_can_be_drawn_but_not_made_again(phantom: Path, run: Path, tmp_path: Path) -> None:
    marks = write(tmp_path)
    succeed("run", phantom, "--out", run, "--landmarks", marks)
    marks.unlink()
    printed = succeed("report", run, "--out", tmp_path / "page")
    assert "not made" not in printed
    assert "landmarks" not in printed
    succeed("export", run, "--what", "dvf", "--out", tmp_path / "dvf.nii.gz")
    sentence = call_cli("run", phantom, "--out", run).sentence
    assert "the list of landmarks must be readable, got No such file or directory" in sentence


def test_own_landmarks_that_do_not_fit_are_refused_before_anything_is_made(phantom: Path, tmp_path: Path) -> None:
    for text, words in (
        (
            MARKS.replace(f"dome,{REFERENCE}", "dome,1"),
            f"every landmark must have a row for the reference frame, {REFERENCE}",
        ),
        (MARKS.replace("dome,5", "dome,60"), "a landmark's frame must be 0 to 59, got 60 for dome"),
        ("a,b\n", "a list of landmarks needs the columns name, frame, row, column"),
    ):
        sentence = call_cli(
            "run", phantom, "--out", tmp_path / "run", "--method", "linear", "--landmarks", write(tmp_path, text)
        ).sentence
        assert words in sentence
    assert not (tmp_path / "run").exists()
