"""RTSTRUCT on a cine: contours by the instance that they name, in the geometry of the images."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pydicom
import pytest
from pydicom.uid import MRImageStorage, generate_uid

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.masks import read_label_series, read_targets
from cinecast.frames.masks.structure_set import read_structure_set
from cinecast.frames.recording_digests import instance_digest
from cinecast.sequence import Sequence
from cinecast.settings import FramesSettings
from cinecast.store.sequence_files import load_sequence, save_sequence
from helpers.dicom_files import PATIENT_NAME, cine, enhanced, save
from helpers.structure_sets import contour, save_structure_set

FRAMES = np.random.default_rng(4).integers(0, 900, (5, 24, 30)).astype(np.uint16)
# What `helpers.dicom_files.image` says: position, orientation, spacing [row, column].
POSITION, ROW_DIRECTION, COLUMN_DIRECTION = (
    np.array([-92.0, -112.25, 134.0]),
    np.array([0.0, 1, 0]),
    np.array([0.0, 0, -1]),
)
ROW_STEP, COLUMN_STEP = 1.5, 2.5


class Case(NamedTuple):
    sequence: Sequence
    uids: list[str]
    folder: Path


def points_mm(*pixels: tuple[float, float]) -> np.ndarray:
    """Return (x = column, y = row) as LPS mm by the rule of DICOM PS3.3, C.7.6.2.1.1."""
    steps = [x * COLUMN_STEP * ROW_DIRECTION + y * ROW_STEP * COLUMN_DIRECTION for x, y in pixels]
    return POSITION + np.array(steps)


def square(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return points_mm((left, top), (right, top), (right, bottom), (left, bottom))


def block(rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(FRAMES.shape[1:], dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


@pytest.fixture
def case(tmp_path: Path) -> Case:
    images = cine(FRAMES)
    # Files lie in another order than frames.
    save(tmp_path / "cine", images, names=[f"{9 - t}.dcm" for t in range(len(images))])
    return Case(read_sequence(tmp_path / "cine"), [image.SOPInstanceUID for image in images], tmp_path)


def targets(case: Case, regions: dict[str, Any], **choice: Any) -> Any:
    return read_targets(save_structure_set(case.folder / "rs.dcm", regions), case.sequence, **choice)


def test_a_contour_is_on_the_frame_that_it_names_and_where_it_was_drawn(case: Case) -> None:
    (target,) = targets(case, {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[3])]})
    np.testing.assert_array_equal(target.mask, block((5, 10), (8, 13)))
    assert (target.name, target.frame, target.said) == ("GTV", 3, ())


def test_contours_on_several_frames_are_several_targets(case: Case) -> None:
    drawn = [contour(square(7.6, 4.5 + t, 12.4, 9.5 + t), case.uids[t]) for t in (4, 0, 2)]
    found = targets(case, {"GTV": drawn})
    assert [target.frame for target in found] == [0, 2, 4]
    for target in found:
        np.testing.assert_array_equal(target.mask, block((5 + target.frame, 10 + target.frame), (8, 13)))
    (only,) = targets(case, {"GTV": drawn}, frame=2)
    np.testing.assert_array_equal(only.mask, found[1].mask)
    with pytest.raises(ReadError, match=r"'GTV' must have a contour in frame 3, got one in frames 0, 2, 4"):
        targets(case, {"GTV": drawn}, frame=3)


def test_one_contour_may_name_several_images(case: Case) -> None:
    found = targets(case, {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[1], case.uids[4])]})
    assert [target.frame for target in found] == [1, 4]


def test_regions_are_chosen_by_name(case: Case) -> None:
    regions = {
        "GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])],
        "Liver ": [contour(square(2.6, 2.5, 22.4, 19.5), case.uids[0])],
        "empty": [],
    }
    with pytest.raises(ReadError, match=r"got 12 'Liver'; 11 'GTV' in rs\.dcm; choose with --target-name or"):
        targets(case, regions)
    (liver,) = targets(case, regions, names=["Liver"])
    assert liver.mask.sum() == 17 * 20
    assert [target.name for target in targets(case, regions, labels=["all"])] == ["Liver", "GTV"]
    with pytest.raises(ReadError, match=r"'empty' must stand for one structure, got 0 such in rs\.dcm"):
        targets(case, regions, names=["empty"])


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_a_contour_within_another_is_a_hole(case: Case, kind: str) -> None:
    drawn = [
        contour(square(2.6, 2.5, 22.4, 19.5), case.uids[0], kind=kind),
        contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0], kind=kind),
    ]
    (target,) = targets(case, {"Liver": drawn})
    np.testing.assert_array_equal(target.mask, block((3, 20), (3, 23)) & ~block((5, 10), (8, 13)))


def test_overlapping_contours_are_refused_unless_the_file_says_how_they_count(case: Case) -> None:
    first, second = square(2.6, 2.5, 12.4, 12.5), square(8.6, 8.5, 20.4, 20.5)
    with pytest.raises(ReadError, match=r"must not overlap, got 16 pixel\(s\) inside two of 'GTV' in frame 0"):
        targets(case, {"GTV": [contour(first, case.uids[0]), contour(second, case.uids[0])]})
    xor = [contour(each, case.uids[0], kind="CLOSEDPLANAR_XOR") for each in (first, second)]
    (target,) = targets(case, {"GTV": xor})
    np.testing.assert_array_equal(target.mask, block((3, 13), (3, 13)) ^ block((9, 21), (9, 21)))


@pytest.mark.parametrize("kind", ["OPEN_PLANAR", "OPEN_NONPLANAR", "POINT"])
def test_an_open_contour_is_refused(case: Case, kind: str) -> None:
    drawn = contour(square(7.6, 4.5, 12.4, 9.5), case.uids[2], kind=kind)
    with pytest.raises(ReadError, match=rf"must be closed, got {kind} with 4 point\(s\) for 'GTV' in frame 2"):
        targets(case, {"GTV": [drawn]})


def test_two_points_close_nothing(case: Case) -> None:
    with pytest.raises(ReadError, match=r"must be closed, got CLOSED_PLANAR with 2 point\(s\)"):
        targets(case, {"GTV": [contour(points_mm((2, 2), (9, 9)), case.uids[0])]})


def test_a_structure_set_of_another_series_is_refused_with_what_was_looked_for(case: Case) -> None:
    drawn = [contour(square(7.6, 4.5, 12.4, 9.5), generate_uid()) for _ in range(3)]
    words = r"got 3 image\(s\) named by the 3 contour\(s\) of 'GTV', none of them among the 5 frames of cine"
    with pytest.raises(ReadError, match=words):
        targets(case, {"GTV": drawn})
    with pytest.raises(ReadError, match=r"got 0 image\(s\) named by the 1 contour\(s\)"):
        targets(case, {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5))]})


def test_contours_on_other_images_are_left_out_and_said(case: Case) -> None:
    drawn = [contour(square(7.6, 4.5, 12.4, 9.5), uid) for uid in (case.uids[0], generate_uid(), generate_uid())]
    (target,) = targets(case, {"GTV": drawn})
    assert target.said == ("has contours on 2 image(s) that are no frames of this sequence",)


def test_a_contour_off_its_plane_is_refused(case: Case) -> None:
    drawn = contour(square(7.6, 4.5, 12.4, 9.5) + np.array([3.0, 0, 0]), case.uids[0])
    with pytest.raises(ReadError, match=r"in the plane of its image, got 'GTV' 3\.0 mm off in frame 0"):
        targets(case, {"GTV": [drawn]})


def test_a_contour_beyond_the_image_is_cut_off_and_said(case: Case) -> None:
    (target,) = targets(case, {"GTV": [contour(square(-3.0, 4.5, 5.4, 9.5), case.uids[0])]})
    np.testing.assert_array_equal(target.mask, block((5, 10), (0, 6)))
    assert target.said[0] == "reaches beyond the image in frame 0 and is cut off there"


def test_a_contour_beside_the_image_is_empty_and_refused(case: Case) -> None:
    with pytest.raises(ReadError, match=r"mask with pixels inside, got none for 'GTV' in frame 0"):
        targets(case, {"GTV": [contour(square(-9.0, 4.5, -3.0, 9.5), case.uids[0])]})


def test_a_contour_twice_counts_once_and_is_said(case: Case) -> None:
    drawn = [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])] * 2
    (target,) = targets(case, {"GTV": drawn})
    np.testing.assert_array_equal(target.mask, block((5, 10), (8, 13)))
    assert target.said == ("has 1 contour(s) twice in frame 0, which count once",)


def test_frames_of_a_multi_frame_file_are_told_by_number(tmp_path: Path) -> None:
    image = enhanced(FRAMES, positions=[POSITION.tolist()] * 5, offsets_s=[t * 0.25 for t in range(5)])
    image.save_as(tmp_path / "cine.dcm", enforce_file_format=True)
    sequence = read_sequence(tmp_path / "cine.dcm")
    uid, where = image.SOPInstanceUID, square(7.6, 4.5, 12.4, 9.5)
    path = save_structure_set(tmp_path / "rs.dcm", {"GTV": [contour(where, (uid, 4))]})
    (target,) = read_targets(path, sequence)
    assert target.frame == 3
    np.testing.assert_array_equal(target.mask, block((5, 10), (8, 13)))
    path = save_structure_set(tmp_path / "rs.dcm", {"GTV": [contour(where, uid)]})
    with pytest.raises(ReadError, match=r"multi-frame file must say on which frame, got none for 'GTV'"):
        read_targets(path, sequence)
    path = save_structure_set(tmp_path / "rs.dcm", {"GTV": [contour(where, (uid, 6))]})
    with pytest.raises(ReadError, match="none of them among the 5 frames"):
        read_targets(path, sequence)


def test_contours_are_labels_of_the_frames_that_have_them(case: Case) -> None:
    drawn = {
        "GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[t]) for t in (1, 2)],
        "cord": [contour(square(17.6, 4.5, 22.4, 9.5), case.uids[4])],
    }
    path = save_structure_set(case.folder / "rs.dcm", drawn)
    cord, tumour = read_label_series(path, case.sequence)
    assert (cord.name, tumour.name) == ("cord", "GTV")
    assert cord.labelled.tolist() == [False] * 4 + [True]
    assert tumour.labelled.tolist() == [False, True, True, False, False]
    np.testing.assert_array_equal(tumour.masks.any(axis=(1, 2)), tumour.labelled)
    assert [each.name for each in read_label_series(path, case.sequence, names=["GTV"])] == ["GTV"]


def test_a_run_keeps_what_finds_the_frames_and_no_uid(case: Case) -> None:
    kept = case.folder / "frames"
    kept.mkdir()
    save_sequence(kept, case.sequence)
    loaded = load_sequence(kept)
    assert loaded.instances == tuple(instance_digest(uid, 0) for uid in case.uids)
    path = save_structure_set(case.folder / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[3])]})
    (target,) = read_targets(path, loaded)
    assert target.frame == 3
    text = (kept / "sequence.json").read_text()
    assert not any(uid in text for uid in case.uids)


def test_frames_without_instances_are_refused(case: Case, tmp_path: Path) -> None:
    np.savez(tmp_path / "cine.npz", frames=FRAMES, frame_period_s=0.25, pixel_spacing_mm=np.array([1.5, 2.5]))
    path = save_structure_set(tmp_path / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])]})
    with pytest.raises(ReadError, match=r"needs frames with SOP instance UIDs, which cine has not"):
        read_targets(path, read_sequence(tmp_path / "cine.npz"))


def test_images_without_position_are_refused(tmp_path: Path) -> None:
    images = cine(FRAMES, ImagePositionPatient=None, ImageOrientationPatient=None)
    sequence = read_sequence(save(tmp_path / "cine", images))
    drawn = [contour(square(7.6, 4.5, 12.4, 9.5), images[0].SOPInstanceUID)]
    with pytest.raises(ReadError, match=r"images with a position in the patient, which those of cine lack"):
        read_targets(save_structure_set(tmp_path / "rs.dcm", {"GTV": drawn}), sequence)


def test_another_spacing_than_that_of_the_images_is_refused(case: Case) -> None:
    sequence = read_sequence(case.folder / "cine", FramesSettings(pixel_spacing_mm=(1.0, 1.0)))
    path = save_structure_set(case.folder / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])]})
    with pytest.raises(ReadError, match=r"placed by the spacing of the images, got one of cine from --pixel-spacing"):
        read_targets(path, sequence)


def test_other_dicom_is_refused(case: Case) -> None:
    with pytest.raises(ReadError, match=r"must be an RTSTRUCT, got MR Image Storage in 9\.dcm"):
        read_targets(case.folder / "cine" / "9.dcm", case.sequence)
    assert case.sequence.frames.shape == FRAMES.shape
    path = save_structure_set(case.folder / "rs.dcm", {"GTV": []}, SOPClassUID=MRImageStorage)
    with pytest.raises(ReadError, match="must be an RTSTRUCT"):
        read_targets(path, case.sequence)


def test_a_structure_set_without_contours_is_refused(case: Case) -> None:
    with pytest.raises(ReadError, match=r"must hold pixels inside, got an empty one in rs\.dcm"):
        targets(case, {"GTV": []})


@pytest.mark.parametrize("count", [4, 5])
def test_points_that_are_no_triples_are_refused(case: Case, count: int) -> None:
    drawn = contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])
    drawn.ContourData = [1.0] * count
    with pytest.raises(ReadError, match=r"rs\.dcm cannot be read as RTSTRUCT"):
        targets(case, {"GTV": [drawn]})


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_short_is_refused(case: Case, share: float) -> None:
    path = save_structure_set(case.folder / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])]})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ReadError, match=r"rs\.dcm"):
        read_targets(path, case.sequence)


def test_an_element_of_no_known_kind_is_damage(case: Case) -> None:
    path = save_structure_set(case.folder / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])]})
    content = path.read_bytes()
    assert b"\x06\x30\x50\x00DS" in content
    path.write_bytes(content.replace(b"\x06\x30\x50\x00DS", b"\x06\x30\x50\x00QQ"))
    with pytest.raises(ReadError, match="cannot be read as RTSTRUCT: it is cut short or damaged"):
        read_structure_set(path)


def test_nothing_about_the_patient_is_said(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ReadError) as error:
        targets(case, {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), generate_uid())]})
    assert PATIENT_NAME not in caplog.text + str(error.value)


@pytest.mark.shared
def test_a_disk_on_a_real_frame_is_where_its_own_header_says(shared: Path, tmp_path: Path) -> None:
    files = [file for file in (shared / "data/cine/ovgu-1").iterdir() if file.suffix == ".IMA"]
    times = {file: float(pydicom.dcmread(file, specific_tags=["AcquisitionTime"]).AcquisitionTime) for file in files}
    in_time = sorted(files, key=lambda file: times[file])
    sequence = read_sequence(shared / "data/cine/ovgu-1")
    angles, centre, radius = np.linspace(0, 2 * np.pi, 200, endpoint=False), np.array([61.3, 90.8]), 7.4
    drawn = []
    for frame in (5, 120):
        header = pydicom.dcmread(in_time[frame], stop_before_pixels=True)
        x, y = centre[:, np.newaxis] + radius * np.stack([np.cos(angles), np.sin(angles)])
        row_step, column_step = header.PixelSpacing
        along, down = np.array(header.ImageOrientationPatient[:3]), np.array(header.ImageOrientationPatient[3:])
        points = np.array(header.ImagePositionPatient, dtype=float) + np.outer(x * column_step, along)
        drawn.append(contour(points + np.outer(y * row_step, down), header.SOPInstanceUID))
    found = read_targets(save_structure_set(tmp_path / "rs.dcm", {"GTV": drawn}), sequence)
    assert [target.frame for target in found] == [5, 120]
    rows, columns = np.mgrid[: sequence.frames.shape[1], : sequence.frames.shape[2]]
    for target in found:
        np.testing.assert_array_equal(target.mask, np.hypot(columns - centre[0], rows - centre[1]) <= radius)


def test_a_sequence_with_instances_of_some_frames_alone_cannot_be_made(case: Case) -> None:
    with pytest.raises(ReadError, match="every frame needs one instance, got 4 for 5 frames"):
        replace(case.sequence, instances=case.sequence.instances[:4])


def test_a_structure_set_cut_short_anywhere_is_refused_or_read_as_far_as_it_is_whole(case: Case) -> None:
    whole = save_structure_set(case.folder / "rs.dcm", {"GTV": [contour(square(7.6, 4.5, 12.4, 9.5), case.uids[0])]})
    content, cut = whole.read_bytes(), case.folder / "cut.dcm"
    refused = 0
    for length in range(200, len(content)):
        cut.write_bytes(content[:length])
        try:
            read_structure_set(cut)
        except ReadError as error:
            refused += "cut.dcm" in str(error)
    assert refused > len(content) / 3
