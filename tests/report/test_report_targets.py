"""Targets as the page is given them, and what of them is read without scripts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.report import ReportData, compare_runs, page_assets, render_report
from cinecast.report.data import ReportGate
from cinecast.report.mask_packing import MaskBox, box_of, pack_masks
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows
from cinecast.report.target_table import target_rows
from helpers import packed_form
from helpers.report_data import Simulated, simulated_report
from helpers.report_targets import LABELLED, MISSED, NAME, OFF, REAL, WITHOUT_LABEL, forecast_masks, with_target

FIRST = 21  # first test frame of the simulated run
MM = np.array([1.5, 2.0])  # of a column and a row


def masks_of(packed: dict[str, Any]) -> NDArray[np.bool_]:
    """Return masks in their box, (..., N, rows, columns)."""
    shape = packed["shape"]
    deflated = np.frombuffer(packed_form.inflated(packed["data"]), np.uint8)
    changed = np.unpackbits(deflated)[: int(np.prod(shape))].reshape(shape)
    return np.asarray(changed.cumsum(axis=-3) % 2 == 1)


def numbers_of(packed: dict[str, Any]) -> NDArray[np.int64]:
    return packed_form.integers(packed).astype(np.int64)


def received(files: dict[str, bytes], name: str) -> dict[str, Any]:
    return dict(json.loads(re.fullmatch(rb'cinecast\.receive\("\w+",(.*)\);\n', files[f"assets/{name}.js"])[1]))  # type: ignore[index]


def entry(data: ReportData, method: str, horizon: int) -> str:
    number = next(i for i, e in enumerate(data.entries) if (e.method, e.horizon.frames) == (method, horizon))
    return f"entry_{number:03d}"


def html(files: dict[str, bytes]) -> str:
    return " ".join(files["index.html"].decode().split())


def test_masks_unpack_to_the_same_in_every_arrangement(rng: np.random.Generator) -> None:
    masks = rng.random((3, 5, 9, 7)) < 0.3
    np.testing.assert_array_equal(masks_of(pack_masks(masks, MaskBox(0, 0, 9, 7))), masks)
    np.testing.assert_array_equal(masks_of(pack_masks(masks, MaskBox(2, 1, 4, 6))), masks[..., 2:6, 1:7])


def test_the_box_holds_all_masks_and_nothing_more(rng: np.random.Generator) -> None:
    one, other = np.zeros((4, 9, 7), dtype=bool), np.zeros((9, 7), dtype=bool)
    assert box_of([one, other]) == (0, 0, 1, 1)
    one[3, 2, 5] = other[6, 1] = True
    assert box_of([one, other]) == (2, 1, 5, 5)


def test_masks_and_places_are_those_of_the_discs(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng))
    files = render_report(data)
    (target,) = received(files, "masks")["targets"]
    row, column, rows, columns = target["box"]
    in_box = np.s_[row : row + rows, column : column + columns]
    shown = received(files, entry(data, "snap1", 3))["targets"][0]
    for run, masks in enumerate(masks_of(shown["masks"])):
        np.testing.assert_array_equal(masks, forecast_masks(data, run)[(slice(None), *in_box)])
    np.testing.assert_array_equal(masks_of(target["in_reference"][0])[0], data.targets[0].mask[in_box])
    places = numbers_of(target["measured"][0]["places"]["values"]) * target["measured"][0]["places"]["step_mm"]
    np.testing.assert_allclose(places.T, REAL[:, ::-1] * MM, atol=0.00501)
    found = numbers_of(shown["places"]["values"])
    others = [i for i in range(9) if i != MISSED]
    for run in range(3):
        expected = (REAL + OFF[run])[others, ::-1] * MM
        np.testing.assert_allclose(found[run].T[others] * shown["places"]["step_mm"], expected, atol=0.00501)
    assert (found[..., MISSED] == received(files, "masks")["missed"]).all()
    assert target["centroid"] == [7, 11]


def test_scores_are_those_of_the_run_and_gaps_stay_gaps(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng), labels=True)
    shown = received(render_report(data), entry(data, "linear", 1))["targets"][0]
    own = next(e for e in data.entries if e.method == "linear" and e.horizon.frames == 1).targets[0]
    assert own is not None
    assert set(shown["scores"]) == {"measured", "labels"}
    for ruler, packed in shown["scores"].items():
        assert [each["metric"] for each in packed] == ["centroid_mm", "hd95_mm", "dice"]
        for m, each in enumerate(packed):
            numbers = numbers_of(each["values"])
            found = np.where(numbers == -32768, np.nan, numbers * each["step"])
            np.testing.assert_allclose(found, own.scores[ruler][..., m], atol=0.51 * each["step"])
    assert np.isnan(own.scores["labels"][0, WITHOUT_LABEL]).all()
    centroid = own.scores["measured"][0, :, 0]
    np.testing.assert_allclose(np.delete(centroid, MISSED), 2.0)  # one row off
    assert centroid[MISSED] == 48  # 24 rows of 2 mm: the larger side of the image


def test_frames_whose_motion_was_held_have_no_real_place(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng))
    held = replace(data, flows=(replace(data.flows[0], held=frozenset({3, FIRST + 5})),))
    (target,) = received(render_report(held), "masks")["targets"]
    places = numbers_of(target["measured"][0]["places"]["values"])
    assert (places[:, 5] == -32768).all()
    assert (np.delete(places, 5, axis=1) > -32767).all()


def test_a_diverged_run_has_no_place_which_is_not_the_same_as_missed(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng, Simulated(diverged=2)))
    shown = received(render_report(data), entry(data, "snap1", 1))["targets"][0]
    places = numbers_of(shown["places"]["values"])
    assert (places[0, :, 2:] == -32768).all()
    assert (places[1, :, MISSED] == -32767).all()


def test_masks_are_given_for_shown_frames_places_for_all(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng, Simulated(max_frames=3)))
    files = render_report(data)
    (target,) = received(files, "masks")["targets"]
    shown = received(files, entry(data, "snap1", 1))["targets"][0]
    assert shown["masks"]["shape"][:2] == [3, 3]
    assert shown["places"]["values"]["shape"] == [3, 2, 9]
    row, column, rows, columns = target["box"]
    expected = forecast_masks(data, 1)[::3, row : row + rows, column : column + columns]
    np.testing.assert_array_equal(masks_of(shown["masks"])[1], expected)


def test_no_data_takes_the_name_of_a_script(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng, Simulated(landmarks=2)), labels=True)
    assert not page_assets().keys() & data_scripts(data, score_rows(data.scores)).keys()


def test_without_a_target_nothing_of_it_appears(rng: np.random.Generator) -> None:
    files = render_report(simulated_report(rng))
    page = html(files)
    assert not re.search(r'id="(target|place-chart|worst|show-contours|targets-heading)', page)
    assert "Contours" not in page
    assert "assets/masks.js" not in files
    assert b'"has_targets":false' in files["assets/numbers.js"]
    assert not [name for name in files if name.startswith("assets/entry") and b'"targets"' in files[name]]


def test_with_a_target_its_facts_stand_there_as_text(rng: np.random.Generator) -> None:
    page = html(render_report(with_target(simulated_report(rng))))
    pixels = int(with_target(simulated_report(rng)).targets[0].mask.sum())
    assert f"<strong>GTV &lt;1&gt;</strong>: {pixels} pixels in frame 2; two parts." in page
    assert "where the measured motion carries the mask, and that motion may be wrong" in page
    assert "No test frame has labels" not in html(render_report(with_target(simulated_report(rng), labels=True)))
    assert "gating window" not in page


def test_a_margin_is_said(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng))
    page = html(render_report(replace(data, gate=ReportGate(3.5))))
    assert "The band is the gating window, 3.5 mm to either side along each axis. The beam is on where the d" in page
    assert "where the distance itself is within this limit.</p>" in re.sub(r"\s+<", "<", page)


@pytest.mark.parametrize(
    ("by_radius", "words"),
    [
        ("narrow", "the distance itself and the radius of the centroid together are within this limit."),
        ("widen", "the distance itself, less the radius of the centroid, is within this limit."),
    ],
)
def test_what_the_radius_does_to_the_margin_is_said(by_radius: str, words: str, rng: np.random.Generator) -> None:
    data = replace(with_target(simulated_report(rng)), gate=ReportGate(3.5, 0.25, by_radius))
    assert f"{words} Scores of gating count a latency of 0.25 s." in html(render_report(data))


@pytest.mark.parametrize("other", [ReportGate(6.0), ReportGate(3.0, 0.2), ReportGate(3.0, None, "narrow")])
def test_runs_that_gate_in_another_way_are_said_to_do_so(other: ReportGate, rng: np.random.Generator) -> None:
    first = replace(with_target(simulated_report(rng)), gate=ReportGate(3.0))
    alike = compare_runs(["a", "b"], [first, first])
    assert alike.gate == first.gate
    assert not alike.warnings
    apart = compare_runs(["a", "b"], [first, replace(first, gate=other)])
    (warning,) = apart.warnings
    assert warning.sentence.startswith(f"b gates by {other} and a by 3 mm and a latency as long as the horizon: do not")
    assert "gating window" not in html(render_report(apart))
    without = replace(first, gate=None, targets=(), entries=simulated_report(rng).entries)
    assert compare_runs(["a", "b"], [first, replace(without, scores=[])]).gate == first.gate


def test_rulers_never_share_a_row(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng), labels=True)
    rows = target_rows(data.scores, [NAME])
    keys = [(row.method, row.horizon_frames, row.against) for row in rows]
    assert len(set(keys)) == len(keys) == 2 * 7  # rulers; two horizons of three methods, and the oracle
    by_ruler = {row.against: row for row in rows if row.method == "linear" and row.horizon_frames == 1}
    for against, row in by_ruler.items():
        key = ("linear", "1", against, "dice")
        names = ("method", "horizon_frames", "against", "metric")
        (expected,) = [s["value"] for s in data.scores if tuple(s[name] for name in names) == key]
        assert row.value("dice") == float(expected)
    assert by_ruler["labels"].value("dice") != by_ruler["measured"].value("dice")
    assert [row.against for row in rows] == ["labels"] * 7 + ["measured"] * 7


def test_targets_have_no_row_in_the_table_of_other_regions(rng: np.random.Generator) -> None:
    plain = simulated_report(rng, Simulated(landmarks=2))
    data = with_target(plain, labels=True)
    measured = [dict(row, method="measured", protocol="measured") for row in data.scores if row["against"] == "labels"]
    rows = score_rows([*data.scores, *measured])
    assert {row.region for row in rows} == {"image", "roi"}
    assert [(r.method, r.region, r.horizon_frames) for r in rows] == [
        (r.method, r.region, r.horizon_frames) for r in score_rows(plain.scores)
    ]


def test_compared_runs_show_the_targets_that_they_share(rng: np.random.Generator) -> None:
    run = with_target(simulated_report(rng), labels=True)
    both = compare_runs(["a", "b"], [run, run])
    assert both.targets[0].not_in == ()
    assert all(each.targets[0] is not None for each in both.entries)
    assert len(both.targets[0].measured) == len(both.flows) == 1


@pytest.mark.parametrize("apart", ["mask", "frame", "labels", "none"])
def test_compared_runs_with_another_target_do_not_mix(rng: np.random.Generator, apart: str) -> None:
    run = with_target(simulated_report(rng), labels=True)
    (target,) = run.targets
    changes: dict[str, Any] = {"mask": {"mask": ~target.mask}, "frame": {"frame": 3}, "labels": {"labels": None}}
    other = replace(run, targets=(replace(target, **changes.get(apart, {})),))
    if apart == "none":
        entries = tuple(replace(each, targets=()) for each in run.entries)
        other = replace(run, targets=(), entries=entries)
    data = compare_runs(["a", "b"], [run, other])
    own = [each.targets[0] is None for each in data.entries]
    assert own == [False] * len(run.entries) + [True] * len(run.entries)
    about = {s["method"][0] for s in data.scores if s["region"].startswith("target:")}
    assert about == {"a"}
    page = html(render_report(data))
    assert "not shown for b, which had another mask, other labels, or no such target" in page


def test_two_flows_have_their_own_masks(rng: np.random.Generator) -> None:
    run = with_target(simulated_report(rng))
    (target,) = run.targets
    flow = run.flows[0]
    assert flow.dvf is not None
    moved = replace(target, measured=(None,), in_reference=(None,))
    other = replace(run, flows=(replace(flow, dvf=flow.dvf + 1),), targets=(moved,))
    data = compare_runs(["a", "b"], [run, other])
    assert [each is None for each in data.targets[0].measured] == [False, True]
    assert [each is None for each in data.targets[0].in_reference] == [False, True]
    (shown,) = received(render_report(data), "masks")["targets"]
    assert shown["measured"][1] is None


def test_labels_are_masks_of_their_own(rng: np.random.Generator) -> None:
    (target,) = received(render_report(with_target(simulated_report(rng), labels=True)), "masks")["targets"]
    places = numbers_of(target["labels"]["places"]["values"])
    others = [i for i in range(9) if i != WITHOUT_LABEL]
    np.testing.assert_allclose(places.T[others] * 0.01, (REAL + LABELLED)[others, ::-1] * MM, atol=0.00501)
    assert (places[:, WITHOUT_LABEL] == -32768).all()
