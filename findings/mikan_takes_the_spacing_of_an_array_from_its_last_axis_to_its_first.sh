#!/bin/sh
# mikan-rs 0.1.4 (metrics of segmentations, in Rust), ArrayEvaluator: distances of the surfaces of two masks that are
# numpy arrays, with "spacing: tuple, Spacing of the images".
#
# Expected: the spacing of the axes of the array in their order, as in scipy, MedPy, MONAI and surface-distance. So an
# image of nibabel is given as get_fdata and get_zooms, and gives the distances that Evaluator of the package finds in
# the same file by SimpleITK, and a k-d tree of the surface points in mm.
# Seen: the spacing is taken from the last axis to the first, which fits arrays of SimpleITK with the spacing of the
# image only. Voxels of 1 x 1.5 x 4 mm: two balls 5 mm apart have a Hausdorff distance of 12.0 mm in place of 5.0 and
# an average one of 1.4 mm in place of 2.4. Where the first and the last axis have the same spacing, nothing is seen.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check mikan-rs==0.1.4 SimpleITK==2.5.7 \
	nibabel==5.4.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" - <<'END'
import nibabel
import numpy as np
import SimpleITK as sitk
from mikan.metrics import ArrayEvaluator, Evaluator
from scipy.ndimage import binary_erosion
from scipy.spatial import cKDTree

SHAPE, METRICS = (70, 60, 50), ["hausdorff_distance", "hausdorff_distance_95", "assd"]
for spacing in ((1.0, 1.5, 1.0), (1.0, 1.5, 4.0)):
    place = np.array(spacing)[:, None, None, None] * np.indices(SHAPE)
    middle = np.array(spacing) * (30, 30, 24)
    masks = []
    for name, beside in (("true", (0, 0, 0)), ("found", (3, 0, 4))):  # mm
        from_middle = place - (middle + beside)[:, None, None, None]
        masks.append(((from_middle**2).sum(axis=0) < 17.0**2).astype(np.uint8))
        nibabel.save(nibabel.Nifti1Image(masks[-1], np.diag([*spacing, 1.0])), f"{name}.nii")
    surfaces = [np.argwhere((mask > 0) & ~binary_erosion(mask > 0)) * spacing for mask in masks]
    far = [cKDTree(one).query(two)[0] for one, two in (surfaces, surfaces[::-1])]
    truth = np.array([max(map(np.max, far)), max(np.percentile(each, 95) for each in far), np.concatenate(far).mean()])
    images = [nibabel.load(f"{name}.nii") for name in ("true", "found")]
    arrays = [np.ascontiguousarray(image.get_fdata().astype(np.uint8)) for image in images]
    zooms = tuple(float(zoom) for zoom in images[0].header.get_zooms())
    by_array = np.array(ArrayEvaluator(*arrays, zooms).labels(1).metrics(METRICS))
    turned = np.array(ArrayEvaluator(*arrays, zooms[::-1]).labels(1).metrics(METRICS))
    by_image = np.array(Evaluator(*(sitk.ReadImage(f"{n}.nii", sitk.sitkUInt8) for n in ("true", "found"))).labels(1)
                        .metrics(METRICS))
    print(f"voxels of {spacing} mm: Hausdorff, its 95 % and average distance {by_array.round(2)} mm; by a k-d tree "
          f"{truth.round(2)}, by the images {by_image.round(2)}, with the spacing turned round {turned.round(2)}")
    assert np.allclose(by_image, truth, atol=0.1) and np.allclose(turned, truth, atol=0.1)
    assert np.allclose(by_array, truth, atol=0.1) == (spacing[0] == spacing[2]), "the spacing is that of the axes now"
assert np.allclose(by_array, [12.04, 4.27, 1.43], atol=0.01) and np.allclose(truth, [5.0, 4.47, 2.43], atol=0.01)
END
