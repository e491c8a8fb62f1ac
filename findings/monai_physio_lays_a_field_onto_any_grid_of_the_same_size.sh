#!/bin/sh
# monai-physio 2026.9.1 (motion of organs in images in time), ProcessTransforms.transform_image and
# convert_transform_to_displacement_field_transform: a displacement field on a grid of 20 x 22 x 24 nodes, 2 mm apart,
# with a motion of 4 mm around one point, and the grids of images that lie 10 mm further, or are twice as fine.
#
# Expected: the motion is where it is in the patient, on whichever grid it is asked for.
# Seen: only the number of nodes is compared. Where the image has another number, all is right. Where it has the same,
# the vectors are laid onto the nodes of the image as they are: the motion lies 10 mm beside its place, or half as
# wide and half as far from the corner, and the image is warped there. Frames of one matrix size whose table or field
# of view moved are just so. (Of the package, only its modules of transforms are loaded: the whole of it needs several
# GB.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk==5.4.7 SimpleITK==2.5.7 vtk==9.7.2 pyvista==0.49.1 numpy==2.4.6
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps monai-physio==2026.9.1
mkdir "$folder/alone"
for module in process_transforms process_images monai_physio_base; do
	cp "$folder"/lib/python3*/site-packages/monai_physio/$module.py "$folder/alone"
done
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np
from alone.process_images import ProcessImages
from alone.process_transforms import ProcessTransforms

tools = ProcessTransforms()
POINT = np.array([20.0, 20.0, 20.0])  # mm: the middle of the motion


def grid(origin, spacing, size):
    image = itk.image_from_array(np.zeros(size[::-1], np.float32))
    image.SetOrigin([origin, 0.0, 0.0])
    image.SetSpacing([spacing] * 3)
    return image


def motion_at(transform, point):
    return float(transform.TransformPoint(point.tolist())[0] - point[0])  # mm, along x


z, y, x = np.meshgrid(*(2.0 * np.arange(size) for size in (24, 22, 20)), indexing="ij")
vectors = np.zeros((24, 22, 20, 3))
vectors[..., 0] = 4 * np.exp(-((x - 20) ** 2 + (y - 20) ** 2 + (z - 20) ** 2) / (2 * 8**2))
own = grid(0.0, 2.0, (20, 22, 24))
transform = itk.DisplacementFieldTransform[itk.D, 3].New()
field = ProcessImages().convert_array_to_image_of_vectors(vectors, ptype=itk.D, reference_image=own)
transform.SetDisplacementField(field)
ramp = itk.image_from_array(x.astype(np.float32))  # each voxel holds its own place along x, mm
ramp.CopyInformation(own)
assert np.isclose(motion_at(transform, POINT), 4)

for name, origin, spacing, size, right in (
    ("its own grid", 0.0, 2.0, (20, 22, 24), True),
    ("10 mm further", 10.0, 2.0, (20, 22, 24), False),
    ("10 mm further, a slice more", 10.0, 2.0, (20, 22, 25), True),
    ("twice as fine, as many nodes", 0.0, 1.0, (20, 22, 24), False),
    ("twice as fine, twice as many nodes", 0.0, 1.0, (40, 44, 48), True),
):
    image_grid = grid(origin, spacing, size)
    there = tools.convert_transform_to_displacement_field_transform(transform, image_grid)
    warped = itk.array_from_image(tools.transform_image(ramp, transform, image_grid))
    column, row = round((20 - origin) / spacing), round(20 / spacing)
    seen = motion_at(there, POINT)
    print(f"{name}: motion of {seen:.2f} mm where it is 4 mm", end="")
    if column < size[0]:
        moved = float(warped[row, row, column]) - 20
        print(f"; the image there is moved by {moved:.2f} mm", end="")
        assert np.isclose(moved, seen, atol=0.05)
    print()
    assert np.isclose(seen, 4, atol=0.01) == right, "the field stays at its place now"
END
