"""Targets inside which a motion folds: said when they are followed, and read back for a report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cinecast.horizon import Horizon
from cinecast.references import ORACLE
from cinecast.run.folding_targets import folding_sentences, said_of_folding
from cinecast.run.step import Task
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.target import FollowedTarget, MaskSeries

TIMES = np.arange(12) / 4


def followed(*folded: int, known: bool = True) -> FollowedTarget:
    count = len(folded)
    masks = MaskSeries(np.zeros((count, 8), dtype=np.uint8), (8, 8))
    return FollowedTarget(masks, np.array(folded), np.full(count, known))


def task(method: str, frames: int) -> Task:
    return Task(method, Horizon(frames, frames / 4), 4, 1, 0)


def test_the_sentence_names_how_many_frames_and_the_first() -> None:
    (said,) = folding_sentences("tumour", "measured motion", np.array([0, 0, 3, 0, 7]), range(8, 13))
    assert said == (
        "target tumour: the measured motion folds inside it in 2 of 5 frames (frame 10 first, 7 pixels at most): its "
        "outline is not to be trusted there"
    )
    assert folding_sentences("tumour", "measured motion", np.zeros(5, dtype=int), range(5)) == []


def test_a_report_says_each_motion_that_folds_once(tmp_path: Path) -> None:
    store, names = RunFolder(tmp_path, "cine"), ["tumour", "duct, left"]

    def write(key: str, frames: range, *targets: list[FollowedTarget]) -> None:
        store.path(key).mkdir(parents=True)
        art.save_masks(store.path(key), names, targets, frames, TIMES)

    tasks = [task(ORACLE, 0), task("rls", 1), task("uoro", 2), task("linear", 2)]
    still, test = [followed(*[0] * 4)], range(8, 12)
    write(art.MEASURED_TARGET, range(12), [followed(*[0] * 12)], [followed(*[0] * 5, 2, 9, *[0] * 5)])
    write(tasks[0].key("target"), test, [followed(1, 0, 0, 0)], still)
    write(tasks[1].key("target"), test, still, still)
    # The worst of two runs counts; of the second target there is no forecast.
    runs, none = [followed(0, 4, 0, 0), followed(0, 5, 1, 0)], [followed(0, 0, 0, 0, known=False)] * 2
    write(tasks[2].key("target"), test, runs, none)
    write(tasks[3].key("target"), test, [followed(1, 1, 1, 1)], still)
    usable = {art.MEASURED_TARGET, *(each.key("target") for each in tasks[:3])}  # linear was not made anew
    assert [each.split(" pixels")[0].removeprefix("target ") for each in said_of_folding(store, tasks, usable)] == [
        "duct, left: the measured motion folds inside it in 2 of 12 frames (frame 5 first, 9",
        "tumour: the measured motion as the modes have it folds inside it in 1 of 4 frames (frame 8 first, 1",
        "tumour: the motion that uoro forecasts 2 frame(s) ahead folds inside it in 2 of 4 frames (frame 9 first, 5",
    ]
    assert said_of_folding(store, tasks, set()) == []
