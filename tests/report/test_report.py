"""The files of a report: complete, readable from disk, escaped, true to the numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files as files_of
from typing import Any

import numpy as np
import pytest

from cinecast.report import render_report
from cinecast.report.data import ReportFlow, ReportWarning
from cinecast.report.score_table import score_rows, with_diverged_runs
from helpers import packed_form
from helpers.report_data import UNUSUAL, Simulated, simulated_report

EVIL = "</script><script>alert(1)</script>"


class Page(HTMLParser):
    """What a browser makes of the page: elements, what they refer to, and text."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.references: list[str] = []
        self.identities: set[str] = set()
        self.text = ""
        self.feed(files["index.html"].decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        values = dict(attrs)
        self.references += [value for key in ("src", "href") if (value := values.get(key))]
        self.identities.add(values.get("id") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def numbers(files: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(re.fullmatch(rb"cinecast\.start\((.*)\);\n", files["assets/numbers.js"])[1]))  # type: ignore[index]


def received(script: bytes) -> dict[str, Any]:
    return dict(json.loads(re.fullmatch(rb'cinecast\.receive\("\w+",(.*)\);\n', script)[1]))  # type: ignore[index]


def content_of(files: dict[str, bytes], entry: dict[str, Any]) -> dict[str, Any]:
    return received(files[f"assets/{entry['id']}.js"])


def table_rows(files: dict[str, bytes]) -> list[str]:
    return re.findall(r"<tr data-region.*?</tr>", files["index.html"].decode(), re.DOTALL)


def test_every_script_of_the_page_is_in_one_of_its_two_files(rng: np.random.Generator) -> None:
    static = files_of("cinecast.report").joinpath("static")
    folders = (static, static.joinpath("uplot"))
    scripts = [file.read_bytes() for folder in folders for file in folder.iterdir() if file.name.endswith(".js")]
    files = render_report(simulated_report(rng))
    whole = files["assets/first.js"] + files["assets/report.js"]
    assert all(whole.count(script) == 1 for script in scripts)
    assert len(whole) == sum(map(len, scripts))


def test_every_file_that_the_page_refers_to_is_in_the_folder(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng))
    entries = numbers(files)["entries"]
    own = {reference for reference in Page(files).references if not reference.startswith("#")}
    assert {*own, *(f"assets/{entry['id']}.js" for entry in entries)} <= files.keys()
    assert {"assets/frames.js", "assets/flow_0.js", "assets/model_0.js"} <= files.keys()


def test_the_first_picture_needs_no_frame_but_its_own(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    files = render_report(data)
    (first,) = re.findall(r'data-first="([^"]+)"', files["index.html"].decode())
    start = numbers(files)["start"].items()
    (entry,) = (entry for entry in numbers(files)["entries"] if start <= entry.items())
    assert first.split() == ["opening", entry["id"], "model_0"]
    opening, frames = (received(files[f"assets/{name}.js"]) for name in ("opening", "frames"))
    shown = packed_form.integers(opening["real"])
    np.testing.assert_array_equal(shown, packed_form.integers(frames["real"])[:1])
    np.testing.assert_array_equal(shown[0], data.sequence.frames[data.sequence.split.validation_end])
    np.testing.assert_array_equal(packed_form.floats(opening["references"][0]), data.sequence.frames[0])


def test_the_library_of_the_charts_stands_with_its_licence(rng: np.random.Generator) -> None:
    licence = files_of("cinecast.report").joinpath("static", "uplot", "LICENSE").read_text().strip()
    assert licence.startswith("The MIT License")
    assert licence in render_report(simulated_report(rng))["assets/report.js"].decode()


def test_warnings_stand_in_the_head_with_long_lists_folded(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert "warnings" not in Page(render_report(data)).identities
    warnings = (ReportWarning(f"read {EVIL}"), ReportWarning("the flow does not", "frames 1, 3, 5"))
    html = render_report(replace(data, warnings=warnings))["index.html"].decode()
    (block,) = re.findall(r'<div class="banner" id="warnings">.*?</div>', html, re.DOTALL)
    assert html.index(block) < html.index("</header>")
    assert block.count("<li>") == 2
    assert "<script>" not in block
    assert re.findall("<details>.*?</details>", block) == [
        "<details><summary>All of these frames</summary>frames 1, 3, 5</details>"
    ]


def test_the_head_tells_the_levels_of_the_pyramid(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert "pyramid of" not in Page(render_report(data)).text
    flow = replace(data.flows[0], levels=5)
    assert "(pyramid of 5 levels)" in Page(render_report(replace(data, flows=(flow,)))).text


def test_every_link_and_label_has_its_target(rng: np.random.Generator) -> None:
    page = Page(render_report(simulated_report(rng)))
    targets = {reference[1:] for reference in page.references if reference.startswith("#")}
    assert len(targets) == 11
    assert targets <= page.identities


def test_nothing_comes_from_a_network(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng))
    library = files_of("cinecast.report").joinpath("static", "uplot", "uPlot.iife.min.js").read_bytes()
    own = [content.replace(library, b"") for content in files.values()]
    assert not any(re.search(rb"https?:|fetch\(|@import|XMLHttpRequest", content) for content in own)


def test_text_of_inputs_stays_text(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(name=EVIL), settings_text=EVIL, versions={EVIL: EVIL}, seconds={EVIL: 1.0})
    entries = tuple(replace(entry, title=EVIL, method=EVIL) for entry in data.entries)
    scores = [row | {"method": EVIL} for row in data.scores]
    harmless = Page(render_report(simulated_report(rng)))
    files = render_report(replace(data, entries=entries, scores=scores))
    page = Page(files)
    assert page.elements.count("script") == harmless.elements.count("script")
    assert page.text.count(EVIL) >= 5  # heading, settings, versions, table
    assert b"<" not in files["assets/numbers.js"]
    assert numbers(files)["entries"][0]["title"] == EVIL


def test_free_text_of_the_source_stays_out(rng: np.random.Generator) -> None:
    page = Page(render_report(simulated_report(rng)))
    assert "free text of a scanner" not in page.text
    assert "sidecar simulated.json" in page.text


def test_header_states_the_facts(rng: np.random.Generator) -> None:
    text = Page(render_report(simulated_report(rng))).text
    text = " ".join(text.replace("\N{MULTIPLICATION SIGN}", "x").replace("\N{EN DASH}", "-").split())
    for fact in (
        "30 of 24 x 16 pixels",
        "0.25 s (4 Hz)",
        "2 x 1.5 mm",
        "train 0-9, validation 10-20, test 21-29",
        "rows 4-19, columns 2-9",
        "grey valuesuint16, ",
        "Motion measured fromframe 0",
    ):
        assert fact in text


def test_the_published_protocol_is_labelled_and_only_it(rng: np.random.Generator) -> None:
    causal = render_report(simulated_report(rng))
    published = render_report(simulated_report(rng, Simulated(protocol="published")))
    sentence = "NON-CAUSAL: the methods learned from targets before they existed."
    assert sentence in " ".join(Page(published).text.split())
    assert "non-causal" not in Page(causal).text.lower()
    assert sum("non-causal (published)" in row for row in table_rows(published)) == 8  # 2 methods, horizons, regions


def test_the_table_shows_every_score(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    rows = table_rows(render_report(data))
    assert len(rows) == 4 * 2 * 2  # methods, horizons, regions
    score = next(s for s in data.scores if s["method"] == "snap1" and s["region"] == "roi" and s["metric"] == "ssim")
    row = next(r for r in rows if 'data-region="roi"' in r and 'data-method="snap1" data-horizon="1"' in r)
    assert f"{float(score['value']):.3f} ± {float(score['half_range_95']):.3f}" in row
    assert [r for r in rows if 'data-method="oracle"' in r and 'data-horizon="3"' in r]


def test_bold_marks_the_best_forecast_and_never_a_reference(rng: np.random.Generator) -> None:
    rows = table_rows(render_report(simulated_report(rng)))
    assert not [r for r in rows if "reference" in r and " best" in r]
    at_one = [r for r in rows if 'data-region="roi"' in r and 'data-horizon="1"' in r and "reference" not in r]
    assert sum(" best" in r for r in at_one) >= 1


def with_errors(rng: np.random.Generator, errors: dict[str, float]) -> dict[str, bytes]:
    data = simulated_report(rng, Simulated(roi=None, horizons=(2,)))
    main = [s for s in data.scores if s["metric"] == "dvf_error_mean_mm"]
    return render_report(replace(data, scores=[s | {"value": repr(errors[s["method"]])} for s in main]))


def test_the_outcome_names_the_best_method(rng: np.random.Generator) -> None:
    files = with_errors(rng, {"oracle": 0.5, "persistence": 2.0, "linear": 1.25, "snap1": 1.0})
    text = " ".join(Page(files).text.split())
    assert "Recurrent net is best, with an error of 1.00 mm; persistence 2.00 mm; oracle 0.50 mm." in text
    assert numbers(files)["start"] == {"method": "snap1", "horizon_frames": 2}


def test_the_outcome_says_when_persistence_wins(rng: np.random.Generator) -> None:
    text = " ".join(
        Page(with_errors(rng, {"oracle": 0.5, "persistence": 0.9, "linear": 1.25, "snap1": 1.0})).text.split()
    )
    assert (
        "No method beats persistence. The nearest, Recurrent net, has an error of 1.00 mm; persistence 0.90 mm" in text
    )


def test_missing_scores_are_dashes(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    lost = [s | {"value": "", "half_range_95": "", "runs": "0"} if s["method"] == "linear" else s for s in data.scores]
    rows = [r for r in table_rows(render_report(replace(data, scores=lost))) if 'data-method="linear"' in r]
    assert len(rows) == 4
    assert all('<td data-value="nan" class="">\N{EN DASH}</td>' in row and " best" not in row for row in rows)


def test_seconds_are_summed_by_stage_without_an_older_report(rng: np.random.Generator) -> None:
    text = " ".join(Page(render_report(simulated_report(rng))).text.split())
    assert "forecast23.50" in text
    assert "99.00" not in text


@pytest.mark.parametrize(
    "what",
    list(UNUSUAL.values()),
    ids=list(UNUSUAL),
)
def test_unusual_runs_are_drawn_too(rng: np.random.Generator, what: Simulated) -> None:
    files = render_report(simulated_report(rng, what))
    run = numbers(files)
    assert len(run["player_frames"]) == what.test_count
    assert (run["roi"] is None) == (what.roi is None)
    assert "Scores" in Page(files).text
    for entry in run["entries"]:
        content = content_of(files, entry)
        assert content["forecasts"]["shape"] == [entry["runs"], 2, what.frame_count]
        assert content["scores"]["shape"] == [entry["runs"], what.test_count, len(entry["regions"]), 4]
        assert entry["errors_mm"].keys() == set(entry["regions"])


def test_a_diverged_run_leaves_the_errors_of_the_others(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng, Simulated(diverged=0)))
    entry = next(e for e in numbers(files)["entries"] if e["method"] == "snap1")
    assert all(error is not None for error in entry["errors_mm"]["image"])


def test_a_run_that_diverged_half_way_counts_for_nothing_as_in_the_scores(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(diverged=5))
    files = render_report(data)
    entry = next(e for e in numbers(files)["entries"] if (e["method"], e["horizon_frames"]) == ("snap1", 3))
    scored = next(
        float(s["value"])
        for s in data.scores
        if (s["method"], s["horizon_frames"], s["region"], s["metric"]) == ("snap1", "3", "roi", "dvf_error_mean_mm")
    )
    assert np.mean(entry["errors_mm"]["roi"]) == pytest.approx(scored, rel=1e-5)


def test_diverged_runs_are_counted_in_the_outcome_and_in_the_table(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(roi=None, horizons=(2,), diverged=5))
    errors = {"oracle": "0.5", "persistence": "2.0", "linear": "1.25", "snap1": "1.0"}
    main = [s for s in data.scores if s["metric"] == "dvf_error_mean_mm"]
    files = render_report(replace(data, scores=[s | {"value": errors[s["method"]]} for s in main]))
    text = " ".join(Page(files).text.split())
    assert "is best, with an error of 1.00 mm (1 of 3 runs diverged and are left out); persistence 2.00 mm" in text
    (row,) = (r for r in table_rows(files) if 'data-method="snap1"' in r)
    assert '<td data-value="2">2 <small>(1 of 3 diverged)</small></td>' in row
    assert sum("diverged)" in r for r in table_rows(files)) == 1
    assert "runs diverged" not in Page(render_report(simulated_report(rng))).text


@pytest.mark.parametrize(("last_scored", "diverged"), [(4, 0), (5, 1), (-1, 1)])
def test_a_run_that_diverges_after_the_last_scored_frame_has_not_diverged(
    rng: np.random.Generator, last_scored: int, diverged: int
) -> None:
    data = simulated_report(rng, Simulated(diverged=5))
    entries = tuple(replace(entry, last_scored=last_scored) for entry in data.entries)
    rows = with_diverged_runs(score_rows(data.scores), replace(data, entries=entries))
    assert {(row.asked, row.diverged) for row in rows if row.method == "snap1"} == {(3, diverged)}


def test_the_runs_of_the_table_are_those_of_the_error_in_mm(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    more = {"runs": "50"}
    scores = [s | more if (s["method"], s["metric"]) == ("snap1", "weights_nrmse") else s for s in data.scores]
    rows = [r for r in table_rows(render_report(replace(data, scores=scores))) if 'data-method="snap1"' in r]
    assert len(rows) == 4
    assert all('<td data-value="3">3</td>' in row for row in rows)


def test_what_is_missing_is_said_and_the_rest_is_drawn(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    sentence = "forecast/rls/h003 is damaged"
    bare = replace(data, entries=(), models=(), flows=(ReportFlow(0, None),), scores=[])
    files = render_report(replace(bare, missing=(sentence,)))
    page = Page(files)
    assert sentence in page.text
    assert "This run is not complete" in page.text
    assert {"weights-chart", "horizon-chart", "scores"}.isdisjoint(page.identities)
    assert numbers(files)["start"] is None
    assert "assets/flow_0.js" not in files


def test_the_best_of_an_incomplete_run_is_said_to_be_the_best_of_what_is_there(rng: np.random.Generator) -> None:
    words = "Results are missing, and one of them may be better"
    assert words in Page(render_report(simulated_report(rng, missing=("score/rls/h003: not made yet",)))).text
    assert words not in Page(render_report(simulated_report(rng))).text


def test_a_whole_run_has_no_word_of_missing_parts(rng: np.random.Generator) -> None:
    assert "missing" not in Page(render_report(simulated_report(rng))).identities


def test_the_same_run_gives_the_same_bytes_and_is_left_as_it_was(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    before = data.sequence.frames.copy(), data.entries[-1].forecasts.copy()
    assert render_report(data) == render_report(data)
    np.testing.assert_array_equal(data.sequence.frames, before[0])
    np.testing.assert_array_equal(data.entries[-1].forecasts, before[1])
