#!/bin/sh
# zarrnii 0.21.6, from_nifti, sample_at_points and to_nifti, on an image of 2 x 3 x 4 mm that lies turned by 23 degrees,
# as planes along the way of a target do. Its values are the first coordinate of each place in mm.
#
# Expected: sample_at_points gives at a place in mm its coordinate, and an image that is read and written lies where it
# lay: affine is a full matrix. Or it is refused, as OME-Zarr holds only spacings and an offset.
# Seen: the rotation is dropped when the file is read. Points in mm are looked up beside where they are, where the
# coordinate is 8 and 19 mm less, and the file that is written has its far corner 26 mm away. No word is said. Images
# that lie along the axes are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	zarrnii==0.21.6 nibabel==5.4.2 numpy==2.4.6 zarr==3.1.6 ngff-zarr==0.50.0 ome-zarr==0.18.0 dask==2026.8.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import nibabel
import numpy as np
from zarrnii import ZarrNii

shape, nodes = (16, 20, 12), np.array([[5, 6, 4], [10, 15, 8]])
grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)


def placed(indices, affine):
    return indices @ affine[:3, :3].T + affine[:3, 3]


found = {}
for name, angle in (("straight", 0.0), ("turned", 0.4)):
    cosine, sine = np.cos(angle), np.sin(angle)
    affine = np.diag([2.0, 3.0, 4.0, 1.0])
    affine[:3, :3] = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]) @ affine[:3, :3]
    affine[:3, 3] = 10, -20, 5
    values = placed(grid, affine)[..., 0].astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(values, affine), f"{name}.nii")
    image = ZarrNii.from_nifti(f"{name}.nii")
    points = placed(nodes, affine)
    sampled = np.asarray(image.sample_at_points(points)).ravel()
    image.to_nifti(f"{name}_again.nii")
    corner = np.array(shape) - 1
    moved = placed(corner, nibabel.load(f"{name}_again.nii").affine) - placed(corner, affine)
    found[name] = float(np.abs(sampled - points[:, 0]).max()), float(np.linalg.norm(moved))
    print(f"{name}: sampled {sampled.round(2)}, truth {points[:, 0].round(2)}; corner moved by {found[name][1]:.1f} mm")
assert max(found["straight"]) < 1e-3
assert found["turned"][0] > 5 and found["turned"][1] > 20, "oblique images are kept in their place now"
END
