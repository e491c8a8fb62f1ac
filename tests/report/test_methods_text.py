"""The text for a paper: what the run did, in its own numbers, and nothing that it did not do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecast.report import ReportData, compare_runs, render_report
from cinecast.report.citations import METHOD_SOURCES, SOURCES, method_source
from cinecast.report.data import ReportEntry
from cinecast.report.methods_text import methods_text
from cinecast.report.score_table import score_rows
from cinecast_models.registry import METHODS
from helpers.command_line import ROOT
from helpers.report_data import Simulated, simulated_report, with_modes


def text_of(data: ReportData) -> str:
    """Return the text as it is pasted."""
    found = methods_text(data, score_rows(data.scores))
    assert found is not None
    return found.plain


def words_of(rng: np.random.Generator, settings: str = "", simulated: Simulated | None = None) -> str:
    return text_of(simulated_report(rng, simulated, settings_text=settings))


def test_it_tells_the_numbers_of_the_run(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    text = text_of(data)
    assert "30 frames of 24 \u00d7 16 pixels (rows \u00d7 columns), one every 0.25 s." in text
    assert "2 \u00d7 1.5 mm" in text
    assert (
        "The train span was frames 0 to 9, the validation span frames 10 to 20, and the test span frames 21 to 29."
        in text
    )
    assert "motion was measured from frame 0 by dense, pyramidal, iterative Lucas-Kanade" in text
    assert "Its 2 modes explained 90.0 % of their variance." in text
    assert "forecast 0.25 s (1 frame) and 0.75 s (3 frames) ahead." in text
    assert "Recurrent net (snap1) [3] forecast 2 modes. It was run 3 times with random numbers (seed 0)." in text
    assert "Linear regression (linear) forecast 2 modes. Recurrent" in text
    assert "Every forecast was causal" in text
    value = next(float(s["value"]) for s in data.scores if s["method"] == "linear" and s["region"] == "roi")
    assert f"{value:.2f} mm (Linear regression)" in text
    assert "cinecast [5], version 0.1.0." in text


def test_it_tells_how_many_frames_the_flow_does_not_explain(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert "explain " not in text_of(data)
    flow = replace(data.flows[0], unexplained=(4, 21, 22))
    text = text_of(replace(data, flows=(flow,)))
    assert "The flow did not explain 3 of 30 frames, 2 of them in the test span: brought back" in text


def test_it_tells_how_many_test_frames_were_scored(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert "were scored" not in text_of(data)

    def after_a_pause(entry: ReportEntry) -> ReportEntry:
        assert entry.frame_scores is not None
        scores = entry.frame_scores.copy()
        scores[:, : 2 * entry.horizon.frames] = np.nan
        return replace(entry, frame_scores=scores)

    text = text_of(replace(data, entries=tuple(map(after_a_pause, data.entries))))
    assert "Of the 9 test frames 7 at 0.25 s and 3 at 0.75 s were scored: of the others the motion" in text


def test_every_source_that_is_cited_is_listed_and_none_else(rng: np.random.Generator) -> None:
    for simulated in (Simulated(), Simulated(methods=("oracle", "linear")), Simulated(landmarks=3)):
        text, _, listed = words_of(rng, simulated=simulated).partition("References")
        cited = {int(number) for group in re.findall(r"\[([\d, ]+)\]", text) for number in group.split(",")}
        assert cited == {int(number) for number in re.findall(r"^\[(\d+)\]", listed, re.MULTILINE)}
        assert cited == set(range(1, len(cited) + 1))


@pytest.mark.parametrize(
    ("settings", "said", "unsaid"),
    [
        ('[flow]\ndvf = "mine.npy"\nreference = 0\n', "not measured here", "Lucas-Kanade"),
        ('[flow]\nestimator = "farneback"\nreference = 0\n', "with the flow farneback", "Lucas-Kanade"),
        ('[flow]\narithmetic = "published"\nreference = 0\n', "that of the published tables", "farneback"),
        ("[forecast]\nseed = 7\n", "(seed 7)", "(seed 0)"),
        ("[forecast.snap1]\nhidden_units = 12\n", "differed from the defaults: hidden_units = 12.", "tuned"),
    ],
)
def test_settings_change_what_is_told(rng: np.random.Generator, settings: str, said: str, unsaid: str) -> None:
    text = words_of(rng, settings)
    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize(
    ("protocol", "said"), [("published", "non-causal"), ("unknown", "is not known, because the motion was given")]
)
def test_no_run_is_called_causal_that_is_not(rng: np.random.Generator, protocol: str, said: str) -> None:
    text = words_of(rng, simulated=Simulated(protocol=protocol, methods=("oracle", "linear")))
    assert said in text
    assert "Every forecast was causal" not in text


def test_landmarks_are_told_of_only_where_they_were_scored(rng: np.random.Generator) -> None:
    assert "andmark" not in words_of(rng)
    text = words_of(rng, simulated=Simulated(landmarks=3))
    assert "3 landmarks, chosen in the train span, were available in 89 % of the test frames." in text
    assert "mean landmark error was" in text
    given = words_of(rng, '[landmarks]\nfile = "mine.csv"\n', Simulated(landmarks=3))
    assert "3 landmarks, given by the user," in given


def _without_scores(data: ReportData) -> ReportData:
    return replace(data, scores=[])


def _without_forecasts(data: ReportData) -> ReportData:
    return replace(data, entries=(), scores=[])


def _without_models(data: ReportData) -> ReportData:
    return replace(data, entries=(), scores=[], models=())


@pytest.mark.parametrize(
    ("lacking", "unsaid"),
    [
        (_without_scores, ["error was", "SSIM", "geometric error"]),
        (_without_forecasts, ["forecast", "causal", "SSIM"]),
        (_without_models, ["principal component", "Lucas-Kanade", "forecast"]),
    ],
)
def test_an_unfinished_run_claims_nothing(
    rng: np.random.Generator, lacking: Callable[[ReportData], ReportData], unsaid: list[str]
) -> None:
    text = text_of(lacking(simulated_report(rng))).partition("References")[0]
    assert [words for words in unsaid if words in text] == []


def test_methods_of_fewer_modes_are_told_apart(rng: np.random.Generator) -> None:
    text = text_of(with_modes(simulated_report(rng), 5))
    assert "Its 5 modes explained" in text
    assert "Linear regression (linear) forecast 2 modes" in text


def test_runs_that_diverged_are_told_of(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(diverged=0))
    assert "1 of 3 runs of Recurrent net diverged and were left out." in render_report(data)["methods.txt"].decode()


def test_the_same_text_stands_on_the_page_and_beside_it(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng))
    paragraphs = files["methods.txt"].decode().partition("\n\nReferences")[0].split("\n\n")
    page = html.unescape(files["index.html"].decode())
    assert len(paragraphs) == 6
    assert all(f"<p>{paragraph}</p>" in page for paragraph in paragraphs)


def test_there_is_none_for_compared_runs_or_settings_of_nothing(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    both = compare_runs(["a", "b"], [data, replace(data, settings_text="[flow]\nlevels = 2\n")])
    for each in (both, replace(data, settings_text="[[["), replace(data, settings_text="[flow]\nlevels = 99\n")):
        files = render_report(each)
        assert "methods.txt" not in files
        assert b"methods-heading" not in files["index.html"]


def test_every_method_of_our_own_has_its_sources() -> None:
    assert {name for name, method in METHODS.items() if not method.source} == set(METHOD_SOURCES)
    assert {key for keys in METHOD_SOURCES.values() for key in keys} <= set(SOURCES)


def test_a_method_of_another_package_is_cited_by_its_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(METHODS["linear"], title="Tide tables", source="tides 1.2")
    monkeypatch.setitem(METHODS, "tides", other)
    (source,) = method_source("tides")
    assert source.startswith("Tide tables. Least squares of the samples")
    assert source.endswith("Software, tides 1.2.")
    assert method_source("no_such_method") == ()


def test_the_papers_of_the_citation_file_are_cited_alike() -> None:
    citation = Path(ROOT / "CITATION.cff").read_text(encoding="utf-8").partition("references:")[2]
    titles = [title.strip('"') for title in re.findall(r"^    title: (.+)$", citation, re.MULTILINE)]
    assert len(titles) == 8
    assert [title for title in titles if not any(title in source for source in SOURCES.values())] == []


def test_sentences_are_short(rng: np.random.Generator) -> None:
    text = words_of(rng, simulated=Simulated(landmarks=3, drifting=("linear",))).partition("References")[0]
    body = [part for part in text.split("\n\n") if "mean landmark error was" not in part]  # a list of numbers
    sentences = re.split(r"(?<=[.:])\s+(?=[A-Z\d])", " ".join(body))
    assert [sentence for sentence in sentences if len(sentence.split()) > 30] == []
