#!/bin/sh
# nitransforms 25.1.0, DenseFieldTransform on a grid of 20 x 16 x 10 voxels of 2 mm: map of points, and apply on an
# image that reaches 8 mm further to the left than the field.
#
# Expected: outside the grid of the field nothing moves. So say the comment in the source ("no displacement") and the
# issue (185) that brought it in.
# Seen: right beside the grid points. But where all points asked for lie on grid points, the table is looked up with
# negative indices: a point 2 mm left of the field is sent to the right end of the field, 43 mm away. Asked together
# with one point off the grid, it stays. To the right there is an IndexError. Images are resampled that way: a field of
# zeros fills the 8 mm on the left with what lies 40 mm further to the right, with no word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	nitransforms==25.1.0 nibabel==5.4.2 numpy==2.4.6 scipy==1.17.1 h5py==3.16.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import nibabel
import numpy as np
from nitransforms.nonlinear import DenseFieldTransform
from nitransforms.resampling import apply


def transform(to_the_right):
    field = np.zeros((20, 16, 10, 3), dtype=np.float32)
    field[..., 0] = to_the_right
    return DenseFieldTransform(nibabel.Nifti1Image(field, np.diag([2.0, 2, 2, 1])))


found = {}
for name, points in {
    "the left end of the field": [[0, 4, 4]],
    "2 mm left of it": [[-2, 4, 4]],
    "2 mm left of it, asked with a point off the grid": [[-2, 4, 4], [5, 4, 4]],
    "3 mm left of it": [[-3, 4, 4]],
}.items():
    found[name] = round(float(transform(3).map(np.array(points, dtype=float))[0, 0]), 2)
    print(f"x of a point at {name}: {points[0][0]} mm, moved by a field of 3 mm to {found[name]} mm")

places = np.arange(24) * 2.0 - 8  # mm, of the columns of the image
affine = np.diag([2.0, 2, 2, 1])
affine[0, 3] = places[0]
image = nibabel.Nifti1Image(np.tile(places[:, None, None], (1, 16, 10)), affine)
resampled = apply(transform(0), image, reference=image, order=1).get_fdata()[:, 5, 5]
print(f"places in the image: {places[:6].tolist()} ...\nresampled without motion: {resampled[:6].tolist()} ...")
assert (resampled[4:] == places[4:]).all()
assert found["the left end of the field"] == 3 and found["3 mm left of it"] == -3
assert found["2 mm left of it, asked with a point off the grid"] == -2
assert found["2 mm left of it"] == 41, "points outside are left where they are now"
assert (resampled[:4] == places[:4] + 40).all(), "images outside are left as they are now"
END
