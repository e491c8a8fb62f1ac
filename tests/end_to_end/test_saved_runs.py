"""`cinecast report` and `cinecast compare`: what of a run is there is drawn, what is not is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from cinecast import __version__
from cinecast.figures.choice import Shown
from cinecast.figures.radius import band_of
from cinecast.run.saved import saved_run
from cinecast.store import RunFolder
from cinecast.store.digests import file_digest, json_digest
from cinecast.store.tables import read_table
from helpers.browser import choose, values, wait_until_idle
from helpers.command_line import call_cli, digests, made_at, redone, succeed
from helpers.predicted import predicted_of

Open = Callable[[Path], Page]


def left_out(printed: str) -> list[str]:
    return [line.removeprefix("Left out: ") for line in printed.splitlines() if line.startswith("Left out: ")]


def test_the_report_of_a_whole_run_is_the_same_again(run: Path, phantom: Path) -> None:
    before = digests(run / "report")
    printed = succeed("report", run)
    assert left_out(printed) == []
    assert f"Report: {run / 'report' / 'index.html'}" in printed
    after = digests(run / "report")
    # Seconds and digests of the new report stand in its record alone.
    assert {name for name in after if after[name] != before.get(name)} == {"stage.json"}
    assert "Nothing to do" in succeed("run", phantom, "--out", run)


def test_a_run_that_stopped_half_way_shows_what_is_there(run: Path, phantom: Path, tmp_path: Path) -> None:
    for stage in ("score", "report", "forecast/snap1"):
        shutil.rmtree(run / stage)
    printed = succeed("report", run, "--out", tmp_path / "page")
    assert left_out(printed)[0] == "forecast/snap1/h001, forecast/snap1/h002: not made yet"
    assert left_out(printed)[1].startswith("score/oracle/h000, score/persistence/h001, score/persistence/h002, ")
    page = (tmp_path / "page/index.html").read_text()
    assert "forecast/snap1/h001, forecast/snap1/h002: not made yet" in page
    assert 'id="scores"' not in page
    assert 'id="weights-chart"' in page
    assert not (run / "report").exists()
    before = made_at(run)
    succeed("report", run)
    succeed("run", phantom, "--out", run)  # the report of an incomplete run is not taken for a finished one
    assert "report" in redone(before, run)
    assert "This run is not complete" not in (run / "report/index.html").read_text()


@pytest.mark.parametrize(
    ("damaged", "said", "gone"),
    [
        ("flow/dvf.npy", "flow: damaged", "flow_0.js"),
        ("forecast/linear/h002/weights.csv", "forecast/linear/h002: damaged", "entry_006.js"),
        ("motion/train_0020/modes.npy", "motion/train_0020: damaged", "model_0.js"),
    ],
)
def test_what_is_damaged_is_named_and_not_drawn(run: Path, tmp_path: Path, damaged: str, said: str, gone: str) -> None:
    path = run / damaged
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    assert (run / "report/assets" / gone).exists()
    printed = succeed("report", run, "--out", tmp_path / "page")
    assert any(sentence.startswith(said) for sentence in left_out(printed))
    assert not (tmp_path / "page/assets" / gone).exists()
    assert said in (tmp_path / "page/index.html").read_text()


def test_the_report_names_the_versions_that_made_scores_and_forecasts(run: Path, tmp_path: Path) -> None:
    frames = RunFolder.view(run).record("frames")
    record = {**frames, "versions": {**frames["versions"], "cinecast": "0.0.1"}}
    (run / "frames/stage.json").write_text(json.dumps({**record, "digest": json_digest(record)}))
    succeed("report", run, "--out", tmp_path / "page")
    later = "flow, motion, forecast, landmarks, score"
    assert f">0.0.1 (frames); {__version__} ({later})<" in (tmp_path / "page/index.html").read_text()


def test_a_run_of_version_0_1_0_is_drawn(run: Path, tmp_path: Path) -> None:
    # It said nothing of gaps, which its recordings had not.
    facts, record = (json.loads((run / "frames" / name).read_text()) for name in ("sequence.json", "stage.json"))
    del facts["longest_gap_s"], record["digest"]
    (run / "frames/sequence.json").write_text(json.dumps(facts, indent=1))
    record["files"]["sequence.json"] = file_digest(run / "frames/sequence.json")
    del record["settings"]["longest_gap_s"], record["settings"]["kind"]
    (run / "frames/stage.json").write_text(json.dumps({**record, "digest": json_digest(record)}))
    printed = succeed("report", run, "--out", tmp_path / "page")
    assert f"Report: {tmp_path / 'page' / 'index.html'}" in printed
    assert not any(sentence.startswith("frames: ") for sentence in left_out(printed))
    assert (tmp_path / "page/index.html").exists()
    succeed("export", run, "--what", "frames", "--out", tmp_path / "frames.nii.gz")


def test_results_of_other_settings_are_not_drawn(run: Path, tmp_path: Path) -> None:
    settings = run / "settings.toml"
    settings.write_text(settings.read_text().replace('levels = "auto"', "levels = 2"))
    said = left_out(succeed("report", run, "--out", tmp_path / "page"))
    assert said[0].startswith("flow: not made from what the run holds now")
    assert said[1].startswith("motion/train_0020, motion/drift_0020: not made from")
    assert said[2].startswith("forecast/oracle/h000, ")
    assert not list((tmp_path / "page/assets").glob("entry_*"))


def test_frames_that_were_read_with_other_settings_make_no_result_up_to_date(run: Path, tmp_path: Path) -> None:
    """So a command leaves them that is killed before it has read its sequence anew."""
    settings = run / "settings.toml"
    settings.write_text(settings.read_text().replace("longest_gap_s = 1.0", "longest_gap_s = 5.0"))
    said = left_out(succeed("report", run, "--out", tmp_path / "page"))
    assert said[0].startswith("frames: not made from what the run holds now")
    assert [sentence.partition(":")[0] for sentence in said[1:3]] == ["flow", "motion/train_0020, motion/drift_0020"]
    assert not list((tmp_path / "page/assets").glob("entry_*"))


def test_a_report_replaces_an_earlier_one_and_nothing_else(run: Path, tmp_path: Path) -> None:
    for _ in range(2):
        succeed("report", run, "--out", tmp_path / "page")
    assert call_cli("report", run, "--out", run).sentence == (
        f"cinecast: the output must be a new or empty folder or an earlier report, got {run}, which is neither; "
        "choose another --out"
    )


def test_a_report_never_replaces_what_a_user_put_beside_it(run: Path, tmp_path: Path) -> None:
    page, other = tmp_path / "page", tmp_path / "other"
    succeed("report", run, "--out", page)
    (page / "my_notes.txt").write_text("mine")
    expected = (
        f"cinecast: a report must replace nothing but an earlier report, got my_notes.txt in {page}, which no report "
        "wrote; move it elsewhere or choose another --out"
    )
    shutil.copytree(run, other)
    for command in (("report", run), ("compare", run, other)):
        assert call_cli(*command, "--out", page).sentence == expected
    assert (page / "my_notes.txt").read_text() == "mine"


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    assert "a run must be a folder that 'cinecast run' made" in call_cli("report", tmp_path).sentence


def test_a_run_without_settings_is_refused(run: Path) -> None:
    (run / "settings.toml").unlink()
    assert "a run must hold settings.toml, got none" in call_cli("report", run).sentence


def test_a_run_without_frames_is_refused(run: Path) -> None:
    (run / "frames/frames.npy").write_bytes(b"")
    assert "a run must hold its frames to be drawn, got them damaged" in call_cli("report", run).sentence
    shutil.rmtree(run / "frames")
    assert "got them not made yet" in call_cli("report", run).sentence


def test_runs_are_compared(run: Path, phantom: Path, tmp_path: Path) -> None:
    other = tmp_path / "fewer modes"
    succeed("run", phantom, "--out", other, "--method", "linear", "--horizon", "1", "--set", "motion.modes=2")
    printed = succeed("compare", run, other, "--out", tmp_path / "page")
    assert f"Report: {tmp_path / 'page/index.html'}" in printed
    text = (tmp_path / "page/index.html").read_text()
    assert "<code>motion.modes</code>" in text
    assert "<code>flow.levels</code>" not in text
    assert text.count('data-method="fewer modes \N{MIDDLE DOT} linear"') == 4  # regions


def test_runs_of_two_sequences_are_refused(run: Path, tmp_path: Path) -> None:
    succeed(
        "phantom",
        tmp_path / "other.nii.gz",
        "--frames",
        "40",
        "--rows",
        "32",
        "--columns",
        "32",
        "--pixel-spacing",
        "9",
    )
    other = tmp_path / "other"
    succeed("run", tmp_path / "other.nii.gz", "--out", other, "--method", "linear", "--horizon", "1")
    sentence = call_cli("compare", run, other, "--out", tmp_path / "page").sentence
    assert "runs to compare must be of one sequence, got 'breathing' in run and 'other' in other" in sentence
    assert not (tmp_path / "page").exists()


def test_a_run_is_not_compared_with_itself(run: Path, tmp_path: Path) -> None:
    sentence = call_cli("compare", run, run, "--out", tmp_path / "page").sentence
    assert f"each run must be named once, got {run} twice" in sentence


@pytest.mark.browser
def test_the_page_predicts_what_the_warp_stage_makes(original_run: Path, open_page: Open) -> None:
    page = open_page(original_run / "report/index.html")
    for method, horizon, run, position in [("snap1", 2, 2, 5), ("linear", 1, 0, 19), ("persistence", 2, 0, 0)]:
        choose(page, "method", method)
        choose(page, "horizon", str(horizon))
        if run:
            choose(page, "sample", str(run))
        page.locator("#slider").fill(str(position))
        levels = values(page, "view.levels('predicted')").reshape(48, 40)
        low = page.evaluate("cinecast.state.numbers.grey.low")
        stored = predicted_of(original_run, method, horizon, run)[position]
        assert np.abs(low + levels - stored).max() <= 1  # one grey level of the source, of more than a thousand


@pytest.mark.browser
def test_a_file_named_like_a_script_runs_nowhere(phantom: Path, tmp_path: Path, open_page: Open) -> None:
    evil = "<script>alert(1)<img src=x onerror=alert(2)>"
    source = tmp_path / f"{evil}.nii.gz"
    phantom.rename(source)
    sidecar = json.loads(phantom.with_name("breathing.json").read_text())
    sidecar.pop("name", None)
    (tmp_path / f"{evil}.json").write_text(json.dumps(sidecar))
    succeed("run", source, "--out", tmp_path / "run", "--method", "linear", "--horizon", "1")
    page = open_page(tmp_path / "run/report/index.html")
    wait_until_idle(page)
    assert page.locator("h1").inner_text().startswith(evil)


def test_a_figure_of_a_run_is_written(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "figure.svg"
    options = ("--what", "weights", "--method", "snap1", "--horizon", "0.5s", "--width", "120")
    assert succeed("figure", run, "--out", out, *options) == f"Wrote {out}\n"
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", out.read_text()))  # a line is a text of its own
    assert "0.50 s ahead, mean of 3 runs" in words


def test_the_report_holds_the_bands_that_were_scored(run: Path, tmp_path: Path) -> None:
    table = read_table(run / "score/snap1/h002/per_frame.csv")
    limits = read_table(run / "score/snap1/h002/bands.csv")
    with saved_run(run) as gathering:
        data = gathering.report_data([])
        entry = next(e for e in data.entries if (e.method, e.horizon.frames) == ("snap1", 2))
        assert entry.bands is not None
        assert entry.bands.level == 0.9
        of_regions = [row for row in table if row["region"] in entry.regions]
        assert len(of_regions) == 3 * 20 * 4
        for row in of_regions:
            place = (int(row["run"]), int(row["frame"]) - 40, entry.regions.index(row["region"]))
            expected = [float(row[metric] or "nan") for metric in ("pixels_inside", "radius_mm")]
            np.testing.assert_array_equal(entry.bands.pixels[place], expected)
            assert np.isfinite(expected).all() == (row["region"] in ("image", "roi"))
        at_landmarks = [float(row["landmark_error_mean_mm"]) for row in table if row["region"] == "landmarks"]
        assert entry.landmark_errors is not None
        np.testing.assert_array_equal(entry.landmark_errors.ravel(), at_landmarks)
        for row in limits:
            radius = (float(row["high_2"]) - float(row["low_2"])) / 2
            assert entry.bands.weight_radius[int(row["run"]), int(row["frame"]), 1] == pytest.approx(radius)
        shown = Shown(data, entry, 1)
        first = next(row for row in table if (row["run"], row["frame"], row["region"]) == ("1", "50", "image"))
        image = (slice(None), slice(None))
        assert band_of(shown, 50).share_inside(image) == pytest.approx(float(first["pixels_inside"]))
    options = ("--what", "radius", "--method", "snap1", "--horizon", "2", "--run", "1", "--frame", "50")
    succeed("figure", run, "--out", tmp_path / "radius.svg", *options)
    assert f"{100 * float(first['pixels_inside']):.1f} % of the image" in (tmp_path / "radius.svg").read_text()


def test_a_figure_of_scores_is_drawn_where_a_forecast_is_damaged(phantom: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "figure.svg"
    succeed("run", phantom, "--out", run, "--method", "linear", "--horizon", "2")
    with (run / "forecast/linear/h002/weights.csv").open("ab") as file:
        file.write(b"\n")
    said = succeed("figure", run, "--what", "horizons", "--out", out).splitlines()
    assert said[0] == "The run lacks forecast/linear/h002: damaged (its files are not those that were written)"
    assert said[-1] == f"Wrote {out}"
    assert ">linear<" in out.read_text()


@pytest.mark.parametrize("option", [("--method", "nonsense"), ("--frame", "9999"), ("--run", "0"), ("--horizon", "2")])
def test_an_option_that_a_figure_has_no_use_for_is_refused(run: Path, tmp_path: Path, option: tuple[str, str]) -> None:
    out = tmp_path / "figure.pdf"
    outcome = call_cli("figure", run, "--what", "horizons", "--out", out, *option)
    said = f"--what horizons can be narrowed by --region alone, got {' '.join(option)}; leave it out"
    assert said in outcome.sentence
    assert not out.exists()


def test_a_figure_needs_an_ending(run: Path, tmp_path: Path) -> None:
    sentence = call_cli("figure", run, "--what", "modes", "--out", tmp_path / "figure").sentence
    assert "a figure must end in .pdf, .svg or .png, got 'figure'" in sentence


def test_a_figure_that_cannot_be_written_is_said(run: Path, tmp_path: Path) -> None:
    outcome = call_cli("figure", run, "--what", "modes", "--out", tmp_path / "missing" / "figure.png")
    assert "No such file or directory" in outcome.sentence
