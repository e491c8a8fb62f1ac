"""What a report is given of the targets of a run, against the masks and tables on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.report.target_data import SHOWN_METRICS
from cinecast.run.gathering import Gathering
from cinecast.run.saved import saved_run
from cinecast.run.target_gathering import TargetGathering
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import succeed

SIZE = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.0), frame_count=45, frame_period_s=0.25, seed=3)
GIVEN_IN, REFERENCE, FIRST, COUNT = 3, 0, 30, 45
PLACES = {"tumour": (72, 28, 6), "kidney": (60, 50, 5)}
WITHOUT_LABEL = 33


def disc(row: int, column: int, radius: int) -> NDArray[np.bool_]:
    rows, columns = np.indices((96, 80))
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two targets that were not drawn in its reference frame, and labels of both that miss a frame."""
    out = tmp_path_factory.mktemp("gathering")
    write_phantom(out / "cine.nii.gz", make_phantom(SIZE))
    np.save(out / "both.npy", sum((k + 1) * disc(*place) for k, place in enumerate(PLACES.values())).astype(np.uint8))
    labels = np.zeros((COUNT, 96, 80), dtype=np.uint8)
    for k, place in enumerate(PLACES.values()):
        for t in set(range(COUNT)) - {WITHOUT_LABEL}:
            labels[t][np.roll(disc(*place), t % 4, axis=0)] = k + 1
    np.save(out / "labels.npy", labels)
    named = [each for k, name in enumerate(PLACES) for each in ("--target-label", k + 1, "--target-name", name)]
    few = ("--set", "forecast.runs=2", "--set", "warp.image_runs=2", "--set", f"flow.reference={REFERENCE}")
    given = ("--target", out / "both.npy", "--target-frame", GIVEN_IN, *named, "--labels", out / "labels.npy")
    succeed("run", out / "cine.nii.gz", "--out", out / "run", "--method", "snap1", "--horizon", "2", *few, *given)
    return out / "run"


@pytest.fixture
def opened(made: Path) -> Iterator[Gathering]:
    with saved_run(made) as gathering:
        yield gathering


def gathered(opened: Gathering, *, without: str = "") -> TargetGathering:
    usable = [key for key in opened.usable if key != without]
    return TargetGathering(opened.store, opened.sequence, opened.settings, usable, REFERENCE)


def test_masks_are_those_of_the_files_in_the_test_span(made: Path, opened: Gathering) -> None:
    stored = art.load_masks(made / "target/measured").masks
    kept = art.load_labels(made / art.LABELS)
    for place, (name, found) in enumerate(zip(PLACES, gathered(opened).targets(), strict=True)):
        assert (found.name, found.frame) == (name, GIVEN_IN)
        np.testing.assert_array_equal(found.mask, disc(*PLACES[name]))
        (in_reference,), (measured,) = found.in_reference, found.measured
        assert in_reference is not None
        assert measured is not None
        np.testing.assert_array_equal(in_reference, stored.mask(place, 0, REFERENCE))
        assert len(measured.bits) == COUNT - FIRST
        for i in range(COUNT - FIRST):
            np.testing.assert_array_equal(measured.mask(i), stored.mask(place, 0, FIRST + i))
        assert sum("registered to the reference frame" in said for said in found.said) == 1
        assert found.labels is not None
        assert np.flatnonzero(~found.labels.known).tolist() == [WITHOUT_LABEL - FIRST]
        for i in range(COUNT - FIRST):
            np.testing.assert_array_equal(found.labels.masks.mask(i), kept[name][0].mask(FIRST + i))


def test_the_place_in_the_frame_that_it_was_drawn_in_is_the_drawn_one(opened: Gathering) -> None:
    of_its_own = TargetGathering(opened.store, opened.sequence, opened.settings, opened.usable, GIVEN_IN)
    for name, found in zip(PLACES, of_its_own.targets(), strict=True):
        np.testing.assert_array_equal(found.in_reference, [disc(*PLACES[name])])
        assert not any("registered" in said for said in found.said)


def test_forecasts_and_their_scores_are_those_of_each_run_and_frame(made: Path, opened: Gathering) -> None:
    task = next(task for task in opened.plan.tasks if task.method == "snap1")
    stored = art.load_masks(made / task.key("target")).masks
    rows = read_table(made / task.key("score") / art.TARGET_SCORES_FILE)
    found = gathered(opened).of_entry(task)
    assert len(found) == len(PLACES)
    for place, (name, own) in enumerate(zip(PLACES, found, strict=True)):
        assert own is not None
        assert own.known.shape == (2, COUNT - FIRST)
        assert own.known.all()
        assert list(own.scores) == list(own.radius_mm) == ["measured", "labels"]
        for run, i in np.ndindex(own.known.shape):
            np.testing.assert_array_equal(own.masks.mask(run, i), stored.mask(place, run, i))
            for against in own.scores:
                here = [str(run), str(FIRST + i), name, against]
                row = [each for each in rows if [each[k] for k in ("run", "frame", "target", "against")] == here]
                expected = [[float(each[k] or "nan") for k in (*SHOWN_METRICS, "radius_mm")] for each in row]
                got = [*own.scores[against][run, i], own.radius_mm[against][run, i]]
                np.testing.assert_array_equal(got, expected[0] if expected else [np.nan] * 4)
                assert bool(expected) == ((against, FIRST + i) != ("labels", WITHOUT_LABEL))
        real = art.load_masks(made / "target/measured").masks.mask(place, 0, COUNT - 1)
        last = [own.masks.mask(run, COUNT - FIRST - 1) for run in range(2)]
        dice = [2 * (each & real).sum() / (each.sum() + real.sum()) for each in last]
        np.testing.assert_allclose(own.scores["measured"][:, -1, SHOWN_METRICS.index("dice")], dice)
        assert not np.array_equal(own.scores["measured"][0], own.scores["measured"][1])


def test_what_is_missing_is_left_out_and_nothing_else(opened: Gathering) -> None:
    task = next(task for task in opened.plan.tasks if task.method == "snap1")
    assert gathered(opened, without=task.key("target")).of_entry(task) == (None, None)
    unscored = gathered(opened, without=task.key("score")).of_entry(task)
    assert [each and (each.known.all(), dict(each.scores), dict(each.radius_mm)) for each in unscored] == [
        (True, {}, {})
    ] * 2
    unlabelled = gathered(opened, without=art.LABELS)
    assert [each.labels for each in unlabelled.targets()] == [None, None]
    unmeasured = gathered(opened, without=art.FLOW)
    assert not any("registered" in said for each in unmeasured.targets() for said in each.said)
    none = gathered(opened, without=art.MEASURED_TARGET)
    assert (none.targets(), none.of_entry(task), none.gate()) == ((), (), None)
    gate = gathered(opened).gate()
    assert gate is not None
    assert (gate.margin_mm, gate.latency_s, gate.by_radius) == (3.0, None, "ignore")
