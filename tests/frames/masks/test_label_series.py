"""Reference masks of many frames, the choice of a frame, and the first label of a TrackRAD2025 case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.masks import find_first_label, read_label_series, read_targets
from helpers.masks import COUNT, SHAPE, mask, sequence

FRAMES = np.random.default_rng(8).integers(0, 2000, (COUNT, *SHAPE)).astype(np.int16)


def series(*unlabelled: int) -> np.ndarray:
    """Return masks that wander to the right, labels 1 (moving) and 2 (still, gone in frame 4)."""
    drawn = np.stack([np.roll(mask(), shift, axis=1) for shift in range(COUNT)])
    drawn[:, 15:20, 20:24] = 2
    drawn[4][drawn[4] == 2] = 0
    drawn[list(unlabelled)] = 0
    return drawn


def save(folder: Path, values: np.ndarray, name: str = "labels.npy") -> Path:
    np.save(folder / name, values)
    return folder / name


def test_each_label_is_a_series_and_frames_without_any_are_missing(tmp_path: Path) -> None:
    moving, still = read_label_series(save(tmp_path, series(1, 5)), sequence())
    np.testing.assert_array_equal(moving.masks, series(1, 5) == 1)
    assert (moving.name, still.name) == ("label 1", "label 2")
    assert moving.labelled.tolist() == still.labelled.tolist() == [True, False, True, True, True, False]
    assert not still.masks[4].any()  # labelled, and empty: the target is gone


def test_labels_are_chosen_and_named(tmp_path: Path) -> None:
    (still,) = read_label_series(save(tmp_path, series()), sequence(), labels=[2], names=["cord"])
    assert still.name == "cord"
    with pytest.raises(
        ReadError, match=r"'3' must stand for one structure, got 0 such in labels\.npy, which holds 1; 2"
    ):
        read_label_series(save(tmp_path, series()), sequence(), labels=[3])
    with pytest.raises(ReadError, match=r"got 1 name\(s\) for 2 in labels\.npy; name them all or none"):
        read_label_series(save(tmp_path, series()), sequence(), labels=["all"], names=["cord"])
    with pytest.raises(ReadError, match=r"targets must have different names, got 'cord' twice from labels\.npy"):
        read_label_series(save(tmp_path, series()), sequence(), labels=[1, 2], names=["cord", "cord"])


@pytest.mark.parametrize("count", [1, COUNT - 1])
def test_labels_of_another_length_are_refused(tmp_path: Path, count: int) -> None:
    words = rf"labels must be as many as the 6 frames of cine, got {count} in labels\.npy"
    with pytest.raises(ReadError, match=words):
        read_label_series(save(tmp_path, series()[:count]), sequence())


def test_labels_without_any_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"must hold pixels inside, got an empty one in labels\.npy"):
        read_label_series(save(tmp_path, np.zeros_like(series())), sequence())


def test_a_series_is_a_target_only_in_the_frame_that_is_chosen(tmp_path: Path) -> None:
    path = save(tmp_path, series(0, 1))
    with pytest.raises(
        ReadError, match=r"got 6 frames with the first label in frame 2 in labels\.npy; .*--target-frame"
    ):
        read_targets(path, sequence())
    (target,) = read_targets(path, sequence(), labels=[1], frame=3)
    np.testing.assert_array_equal(target.mask, series()[3] == 1)
    assert target.frame == 3
    (only,) = read_targets(path, sequence(), frame=4)  # the one label of this frame
    np.testing.assert_array_equal(only.mask, series()[4] == 1)
    with pytest.raises(ReadError, match=r"must hold pixels inside, got an empty one"):
        read_targets(path, sequence(), frame=0)


def test_a_series_of_another_length_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"of one frame or of all 6 frames of cine, got 4 in labels\.npy"):
        read_targets(save(tmp_path, series()[:4]), sequence(), frame=1)


@pytest.mark.parametrize("frame", [-1, COUNT])
def test_a_frame_that_there_is_not_is_refused(tmp_path: Path, frame: int) -> None:
    with pytest.raises(ReadError, match=rf"must be a frame of the sequence, 0 to 5, got {frame}; choose one"):
        read_targets(save(tmp_path, mask()), sequence(), frame=frame)


def write_mha(path: Path, values: np.ndarray) -> Path:
    """Write (T, H, W) as TrackRAD2025 does: time first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(values, 0, -1)))
    image.SetSpacing((5.0, 1.5, 2.5))
    image.SetOrigin((1.0, 2.0, 3.0))
    SimpleITK.WriteImage(image, str(path), True)
    return path


def make_case(folder: Path, number: str = "") -> Path:
    case = folder / "A_001"
    write_mha(case / "images" / f"A_001_frames{number}.mha", FRAMES)
    write_mha(case / "targets" / f"A_001_first_label{number}.mha", series()[:1] % 2)
    write_mha(case / "targets" / f"A_001_labels{number}.mha", series() % 2)
    (case / f"frame-rate{number}.json").write_text("4.0")
    return case


@pytest.mark.parametrize("scan", ["", "images/A_001_frames.mha"])
def test_the_first_label_of_a_case_is_found_and_is_the_target_of_frame_0(tmp_path: Path, scan: str) -> None:
    case = make_case(tmp_path)
    path = find_first_label(case / scan)
    assert path == case / "targets" / "A_001_first_label.mha"
    (target,) = read_targets(path, read_sequence(case / scan))
    np.testing.assert_array_equal(target.mask, series()[0] == 1)
    assert (target.name, target.frame) == ("target", 0)
    (labels,) = read_label_series(case / "targets" / "A_001_labels.mha", read_sequence(case / scan))
    assert labels.name == "target"
    np.testing.assert_array_equal(labels.masks, series() == 1)


def test_the_labels_of_all_frames_are_never_found(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    (case / "targets" / "A_001_first_label.mha").unlink()
    assert find_first_label(case) is None


def test_a_second_scan_has_its_own_first_label(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    make_case(tmp_path, "2")
    second = case / "images" / "A_001_frames2.mha"
    assert find_first_label(second) == case / "targets" / "A_001_first_label2.mha"
    (case / "targets" / "A_001_first_label2.mha").unlink()
    assert find_first_label(second) is None
    assert find_first_label(case) is None  # which of the two scans, nobody said


def test_it_may_stand_beside_the_frames(tmp_path: Path) -> None:
    frames = write_mha(tmp_path / "B_2_frames.mha", FRAMES)
    label = write_mha(tmp_path / "B_2_first_label.mha", series()[:1] % 2)
    write_mha(tmp_path / "B_1_first_label.mha", series()[:1] % 2)
    assert find_first_label(frames) == label


@pytest.mark.parametrize("name", ["cine.nii", "missing", "x_frames.txt"])
def test_other_sequences_have_none(tmp_path: Path, name: str) -> None:
    assert find_first_label(tmp_path / name) is None


@pytest.mark.shared
def test_the_example_case_of_the_challenge(shared: Path) -> None:
    case = shared / "data/trackrad/Z_001"
    sequence = read_sequence(case)
    path = find_first_label(case)
    assert path is not None
    (target,) = read_targets(path, sequence)
    (labels,) = read_label_series(case / "targets" / "Z_001_labels.mha", sequence)
    assert target.mask.sum() == 2997
    np.testing.assert_array_equal(labels.masks[0], target.mask)
    assert labels.labelled.all()
