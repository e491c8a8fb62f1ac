"""Targets and reference masks of a run: read, refused, found by themselves; the frame that motion is measured from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import CinecastError, SettingsError
from cinecast.flow.reference import choose_reference
from cinecast.frames.masks import LabelSeries
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.run.own_targets import (
    labels_digest,
    own_labels,
    own_targets,
    targets_digest,
    with_found_target,
    with_reference_of_target,
)
from cinecast.sequence import Sequence
from cinecast.settings import ScoreSettings, Settings, TargetSettings
from cinecast.store.record import write_record

SMALL = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=45, frame_period_s=0.25)


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    return make_phantom(SMALL).sequence


def written(folder: Path, name: str, array: NDArray[np.generic]) -> Path:
    path = folder / name
    np.save(path, array, allow_pickle=False)
    return path


def disc() -> NDArray[np.uint8]:
    rows, columns = np.indices((48, 40))
    return ((rows - 30) ** 2 + (columns - 15) ** 2 <= 16).astype(np.uint8)


def asked(*files: Path, labels_file: str = "", **own: object) -> Settings:
    target = TargetSettings(files=tuple(map(str, files)), **own)  # type: ignore[arg-type]
    return Settings(target=target, score=ScoreSettings(labels=labels_file))


def labels_of(sequence: Sequence, settings: Settings) -> tuple[LabelSeries, ...]:
    return own_labels(sequence, settings, own_targets(sequence, settings))


def test_no_target_is_read_where_none_is_asked_for(sequence: Sequence) -> None:
    assert own_targets(sequence, Settings()) == ()
    assert own_labels(sequence, Settings(), ()) == ()
    assert targets_digest(()) == labels_digest(()) == ""


def test_targets_of_several_files_have_names_of_their_own(sequence: Sequence, tmp_path: Path) -> None:
    first, second = written(tmp_path, "tumour.npy", disc()), written(tmp_path, "cord.npy", disc())
    found = own_targets(sequence, asked(first, second, frame=4))
    assert [(each.name, each.frame) for each in found] == [("tumour", 4), ("cord", 4)]
    found = own_targets(sequence, asked(first, second, names=("GTV", "spine")))
    assert [(each.name, each.mask.sum()) for each in found] == [("GTV", disc().sum()), ("spine", disc().sum())]
    with pytest.raises(SettingsError, match=r"a name of its own, got 'GTV' in two files; .* once for each file"):
        own_targets(sequence, asked(first, second, names=("GTV",)))
    with pytest.raises(SettingsError, match="a name of its own, got 'tumour' in two files"):
        own_targets(sequence, asked(first, first))


def test_a_target_after_the_train_span_or_of_a_faulty_frame_is_refused(sequence: Sequence, tmp_path: Path) -> None:
    file = written(tmp_path, "tumour.npy", disc())
    train_end = sequence.split.train_end
    assert own_targets(sequence, asked(file, frame=train_end - 1))[0].frame == train_end - 1
    with pytest.raises(SettingsError, match=rf"0 to {train_end - 1}, got 'tumour' of frame {train_end}.*--labels"):
        own_targets(sequence, asked(file, frame=train_end))
    with pytest.raises(SettingsError, match="'tumour' of frame 3, which is nearly black"):
        own_targets(replace(sequence, faults={3: "nearly black"}), asked(file, frame=3))


def test_labels_are_those_of_the_targets(sequence: Sequence, tmp_path: Path) -> None:
    masks = np.repeat(disc()[np.newaxis], len(sequence.frames), axis=0)
    masks[20:] *= 2
    target, labels = written(tmp_path, "tumour.npy", disc()), written(tmp_path, "truth.npy", np.minimum(masks, 1))
    (found,) = labels_of(sequence, asked(target, labels_file=str(labels)))
    assert found.name == "tumour"  # one of each: what the file calls it does not matter
    assert found.labelled.all()
    both = written(tmp_path, "both.npy", masks)
    with pytest.raises(CinecastError, match=r"name of a target, tumour, got label 1, label 2 in both\.npy"):
        labels_of(sequence, asked(target, labels_file=str(both)))
    with pytest.raises(SettingsError, match=r"got truth\.npy and no target"):
        labels_of(sequence, asked(labels_file=str(labels)))


def test_digests_tell_masks_frames_and_names_apart(sequence: Sequence, tmp_path: Path) -> None:
    file, other = written(tmp_path, "tumour.npy", disc()), written(tmp_path, "cord.npy", disc())
    moved = written(tmp_path, "moved.npy", np.roll(disc(), 1, axis=0))
    digests = {
        targets_digest(own_targets(sequence, each))
        for each in (asked(file), asked(file, frame=1), asked(other), asked(moved), asked(file, other))
    }
    assert len(digests) == 5
    copy = written(tmp_path / "..", "tumour.npy", disc())
    assert targets_digest(own_targets(sequence, asked(copy))) in digests


def test_motion_is_measured_from_the_targets_frame_in_a_new_run_alone(sequence: Sequence, tmp_path: Path) -> None:
    targets = own_targets(sequence, asked(written(tmp_path, "tumour.npy", disc()), frame=4))
    new, old = tmp_path / "new", tmp_path / "old"
    assert with_reference_of_target(new, sequence, targets, Settings()).flow.reference == 4
    assert with_reference_of_target(new, sequence, (), Settings()).flow.reference == "auto"
    given = replace(Settings(), flow=replace(Settings().flow, reference=2))
    assert with_reference_of_target(new, sequence, targets, given).flow.reference == 2
    (old / "flow").mkdir(parents=True)
    (old / "flow" / "dvf.npy").touch()
    assert with_reference_of_target(old, sequence, targets, Settings()).flow.reference == "auto"
    chosen = choose_reference(sequence.frames[: sequence.split.train_end])
    assert chosen not in (4, 7)
    # What was measured from the target's frame stays so, and what was chosen before it; a number that was given goes.
    for made_with, expected in ((chosen, "auto"), (4, 4), (7, 4)):
        write_record(old / "flow", "", {"reference": made_with}, 1.0)
        assert with_reference_of_target(old, sequence, targets, Settings()).flow.reference == expected


def test_the_first_label_of_a_case_is_found_and_its_labels_are_not(tmp_path: Path) -> None:
    for folder, name in (("images", "Z_frames"), ("targets", "Z_first_label"), ("targets", "Z_labels")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.mha").touch()
    frames = tmp_path / "images" / "Z_frames.mha"
    found = with_found_target(frames, Settings())
    assert found.target.files == (str(tmp_path / "targets" / "Z_first_label.mha"),)
    assert found.score.labels == ""
    assert with_found_target(frames, asked(Path("mine.npy"))).target.files == ("mine.npy",)
    assert with_found_target(tmp_path / "other.nii", Settings()) == Settings()
