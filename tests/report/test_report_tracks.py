"""Landmarks over time and the map of reliability, as the page is given them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.report import ReportData, compare_runs, render_report
from cinecast.report.data import ReportFlow
from cinecast.report.landmark_tracks import first_shown, shown_axes, track_content
from helpers import packed_form
from helpers.report_data import Simulated, simulated_report

FIRST, COUNT = 21, 30  # test frames of the simulated run
X_MM, Y_MM = 1.5, 2.0


def with_tracks(data: ReportData, displacements: NDArray[np.float64], positions: NDArray[np.float64]) -> ReportData:
    names = tuple(f"L{number + 1:02d}" for number in range(len(positions)))
    quality = np.ones(displacements.shape[:2])
    return replace(data, landmarks=Landmarks(names, positions, displacements, quality))


def wandering(rng: np.random.Generator) -> ReportData:
    """Return a run with two landmarks between pixels, which were not found in one test frame each."""
    displacements = rng.normal(0, 2, (2, COUNT, 2))
    displacements[:, 0] = 0
    displacements[0, FIRST + 2] = displacements[1, FIRST + 5] = np.nan
    return with_tracks(simulated_report(rng), displacements, np.array([[4.25, 10.5], [9.0, 20.75]]))


def content(data: ReportData) -> dict[str, Any]:
    found = track_content(data)
    assert found is not None
    return found


def unpacked(packed: dict[str, Any], step_mm: float) -> NDArray[np.float64]:
    """Return displacements in mm, (N, 2, test frames), as the page unpacks them; NaN for no number."""
    steps = packed_form.integers(packed)
    return np.where(steps == -32768, np.nan, steps * step_mm)


def html(data: ReportData) -> str:
    return " ".join(render_report(data)["index.html"].decode().split())


def test_tracks_are_in_mm_and_gaps_stay_gaps(rng: np.random.Generator) -> None:
    data = wandering(rng)
    assert data.landmarks is not None
    packed = content(data)
    tracked = unpacked(packed["tracked"], packed["step_mm"])
    expected = data.landmarks.displacements[:, FIRST:].swapaxes(1, 2) * [[X_MM], [Y_MM]]
    assert packed["step_mm"] == 0.01
    np.testing.assert_allclose(tracked, expected, atol=0.00501)
    assert np.isnan(tracked[0, :, 2]).all()
    assert np.isnan(tracked[1, :, 5]).all()
    assert np.isnan(tracked).sum() == 4


def test_measured_motion_is_interpolated_at_the_landmark(rng: np.random.Generator) -> None:
    data = wandering(rng)
    dvf = data.flows[0].dvf
    assert dvf is not None
    packed = content(data)
    measured = unpacked(packed["measured"][0], packed["step_mm"])
    # By hand: 4.25 lies a quarter of the way from column 4 to 5, 10.5 half way from row 10 to 11.
    by_hand = 0.375 * dvf[:, 10, 4] + 0.125 * dvf[:, 10, 5] + 0.375 * dvf[:, 11, 4] + 0.125 * dvf[:, 11, 5]
    np.testing.assert_allclose(measured[0], (by_hand * [X_MM, Y_MM]).T, atol=0.00501)
    assert packed["places"] == [[[4.25, 10.5], [9.0, 20.75]]]


def test_frames_whose_motion_was_held_are_gaps(rng: np.random.Generator) -> None:
    data = wandering(rng)
    held = replace(data, flows=(replace(data.flows[0], held=frozenset({3, FIRST + 4})),))
    packed = content(held)
    for part in (packed["tracked"], packed["measured"][0]):
        numbers = unpacked(part, packed["step_mm"])
        assert np.isnan(numbers[..., 4]).all()
        assert np.isfinite(numbers[..., 3]).all()


def test_a_landmark_far_off_widens_the_step_instead_of_wrapping(rng: np.random.Generator) -> None:
    data = wandering(rng)
    assert data.landmarks is not None
    data.landmarks.displacements[1, FIRST] = 4000, -1
    packed = content(data)
    assert packed["step_mm"] == pytest.approx(6000 / 32767)
    assert unpacked(packed["tracked"], packed["step_mm"])[1, 0, 0] == pytest.approx(6000)


def test_a_run_with_another_reference_is_drawn_from_where_the_landmark_lies_there(rng: np.random.Generator) -> None:
    """Everything is shifted as a whole, so both runs must draw the same displacements."""
    shifts = rng.normal(0, 1, (COUNT, 2))
    shifts[0] = 0
    displacements = np.stack([shifts, shifts])
    data = with_tracks(simulated_report(rng), displacements, np.array([[4.25, 10.5], [9.0, 12.75]]))
    flows = tuple(
        ReportFlow(number, np.broadcast_to((shifts - shifts[number])[FIRST:, None, None], (9, 24, 16, 2)))
        for number in (0, 7)
    )
    packed = content(replace(data, flows=flows))
    own, other = (unpacked(each, packed["step_mm"]) for each in packed["measured"])
    np.testing.assert_allclose(own, unpacked(packed["tracked"], packed["step_mm"]), atol=0.0101)
    np.testing.assert_allclose(other, own, atol=0.0101)
    np.testing.assert_allclose(packed["places"][1], np.array(packed["places"][0]) + shifts[7], rtol=1e-5)


def test_a_landmark_not_found_in_the_other_reference_has_no_line_there(rng: np.random.Generator) -> None:
    data = wandering(rng)
    assert data.landmarks is not None
    data.landmarks.displacements[0, 7] = np.nan
    packed = content(replace(data, flows=(*data.flows, replace(data.flows[0], reference=7))))
    assert packed["places"][1][0] == [None, None]
    assert np.isnan(unpacked(packed["measured"][1], packed["step_mm"])[0]).all()
    assert np.isfinite(unpacked(packed["measured"][1], packed["step_mm"])[1]).all()


def test_axes_are_the_patients_with_their_way_where_the_affine_tells_them(rng: np.random.Generator) -> None:
    sequence = simulated_report(rng).sequence
    assert [axis.title for axis in shown_axes(sequence)] == ["down the image", "to the right in the image"]
    assert [axis.direction for axis in shown_axes(sequence)] == [[0, 1], [1, 0]]
    told = shown_axes(replace(sequence, axes=("SI", "AP")))
    assert [axis.title for axis in told] == ["SI, down the image", "AP, to the right in the image"]
    # Sagittal: columns run from back to front, rows from head to foot.
    affine = np.array([[0, 0, 5.0, -12], [1.5, 0, 0, 30], [0, -2.0, 0, 80], [0, 0, 0, 1]])
    si, ap = shown_axes(replace(sequence, affine=affine))
    assert (si.title, ap.title) == ("SI, to the head", "AP, to the front")
    assert np.dot(si.direction, [0, 3]) == -3  # down the image is to the feet
    assert np.dot(ap.direction, [3, 0]) == 3
    # Axial, as scanners have it: columns run to the patient's left, rows to the back.
    affine = np.array([[-1.5, 0, 0, 90], [0, -2.0, 0, 80], [0, 0, 5.0, -12], [0, 0, 0, 1]])
    ap, lr = shown_axes(replace(sequence, affine=affine))
    assert (ap.title, lr.title) == ("AP, to the front", "LR, to the patient's right")
    assert (np.dot(ap.direction, [0, 3]), np.dot(lr.direction, [3, 0])) == (-3, -3)


def test_the_first_shown_moves_most_in_the_train_span(rng: np.random.Generator) -> None:
    data = wandering(rng)
    assert data.landmarks is not None
    data.landmarks.displacements[:, :10] = 0
    data.landmarks.displacements[1, 2:8] = 5
    data.landmarks.displacements[0, FIRST:] *= 100  # the test span has no say
    assert first_shown(data, data.landmarks) == 1
    assert '<option value="1" selected>L02</option>' in html(data)


@pytest.mark.parametrize(
    ("landmarks", "sentence"),
    [
        (None, "This run holds no landmarks yet."),
        (0, "No landmark of this sequence is good enough to be followed."),
        (4, "4 landmark(s) were found, but none was followed in the test span."),
    ],
)
def test_without_landmarks_there_is_a_sentence_and_no_chart(
    rng: np.random.Generator, landmarks: int | None, sentence: str
) -> None:
    data = simulated_report(rng, Simulated(landmarks=landmarks or 0))
    if landmarks is None:
        data = replace(data, landmarks=None)
    elif data.landmarks is not None:
        data.landmarks.displacements[:, FIRST:] = np.nan
    files = render_report(data)
    page = html(data)
    assert sentence in page
    assert not {'id="landmark-chart"', 'id="show-landmarks"', 'id="landmark"'} & set(re.findall(r'id="[^"]*"', page))
    assert "assets/tracks.js" not in files
    assert b'"has_tracks":false' in files["assets/numbers.js"]


def test_with_landmarks_there_are_a_chart_a_box_and_a_list(rng: np.random.Generator) -> None:
    page = html(wandering(rng))
    assert {'id="landmark-chart"', 'id="show-landmarks"', 'id="landmark"'} <= set(re.findall(r'id="[^"]*"', page))
    assert 'id="without-landmarks"' not in page


def test_compared_runs_say_whose_landmarks_are_shown(rng: np.random.Generator) -> None:
    run = wandering(rng)
    assert "Landmarks are those of the first run, a." in html(compare_runs(["a", "b"], [run, run]))
    assert "Landmarks are those of" not in html(run)


def test_the_map_of_reliability_is_given_in_percent_and_has_its_switch(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    assert "show-reliability" not in html(data)
    shares = rng.uniform(0, 1, (24, 16)).astype(np.float32)
    trusted = replace(data, models=(replace(data.models[0], reliability=shares),))
    assert 'id="show-reliability"' in html(trusted)
    script = render_report(trusted)["assets/model_0.js"]
    packed = json.loads(re.fullmatch(rb'cinecast\.receive\("\w+",(.*)\);\n', script)[1])["reliability"]  # type: ignore[index]
    assert packed["shape"] == [24, 16]
    np.testing.assert_allclose(unpacked(packed, 0.01), shares, atol=0.00501)
