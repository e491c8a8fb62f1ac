#!/bin/sh
# cardio 2026.3.2, a viewer of "3D and 4D ('cine') medical imaging data", and what pip installs under Python 3.11 (later
# versions, for 3.12, do without this step): reset_direction, "Reset image direction to identity matrix, preserving
# physical extent". Each frame of a volume or a segmentation passes through it before it is shown in axial, coronal and
# sagittal views. Here: stacks of 9 x 8 x 7 voxels of 1 x 2 x 3 mm, with one bright voxel.
#
# Expected: voxels are put in the order of the axes of the patient, and each stays at its place in mm.
# Seen: so it is with axial stacks, whichever way their axes run. For others the table that says along which axis of the
# patient each axis of the image runs is used as if it were its inverse, and the signs of the axes of the image as if
# they were those of the patient. A sagittal stack comes out with its axes exchanged, in voxels of 2 x 3 x 1 mm where
# 3 x 1 x 2 mm are right, and the voxel lies up to 45 mm off; a coronal one is mirrored from front to back instead of
# from head to feet. Meshes, which are shown in mm as they are, lie elsewhere. No word is said.
# (Only its module of orientations is loaded: the whole of it needs a display.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check itk==5.4.7 numpy==2.4.6
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps cardio==2026.3.2
cp "$folder"/lib/python3*/site-packages/cardio/orientation.py "$folder"
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np
from orientation import reset_direction

INDEX, ORIGIN, SPACING = (1, 5, 2), (10.0, 20.0, 30.0), np.array([1.0, 2.0, 3.0])  # i, j, k; mm; mm
STACKS = {  # the axes of the patient (left, back, head) that i, j and k run along
    "axial": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "axial, from the right and the back": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "axial, from the head": ((1, 0, 0), (0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
    "sagittal, from the left": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
}


def brightest(image):
    k, j, i = np.unravel_index(itk.array_from_image(image).argmax(), itk.array_from_image(image).shape)
    return np.array(image.TransformIndexToPhysicalPoint([int(i), int(j), int(k)]))


for name, axes in STACKS.items():
    voxels = np.zeros((7, 8, 9), np.float32)
    voxels[INDEX[::-1]] = 1
    image = itk.image_from_array(voxels)
    image.SetOrigin(ORIGIN)
    image.SetSpacing(SPACING)
    image.SetDirection(itk.matrix_from_array(np.array(axes, float).T))
    place, right = brightest(image), SPACING @ np.abs(axes)
    turned = reset_direction(image)
    off, spacing = brightest(turned) - place, np.array(turned.GetSpacing())
    print(f"{name}: the voxel at {place} mm is shown {np.linalg.norm(off):.1f} mm off ({off}); "
          f"voxels of {spacing} mm, right {right}")
    assert np.allclose(itk.array_from_matrix(turned.GetDirection()), np.eye(3))
    if name.startswith("axial"):
        assert np.allclose(off, 0) and np.allclose(spacing, right)
    else:
        assert np.linalg.norm(off) > 5, f"{name} stacks stay where they are now"
    if name.startswith("sagittal"):
        assert np.allclose(right, (3, 1, 2)) and np.allclose(spacing, (2, 3, 1)), "sagittal voxels have their size now"
END
