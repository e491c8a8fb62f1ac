"""Several runs as one report: nothing is mixed up, and what cannot be compared is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cinecast.errors import ReportError
from cinecast.report import compare_runs, render_report
from cinecast.report.data import ReportData
from cinecast.report.flat_settings import flat_settings
from cinecast.sequence import Roi, Split
from helpers.report_data import Simulated, simulated_report


def two_runs(rng: np.random.Generator, **changes: Simulated) -> tuple[ReportData, ReportData]:
    """Return two runs of one sequence that measured the same motion."""
    first = simulated_report(rng)
    second = simulated_report(rng, changes.get("second"))
    return first, replace(second, sequence=first.sequence, flows=first.flows)


def html(data: ReportData) -> str:
    return render_report(data)["index.html"].decode()


def test_methods_carry_the_name_of_their_run(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    merged = compare_runs(["a", "b"], [first, second])
    assert len(merged.entries) == len(first.entries) + len(second.entries)
    assert {entry.method.partition(" \N{MIDDLE DOT} ")[0] for entry in merged.entries} == {"a", "b"}
    assert len(merged.models) == 2
    assert [entry.model for entry in merged.entries] == [0] * len(first.entries) + [1] * len(second.entries)
    assert sum(entry.is_reference for entry in merged.entries) == 6  # of each run, the oracle and persistence twice
    assert len(merged.scores) == len(first.scores) + len(second.scores)


def test_equal_motion_is_kept_once_and_other_motion_apart(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    assert len(compare_runs(["a", "b"], [first, second]).flows) == 1
    assert 'id="flows"' not in html(compare_runs(["a", "b"], [first, second]))
    assert first.flows[0].dvf is not None
    other = replace(second, flows=(replace(first.flows[0], dvf=first.flows[0].dvf + 1),))
    merged = compare_runs(["a", "b"], [first, other])
    assert [model.flow for model in merged.models] == [0, 1]
    assert "The runs measure the motion with different settings" in html(merged)


def test_runs_that_measure_from_different_frames_say_so(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    other = replace(second, flows=(replace(first.flows[0], reference=3),))
    assert "frame 0</dd>" in html(compare_runs(["a", "b"], [first, second]))
    assert "frames 0, 3 <small>" in html(compare_runs(["a", "b"], [first, other]))


def test_only_settings_that_differ_are_listed(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    first = replace(first, settings_text="[flow]\nlevels = 3\nridge = 0.1\n", versions={"numpy": "2.0"})
    second = replace(second, settings_text="[flow]\nlevels = 2\nridge = 0.1\n[forecast.rls]\nridge = 1\n")
    merged = compare_runs(["a", "b"], [first, second])
    assert merged.runs[0].settings == {"flow.levels": "3", "version of numpy": "2.0"}
    assert merged.runs[1].settings.items() >= {"flow.levels": "2", "forecast.rls.ridge": "1"}.items()
    assert "flow.ridge" not in html(merged)


def test_settings_become_names_with_dots() -> None:
    assert flat_settings('[a]\nb = ["x", "y"]\n[a.c]\nd = 1\n') == {"a.b": "x, y", "a.c.d": "1"}


def test_mixed_protocols_are_said_to_be_mixed(rng: np.random.Generator) -> None:
    first, second = two_runs(rng, second=Simulated(protocol="published"))
    mixed = html(compare_runs(["a", "b"], [first, second]))
    assert "This comparison mixes protocols" in mixed
    assert mixed.count("non-causal (published)") == 8  # rows of two methods, horizons and regions
    assert 'id="non-causal"' not in mixed
    alike = html(compare_runs(["a", "b"], [second, second]))
    assert "This comparison mixes protocols" not in alike
    assert 'id="non-causal"' in alike


def test_what_a_run_lacks_is_named_with_it(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    merged = compare_runs(["a", "b"], [first, replace(second, missing=("flow: not made yet",))])
    assert merged.missing == ("b: flow: not made yet",)


def test_one_run_is_no_comparison(rng: np.random.Generator) -> None:
    with pytest.raises(ReportError, match="two runs or more, got 1"):
        compare_runs(["a"], [simulated_report(rng)])


def test_another_sequence_is_refused(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    other = replace(second, sequence=replace(second.sequence, frames=second.sequence.frames + 1))
    with pytest.raises(ReportError, match="must be of one sequence, got 'simulated' in a and 'simulated' in b"):
        compare_runs(["a", "b"], [first, other])


def test_other_test_frames_are_refused(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    other = replace(second, sequence=replace(second.sequence, split=Split(10, 20, 30)))
    with pytest.raises(ReportError, match="the same test frames, got 21 to 29 in a and 20 to 29 in b"):
        compare_runs(["a", "b"], [first, other])


def test_another_roi_is_refused(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    other = replace(second, sequence=replace(second.sequence, roi=Roi((0, 5), (0, 5))))
    with pytest.raises(ReportError, match="the same ROI"):
        compare_runs(["a", "b"], [first, other])


def test_errors_at_other_landmarks_are_said_to_be_so(rng: np.random.Generator) -> None:
    first = simulated_report(rng, Simulated(landmarks=3))
    second = replace(simulated_report(rng), sequence=first.sequence, flows=first.flows)
    assert first.landmarks is not None
    assert not compare_runs(["a", "b"], [first, replace(second, landmarks=first.landmarks)]).warnings
    moved = replace(first.landmarks, positions=first.landmarks.positions + 1)
    merged = compare_runs(["a", "b"], [first, replace(second, landmarks=moved)])
    assert "b has other landmarks than a: do not compare their errors at landmarks" in html(merged)


def test_ssim_by_another_range_of_grey_values_is_said_to_be_so(rng: np.random.Generator) -> None:
    # As between a run with --preset published, which counts by 255 whatever the data, and one without.
    first, second = two_runs(rng)
    test = first.sequence.frames[first.sequence.split.validation_end : first.sequence.split.test_end].astype(float)
    own = np.ptp(test)
    published = replace(second, settings_text="[score]\nssim_data_range = 255.0\n")
    assert own != 255
    said = f"b counts SSIM by a range of 255 grey values and a by {own:g}: do not compare their SSIM"
    assert said in html(compare_runs(["a", "b"], [first, published]))
    same = replace(second, settings_text=f"[score]\nssim_data_range = {own}\n")
    for other in (second, same):
        assert "do not compare their SSIM" not in html(compare_runs(["a", "b"], [first, other]))


def test_the_range_of_ssim_is_that_of_frames_that_are_not_held(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    split = first.sequence.split
    test = first.sequence.frames[split.validation_end : split.test_end]
    brightest = int(test.max(axis=(1, 2)).argmax())
    others = np.ptp(np.delete(test, brightest, axis=0).astype(float))
    assert others != np.ptp(test.astype(float))
    sequence = replace(first.sequence, faults={split.validation_end + brightest: "noise"})
    flows = (replace(first.flows[0], held=frozenset(sequence.faults)),)
    held, measured = replace(first, sequence=sequence, flows=flows), replace(second, sequence=sequence)
    merged = html(compare_runs(["a", "b"], [held, measured]))
    assert f"b counts SSIM by a range of {np.ptp(test.astype(float)):g} grey values and a by {others:g}" in merged


def test_errors_over_other_frames_are_said_to_be_so(rng: np.random.Generator) -> None:
    first, second = two_runs(rng)
    entries = list(second.entries)
    place = next(i for i, entry in enumerate(entries) if entry.horizon.frames and entry.frame_scores is not None)
    horizon = entries[place].horizon
    for i, entry in enumerate(entries):
        if entry.horizon == horizon and entry.frame_scores is not None:
            scores = entry.frame_scores.copy()
            scores[:, 1] = np.nan
            entries[i] = replace(entry, frame_scores=scores)
    apart = replace(second, entries=tuple(entries), landmarks=first.landmarks)
    (warning,) = compare_runs(["a", "b"], [first, apart]).warnings
    count = len(first.sequence.split.test_frames)
    assert f"{horizon.seconds:.2f} s ahead b is scored on {count - 1} test frames and a on {count}" in warning.sentence
    assert warning.sentence.endswith("so give both runs the same methods")
    held = replace(first, flows=(replace(first.flows[0], held=frozenset({1})),))  # in the train span
    (warning,) = compare_runs(["a", "b"], [held, apart]).warnings
    assert warning.sentence.endswith("so give both runs the same flow.faulty_frames")


def test_a_diverged_run_is_scored_on_no_other_frames(rng: np.random.Generator) -> None:
    first = simulated_report(rng, Simulated(methods=("snap1",)))
    second = simulated_report(rng, Simulated(methods=("snap1",), diverged=5))
    merged = compare_runs(["a", "b"], [first, replace(second, sequence=first.sequence, flows=first.flows)])
    assert merged.warnings == ()


@pytest.mark.parametrize("limits", [(40, 5), (5, 40)])
def test_the_player_takes_no_more_frames_than_any_run_allows(rng: np.random.Generator, limits: tuple[int, int]) -> None:
    runs = [replace(run, max_frames=limit) for run, limit in zip(two_runs(rng), limits, strict=True)]
    assert compare_runs(["a", "b"], runs).max_frames == 5
