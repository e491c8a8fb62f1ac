"""DVFs of a user's own in the place of the flow, from the command line: those of OpenCV's dense inverse search."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import call_cli, made_at, redone, succeed
from helpers.other_flow import dis_flow

REFERENCE = 4
OWN = ("--dvf-reference", str(REFERENCE), "--method", "linear", "--horizon", "2")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom with a position, its DVFs by another flow beside it."""
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    settings = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=60, frame_period_s=0.25)
    sequence = make_phantom(settings).sequence
    write_phantom(out, make_phantom(settings))
    np.save(out.with_name("dis.npy"), dis_flow(sequence.frames, REFERENCE))
    return out


@pytest.fixture(scope="module")
def finished(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with these DVFs, for reading only."""
    out = tmp_path_factory.mktemp("own") / "run"
    succeed("run", source, "--out", out, "--dvf", source.with_name("dis.npy"), *OWN)
    return out


def test_the_run_is_made_of_them_and_says_what_is_not_known(source: Path, finished: Path, tmp_path: Path) -> None:
    given = np.load(source.with_name("dis.npy"))
    given[REFERENCE] = 0
    assert np.array_equal(art.load_array(finished / "flow/dvf.npy"), given)
    protocols = {row["method"]: row["protocol"] for row in read_table(finished / "score/scores.csv")}
    assert protocols == {"measured": "measured", "oracle": "oracle", "persistence": "unknown", "linear": "unknown"}
    errors = {
        row["method"]: float(row["value"])
        for row in read_table(finished / "score/scores.csv")
        if row["metric"] == "landmark_error_mean_mm"
    }
    assert errors["measured"] < errors["linear"] < errors["persistence"]
    outcome = call_cli("run", source, "--out", tmp_path / "run", "--dvf", source.with_name("dis.npy"), *OWN)
    assert "causality NOT KNOWN (DVFs given with --dvf)" in " ".join(outcome.output.split())
    assert "protocol causal" not in outcome.output


def test_the_report_says_what_is_not_known(finished: Path, open_page: object, chromium: Browser) -> None:
    del chromium
    page = open_page(finished / "report/index.html")  # type: ignore[operator]  # a fixture that opens pages
    assert "CAUSALITY NOT KNOWN: the DVFs were given" in page.locator("#unknown").inner_text()
    assert page.locator(".badge-causal").count() == 0
    assert "causality not known" in page.locator(".badge-published").inner_text()
    assert "Nothing says which frames they were made from" in page.locator("body").inner_text()


def test_a_run_of_our_own_flow_does_not_say_so(original_run: Path) -> None:
    assert {row["protocol"] for row in read_table(original_run / "score/scores.csv")} <= {
        "causal",
        "oracle",
        "measured",
    }
    assert "CAUSALITY NOT KNOWN" not in (original_run / "report/index.html").read_text()


def test_what_the_file_says_counts_not_where_it_lies(source: Path, finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = made_at(run)
    assert "Nothing to do" in succeed("run", source, "--out", run)
    moved = Path(shutil.copy(source.with_name("dis.npy"), tmp_path / "moved.npy"))
    succeed("run", source, "--out", run, "--dvf", moved)
    assert redone(before, run) == {"report"}, "which shows the settings"
    np.save(moved, 0.97 * np.load(moved))
    succeed("run", source, "--out", run)
    assert {"flow", "motion/train_0020", "score/linear/h002"} <= redone(before, run)
    moved.unlink()
    assert "not made" not in succeed("report", run, "--out", tmp_path / "page")
    assert "must be readable, got No such file" in call_cli("run", source, "--out", run).sentence


def test_without_them_the_flow_is_ours_again(source: Path, finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    printed = succeed("run", source, "--out", run, "--set", "flow.dvf=")
    assert "protocol causal" in printed
    assert json.loads((run / "flow/stage.json").read_text())["settings"]["levels"] == "auto"


@pytest.mark.parametrize("ending", ["mha", "nii.gz"])
def test_what_is_exported_comes_in_again(source: Path, finished: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"dvf.{ending}"
    succeed("export", finished, "--what", "dvf", "--out", file)
    succeed("run", source, "--out", tmp_path / "run", "--dvf", file, *OWN)
    again = art.load_array(tmp_path / "run/flow/dvf.npy")
    np.testing.assert_allclose(again, art.load_array(finished / "flow/dvf.npy"), atol=1e-5)


def test_wrong_conventions_are_one_sentence_each(source: Path, tmp_path: Path) -> None:
    right = np.load(source.with_name("dis.npy"))
    wrong = {
        "other sign or direction": -right,
        "x and y swapped": right[..., ::-1],
        "vectors in mm": np.float32(3.6) * right,
        "NaN or infinity in frame 7": np.where(np.arange(60)[:, None, None, None] == 7, np.nan, right),
        "must have shape (60, 96, 80, 2)": right[:, 1:],
    }
    for words, array in wrong.items():
        np.save(tmp_path / "wrong.npy", array)
        assert (
            words in call_cli("run", source, "--out", tmp_path / "run", "--dvf", tmp_path / "wrong.npy", *OWN).sentence
        )
    assert not (tmp_path / "run").exists()


def test_the_reference_frame_must_be_given(source: Path, tmp_path: Path) -> None:
    file = source.with_name("dis.npy")
    asked = ("run", source, "--out", tmp_path / "run", "--method", "linear", "--dvf", file)
    sentence = call_cli(*asked).sentence
    assert "flow.reference (--dvf-reference) must be the number of the frame" in sentence
    sentence = call_cli(*asked, "--dvf-reference", "9").sentence
    assert "give --dvf-reference 4, whose vectors are the shortest" in sentence


def test_live_refuses_them(source: Path, tmp_path: Path) -> None:
    sets = ("--set", f"flow.dvf={source.with_name('dis.npy')}", "--set", f"flow.reference={REFERENCE}")
    sentence = call_cli("live", source, "--out", tmp_path / "live", "--rate", "max", *sets).sentence
    assert "live forecasting measures the motion itself" in sentence


def test_a_batch_takes_them_from_its_list_and_its_page_says_so(source: Path, tmp_path: Path, address: str) -> None:
    rows = f"path,flow.dvf,flow.reference\n{source},{source.with_name('dis.npy')},{REFERENCE}\n"
    (tmp_path / "list.csv").write_text(rows)
    succeed("batch", tmp_path / "list.csv", "--out", tmp_path / "runs", *OWN[2:], "--scheduler", address)
    assert {"unknown"} == {
        row["protocol"] for row in read_table(tmp_path / "runs/summary.csv") if row["method"] == "linear"
    }
    page = (tmp_path / "runs/index.html").read_text()
    assert "CAUSALITY NOT KNOWN where methods are so marked" in page
    assert '<span class="badge badge-causal"' not in page
