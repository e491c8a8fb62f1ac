"""Label maps of every format on the frames that they were drawn on, each written by another hand than the reader's."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image

from cinecast.errors import ReadError
from cinecast.frames.masks import read_label_series, read_targets
from cinecast.frames.masks.itk_labels import read_mha_labels, read_nrrd_labels
from cinecast.frames.masks.plain_labels import read_npy_labels
from helpers.masks import AFFINE, COUNT, SHAPE, SPACING_MM, mask, nrrd, segments, sequence

RAS = np.diag([-1.0, -1.0, 1.0])


def nifti(path: Path, values: Any, affine: np.ndarray | None = AFFINE) -> Path:
    """Write values of shape (column, row, ...)."""
    image = nibabel.Nifti1Image(values, affine, dtype=values.dtype)
    if affine is None:
        image.header["pixdim"][1:4] = (SPACING_MM[1], SPACING_MM[0], 4)
    nibabel.save(image, path)
    return path


def itk(path: Path, values: np.ndarray, affine: np.ndarray = AFFINE) -> Path:
    """Write values of shape (n0, n1, n2) with the geometry of a RAS+ affine."""
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(values.T))
    steps = RAS @ affine[:3, :3]
    spacing = np.linalg.norm(steps, axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((steps / spacing).ravel().tolist())
    image.SetOrigin((RAS @ affine[:3, 3]).tolist())
    SimpleITK.WriteImage(image, str(path), True)
    return path


def png(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path)
    return path


def npy(path: Path, values: np.ndarray) -> Path:
    np.save(path, values)
    return path


def plane(values: np.ndarray) -> np.ndarray:
    """Return an image (H, W) as (column, row, 1)."""
    return values.T[:, :, np.newaxis]


WRITERS: dict[str, Callable[[Path, np.ndarray], Path]] = {
    "tumour.nii": lambda path, values: nifti(path, plane(values)),
    "tumour.nii.gz": lambda path, values: nifti(path, plane(values)[..., np.newaxis]),
    "tumour.mha": lambda path, values: itk(path, plane(values)),
    "tumour.mhd": lambda path, values: itk(path, plane(values)),
    "tumour.nrrd": lambda path, values: itk(path, plane(values)),
    "tumour.png": png,
    "tumour.npy": npy,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_mask_comes_back_as_it_was_drawn(tmp_path: Path, name: str) -> None:
    (target,) = read_targets(WRITERS[name](tmp_path / name, mask()), sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))
    assert (target.name, target.frame, target.said) == ("tumour", 0, ())


@pytest.mark.parametrize("name", WRITERS)
def test_a_mask_of_another_size_is_refused_with_both(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name, mask()[1:])
    words = rf"geometry of the frames, got {name} with 30 x 23 pixels .* for frames with 30 x 24 pixels"
    with pytest.raises(ReadError, match=words):
        read_targets(path, sequence())


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_mask_is_refused(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name, np.zeros_like(mask()))
    with pytest.raises(ReadError, match=rf"a mask must hold pixels inside, got an empty one in {name}"):
        read_targets(path, sequence())


@pytest.mark.parametrize("name", WRITERS)
def test_one_of_several_labels_must_be_chosen(tmp_path: Path, name: str) -> None:
    values = 7 * mask()
    values[15:20, 20:24] = 3
    path = WRITERS[name](tmp_path / name, values)
    with pytest.raises(
        ReadError, match=rf"several structures must be chosen, got 3; 7 in {name}; .*--target-label all"
    ):
        read_targets(path, sequence())
    (target,) = read_targets(path, sequence(), labels=["7"], names=["tumour"], frame=2)
    np.testing.assert_array_equal(target.mask, values == 7)
    assert (target.name, target.frame) == ("tumour", 2)
    assert target.said == (f"is structure 7, one of those in {name} (3; 7)",)
    assert [each.name for each in read_targets(path, sequence(), labels=["all"])] == ["label 3", "label 7"]
    with pytest.raises(ReadError, match=rf"each structure must be chosen once, got 7 twice from {name}; "):
        read_targets(path, sequence(), labels=["7", "7"], names=["tumour", "liver"])


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(1)
    path = WRITERS[name](tmp_path / name, rng.integers(0, 2, SHAPE).astype(np.uint8))
    damaged = path.with_suffix(".zraw") if name.endswith(".mhd") else path
    damaged.write_bytes(damaged.read_bytes()[:-40])
    with pytest.raises(ReadError, match=rf"{name} cannot be read as .* cut short"):
        read_targets(path, sequence())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, r"must be whole numbers, got 0\.5"),
        (np.nan, r"got nan .*thresholded first"),
        (-1.0, r"0 \(outside\) or above"),
    ],
)
@pytest.mark.parametrize("name", ["tumour.nii", "tumour.mha", "tumour.npy"])
def test_a_map_of_probabilities_is_refused(tmp_path: Path, name: str, value: float, words: str) -> None:
    values = mask().astype(np.float32)
    values[11, 12] = value
    with pytest.raises(ReadError, match=words):
        read_targets(WRITERS[name](tmp_path / name, values), sequence())


@pytest.mark.parametrize("name", ["tumour.nii", "tumour.mha", "tumour.npy"])
def test_floating_point_labels_that_are_whole_numbers_are_taken(tmp_path: Path, name: str) -> None:
    (target,) = read_targets(WRITERS[name](tmp_path / name, mask().astype(np.float32)), sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


def _other_geometries() -> dict[str, np.ndarray]:
    moved, off_plane, coarser, oblique = (AFFINE.copy() for _ in range(4))
    moved[1, 3] += 1.5
    off_plane[0, 3] += 4
    coarser[:, 0] *= 1.1
    oblique[:3, :3] = np.array([[1, 0, 0], [0, 0.995, -0.0998], [0, 0.0998, 0.995]]) @ AFFINE[:3, :3]
    axial = np.array([[1.5, 0, 0, 92], [0, -2.5, 0, 112], [0, 0, 4, 134], [0, 0, 0, 1.0]])
    return {"moved": moved, "another plane": off_plane, "spacing": coarser, "oblique": oblique, "axial": axial}


@pytest.mark.parametrize("kind", _other_geometries())
@pytest.mark.parametrize("writer", [nifti, itk])
def test_a_mask_of_another_place_is_refused_with_both(tmp_path: Path, writer: Any, kind: str) -> None:
    name = "tumour.nii" if writer is nifti else "tumour.nrrd"
    path = writer(tmp_path / name, plane(mask()), _other_geometries()[kind])
    words = r"with 30 x 24 pixels .*steps .* for frames with 30 x 24 pixels .*steps \(0, -1\.5, 0\); \(0, 0, -2\.5\) mm"
    with pytest.raises(ReadError, match=words):
        read_targets(path, sequence())


def test_rounding_to_single_precision_is_no_other_place(tmp_path: Path) -> None:
    turn = np.array([[0.96, -0.28, 0], [0.28, 0.96, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]]
    )
    affine = AFFINE.copy()
    affine[:3, :3] = turn @ AFFINE[:3, :3]
    path = nifti(tmp_path / "tumour.nii", plane(mask()), affine.astype(np.float32))
    (target,) = read_targets(path, sequence(affine=affine))
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


@pytest.mark.parametrize("turned", [(0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1), (1, 2, 0)])
def test_axes_that_a_converter_turned_or_exchanged_are_told_by_the_affine(
    tmp_path: Path, order: tuple[int, ...], turned: tuple[int, ...]
) -> None:
    image = nibabel.Nifti1Image(plane(mask()), AFFINE)
    target_axes = nibabel.orientations.ornt_transform(
        nibabel.io_orientation(AFFINE),
        np.array([(nibabel.io_orientation(AFFINE)[axis][0], -1 if axis in turned else 1) for axis in order]),
    )
    resaved = image.as_reoriented(target_axes)
    nibabel.save(resaved, tmp_path / "tumour.nii")
    (target,) = read_targets(tmp_path / "tumour.nii", sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


def test_canonical_orientation_of_a_sagittal_plane_is_understood(tmp_path: Path) -> None:
    canonical = nibabel.as_closest_canonical(nibabel.Nifti1Image(plane(mask()), AFFINE))
    assert canonical.shape == (1, 30, 24)
    nibabel.save(canonical, tmp_path / "tumour.nii")
    (target,) = read_targets(tmp_path / "tumour.nii", sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


def test_time_first_and_time_last_are_told_apart(tmp_path: Path) -> None:
    series = np.stack([np.roll(mask(), shift, axis=1) for shift in range(COUNT)])
    time_first = AFFINE[:, [2, 0, 1, 3]]
    for name, values, affine in (
        ("first.mha", series.transpose(0, 2, 1), time_first),
        ("last.mha", series.transpose(2, 1, 0), AFFINE),
        ("last.nrrd", series.transpose(2, 1, 0), AFFINE),
    ):
        (labels,) = read_label_series(itk(tmp_path / name, values, affine), sequence())
        np.testing.assert_array_equal(labels.masks, series.astype(bool), err_msg=name)


@pytest.mark.parametrize("turned", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
def test_an_nrrd_of_four_axes_as_itk_writes_it_is_told_by_its_steps(
    tmp_path: Path, order: tuple[int, ...], turned: tuple[int, ...]
) -> None:
    series = np.stack([np.roll(mask(), shift, axis=1) for shift in range(COUNT)])
    image = nibabel.Nifti1Image(series.transpose(2, 1, 0)[:, :, np.newaxis], AFFINE)
    own = np.array([(axis, -1 if axis in turned else 1) for axis in order])
    axes = nibabel.orientations.apply_orientation(np.asanyarray(image.dataobj), own)
    affine = AFFINE @ nibabel.orientations.inv_ornt_aff(own, image.shape[:3])
    nibabel.save(nibabel.Nifti1Image(axes, affine), tmp_path / "series.nii")
    SimpleITK.WriteImage(SimpleITK.ReadImage(str(tmp_path / "series.nii")), str(tmp_path / "series.nrrd"))
    assert b"space dimension: 4" in (tmp_path / "series.nrrd").read_bytes()  # no word on whose axes they are
    (labels,) = read_label_series(tmp_path / "series.nrrd", sequence())
    np.testing.assert_array_equal(labels.masks, series.astype(bool))


@pytest.mark.parametrize("affine", [AFFINE, None])
def test_a_file_without_position_needs_size_and_spacing_alone(tmp_path: Path, affine: np.ndarray | None) -> None:
    given = nifti(tmp_path / "tumour.nii", plane(mask()), affine)
    frames = sequence(affine=None if affine is not None else AFFINE)
    (target,) = read_targets(given, frames)
    np.testing.assert_array_equal(target.mask, mask().astype(bool))
    with pytest.raises(ReadError, match=r"with 30 x 24 pixels .* for frames with 30 x 24 pixels .*"):
        read_targets(given, sequence(affine=frames.affine, spacing_mm=(2.5, 1.6)))


def test_several_planes_are_refused(tmp_path: Path) -> None:
    volume = np.repeat(plane(mask())[..., np.newaxis], 2, axis=2).repeat(COUNT, axis=3)
    with pytest.raises(ReadError, match=r"a mask must be of one plane, got 2 in tumour\.nii"):
        read_targets(nifti(tmp_path / "tumour.nii", volume), sequence())


def test_a_nifti_of_two_axes_is_a_mask(tmp_path: Path) -> None:
    (target,) = read_targets(nifti(tmp_path / "tumour.nii", mask().T.copy()), sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


class TestSlicer:
    """Slicer's .seg.nrrd: cut to what is drawn, in layers where segments overlap."""

    named = segments(("tumour", 0, 2), ("liver", 1, 1), offset="7 4 0")

    @staticmethod
    def cut(values: np.ndarray) -> np.ndarray:
        """Return what Slicer keeps of an image (H, W): rows 4 to 20, columns 7 to 26."""
        return values[4:20, 7:26].T[:, :, np.newaxis]

    @property
    def liver(self) -> np.ndarray:
        drawn = np.zeros(SHAPE, dtype=np.uint8)
        drawn[8:20, 10:26] = 1
        return drawn

    def write(self, path: Path, *, origin: np.ndarray = AFFINE[:3, 3], **facts: str) -> Path:
        layers = np.stack([self.cut(2 * mask()), self.cut(self.liver)])
        start = origin + AFFINE[:3, :2] @ (7, 4)
        return nrrd(path, layers, directions=AFFINE[:3, :3], origin=start, **(facts or self.named))

    def test_segments_are_chosen_by_name_and_put_in_their_place(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "a.seg.nrrd")
        tumour, liver = read_targets(path, sequence(), names=["tumour", "liver"])
        np.testing.assert_array_equal(tumour.mask, mask().astype(bool))
        np.testing.assert_array_equal(liver.mask, self.liver.astype(bool))
        assert tumour.said == ("is structure 2 'tumour', one of those in a.seg.nrrd (2 'tumour'; 1 'liver')",)

    def test_a_choice_is_needed_and_says_the_names(self, tmp_path: Path) -> None:
        with pytest.raises(ReadError, match=r"got 2 'tumour'; 1 'liver' in a\.seg\.nrrd; choose with --target-name or"):
            read_targets(self.write(tmp_path / "a.seg.nrrd"), sequence())
        with pytest.raises(
            ReadError, match=r"'lung' must stand for one structure, got 0 such .* 2 'tumour'; 1 'liver'"
        ):
            read_targets(self.write(tmp_path / "a.seg.nrrd"), sequence(), names=["lung"])

    def test_the_space_counts_not_the_offset(self, tmp_path: Path) -> None:
        named = segments(("tumour", 0, 2), offset="-35 86 -1")
        (target,) = read_targets(self.write(tmp_path / "a.seg.nrrd", **named), sequence())
        np.testing.assert_array_equal(target.mask, mask().astype(bool))

    def test_without_a_position_of_the_frames_the_offset_counts(self, tmp_path: Path) -> None:
        (target,) = read_targets(self.write(tmp_path / "a.seg.nrrd"), sequence(affine=None), labels=["tumour"])
        np.testing.assert_array_equal(target.mask, mask().astype(bool))

    def test_one_that_reaches_beyond_the_frames_is_refused(self, tmp_path: Path) -> None:
        beyond = AFFINE[:3, 3] + AFFINE[:3, 0] * 5
        with pytest.raises(ReadError, match=r"geometry of the frames, got a\.seg\.nrrd with 19 x 16 pixels"):
            read_targets(self.write(tmp_path / "a.seg.nrrd", origin=beyond), sequence())

    def test_files_before_labels_and_layers_have_one_layer_each(self, tmp_path: Path) -> None:
        facts = {"Segment0_ID": "a", "Segment0_Name": "tumour", "Segment1_ID": "b", "Segment1_Name": "liver"}
        layers = np.stack([plane(mask()), plane(self.liver)])
        path = nrrd(tmp_path / "a.seg.nrrd", layers, directions=AFFINE[:3, :3], origin=AFFINE[:3, 3], **facts)
        tumour, liver = read_targets(path, sequence(), labels=["all"])
        np.testing.assert_array_equal(tumour.mask, mask().astype(bool))
        np.testing.assert_array_equal(liver.mask, self.liver.astype(bool))
        assert [tumour.name, liver.name] == ["tumour", "liver"]

    @pytest.mark.parametrize(
        ("space", "signs"),
        [
            ("right-anterior-superior", (1, 1, 1)),
            ("left-posterior-superior", (-1, -1, 1)),
            ("LPS", (-1, -1, 1)),
            ("left-anterior-superior", (-1, 1, 1)),
            ("LAS", (-1, 1, 1)),
        ],
    )
    def test_spaces_of_other_programs_are_the_same_place(
        self, tmp_path: Path, space: str, signs: tuple[int, ...]
    ) -> None:
        path = nrrd(
            tmp_path / "a.seg.nrrd",
            plane(mask()),
            directions=np.diag(signs) @ AFFINE[:3, :3],
            origin=np.array(signs) * AFFINE[:3, 3],
            space=space,
            **segments(("tumour", 0, 1)),
        )
        (target,) = read_targets(path, sequence())
        np.testing.assert_array_equal(target.mask, mask().astype(bool))
        assert target.name == "tumour"

    def test_a_segmentation_of_nothing_is_one_voxel_and_refused(self, tmp_path: Path) -> None:
        empty = np.zeros((1, 1, 1), dtype=np.uint8)
        named = segments(("tumour", 0, 1))
        path = nrrd(tmp_path / "a.seg.nrrd", empty, directions=np.eye(3), origin=np.zeros(3), **named)
        with pytest.raises(ReadError, match=r"got an empty segmentation in a\.seg\.nrrd"):
            read_targets(path, sequence())

    def test_layers_without_names_are_refused(self, tmp_path: Path) -> None:
        layers = np.stack([plane(mask()), plane(self.liver)])
        path = nrrd(tmp_path / "a.nrrd", layers, directions=AFFINE[:3, :3], origin=AFFINE[:3, 3])
        with pytest.raises(ReadError, match=r"one number per pixel or name its segments, got 2 numbers and no names"):
            read_targets(path, sequence())

    @pytest.mark.parametrize(
        ("layer", "words"),
        [(4, r"must be in its 2 layer\(s\), got layer 4 for 'liver'"), ("x", r"whole numbers, got 'x'")],
    )
    def test_layers_that_there_are_not_are_refused(self, tmp_path: Path, layer: Any, words: str) -> None:
        with pytest.raises(ReadError, match=words):
            read_targets(self.write(tmp_path / "a.seg.nrrd", **segments(("liver", layer, 1))), sequence())


def test_a_png_in_colour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"one number per pixel, got mode RGB .* in tumour\.png"):
        read_targets(png(tmp_path / "tumour.png", np.stack([mask()] * 3, axis=2)), sequence())


@pytest.mark.parametrize("mode", ["1", "P", "I;16"])
def test_pngs_of_one_number_per_pixel_are_taken(tmp_path: Path, mode: str) -> None:
    values = {"1": mask().astype(bool), "P": mask(), "I;16": mask().astype(np.uint16) * 1000}[mode]
    picture = Image.fromarray(values)
    if mode == "P":
        picture = Image.fromarray(values, mode="P")
        picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.save(tmp_path / "tumour.png")
    with Image.open(tmp_path / "tumour.png") as saved:
        assert saved.mode == mode
    (target,) = read_targets(tmp_path / "tumour.png", sequence())
    np.testing.assert_array_equal(target.mask, mask().astype(bool))


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "tumour.npy", np.full(SHAPE, None), allow_pickle=True)
    with pytest.raises(ReadError, match=r"tumour\.npy cannot be read as NPY of numbers"):
        read_targets(tmp_path / "tumour.npy", sequence())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros(SHAPE[0]), r"must have shape \(rows, columns\) or \(frames, rows, columns\), got \(24,\)"),
        (np.zeros(SHAPE, dtype=complex), r"labels must be whole numbers, got complex128"),
        (np.full(SHAPE, 1e12), r"small whole numbers, got 1e\+12"),
    ],
)
def test_arrays_that_are_no_labels_are_refused(tmp_path: Path, values: np.ndarray, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_targets(npy(tmp_path / "tumour.npy", values), sequence())


def test_an_npy_whose_header_is_no_python_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "mask.npy", np.ones((4, 5), np.uint8))
    content = (tmp_path / "mask.npy").read_bytes()
    (tmp_path / "mask.npy").write_bytes(content.replace(b"'shape': (4, 5)", b"'shape': ((((4"))
    with pytest.raises(ReadError, match=r"mask\.npy cannot be read"):
        read_npy_labels(tmp_path / "mask.npy")


def test_an_npy_that_claims_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "mask.npy", np.ones((4, 5), np.uint8))
    content = (tmp_path / "mask.npy").read_bytes()
    (tmp_path / "mask.npy").write_bytes(content.replace(b"(4, 5), }            ", b"(4000000, 5000000), }"))
    with pytest.raises(ReadError, match=r"mask\.npy cannot be read"):
        read_npy_labels(tmp_path / "mask.npy")


@pytest.mark.parametrize(
    ("axes", "sizes", "sentence"),
    [
        ("-1", "5 4 1", "must have a size for each of its axes, got NDims '-1' and 3 in DimSize"),
        ("0", "5 4 1", "must have a size for each of its axes, got NDims '0' and 3 in DimSize"),
        ("7", "5 4 1 1 1 1 1", "must have 2 to 4 axes, got NDims = 7 in mask.mha"),
    ],
)
def test_an_mha_of_no_possible_number_of_axes_is_refused(tmp_path: Path, axes: str, sizes: str, sentence: str) -> None:
    path = tmp_path / "mask.mha"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.ones((1, 4, 5), np.uint8)), str(path))
    content = path.read_bytes().replace(b"NDims = 3", f"NDims = {axes}".encode())
    path.write_bytes(content.replace(b"DimSize = 5 4 1", f"DimSize = {sizes}".encode()))
    with pytest.raises(ReadError, match=sentence):
        read_mha_labels(path)


@pytest.mark.parametrize("field", ["data file", "datafile", "Data File"])
@pytest.mark.parametrize("name", ["pipe", "../secret.raw", "/dev/zero", "zero", "LIST", "f%03d 1 3 1", "x" * 300])
def test_an_nrrd_names_a_file_of_its_own_folder(tmp_path: Path, field: str, name: str) -> None:
    (tmp_path / "secret.raw").write_bytes(bytes(20))
    folder = tmp_path / "of"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    path = nrrd(folder / "mask.nrrd", np.ones((4, 5, 1), np.uint8), directions=None)
    path.write_bytes(path.read_bytes().replace(b"encoding: raw", f"encoding: raw\n{field}: {name}".encode()))
    with pytest.raises(ReadError, match=r"data file of mask.nrrd must name (a|one) file"):
        read_nrrd_labels(path)


def test_data_of_an_nrrd_may_lie_beside_its_header(tmp_path: Path) -> None:
    path = nrrd(tmp_path / "mask.nrrd", np.ones((4, 5, 1), np.uint8), directions=None)
    head, _, data = path.read_bytes().partition(b"\n\n")
    (tmp_path / "mask.raw").write_bytes(data)
    path.write_bytes(head + b"\ndata file: mask.raw\n")
    assert read_nrrd_labels(path).labels.sum() == 20
    (tmp_path / "mask.raw").write_bytes(data[:-1])
    with pytest.raises(ReadError, match=r"its header claims 20 bytes, and 19 can be there"):
        read_nrrd_labels(path)


RAW = "raw\nendian: little\nsizes: 4 5 1"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("sizes: 4 5 1", "sizes: 80000 80000 1", "cut short or damaged"),
        ("sizes: 4 5 1", f"sizes: {'9' * 18} {'9' * 18} {'9' * 18}", r"claims 1e\+30 bytes"),
        (
            RAW,
            "gzip\nendian: little\nsizes: 80000 80000 1",
            "may unfold to at most 4 GB",
        ),
        (RAW, "gzip\nendian: little\nsizes: 8000 8000 1", "cut short or damaged"),
        (RAW, "txt\nendian: little\nsizes: 8000 8000 1", "cut short or damaged"),
        (
            "sizes: 4 5 1",
            "sizes: 4 5 1\nSizes: 80000 80000 1",
            "each thing once in its header, got 'Sizes' twice",
        ),
    ],
)
def test_an_nrrd_that_claims_more_than_it_holds_is_refused_at_once(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    path = nrrd(tmp_path / "mask.nrrd", np.ones((4, 5, 1), np.uint8), directions=None)
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode()))
    began = time.process_time()
    with pytest.raises(ReadError, match=sentence):
        read_nrrd_labels(path)
    assert time.process_time() - began < 1


def test_a_fact_of_an_nrrd_whose_name_is_no_text_is_passed_over(tmp_path: Path) -> None:
    path = nrrd(tmp_path / "mask.nrrd", np.ones((4, 5, 1), np.uint8), directions=None, odd="fact")
    path.write_bytes(path.read_bytes().replace(b"odd:=", b"\xfe\xff\xfd:="))
    labels = read_nrrd_labels(path).labels
    assert labels.size == 20
    assert labels.all()


def test_what_is_no_mask_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a mask")
    for path, words in ((tmp_path / "notes.txt", "of a known format, got notes.txt"), (tmp_path, "got a folder at")):
        with pytest.raises(ReadError, match=words):
            read_targets(path, sequence())
    with pytest.raises(ReadError, match="got nothing at"):
        read_targets(tmp_path / "missing.nii", sequence())
