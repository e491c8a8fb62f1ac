#!/bin/sh
# voxelmorph 0.3.4 (registration, the version with torch), on an image of 32 x 40 pixels with one bright pixel in row
# 12: spatial_transform by a matrix that moves by 5 rows; by the same matrix, composed with a field that is zero
# everywhere; and by the field that affine_to_disp makes of the matrix.
#
# Expected: a motion composed with no motion is that motion, so that all three give the same image.
# Seen: the matrix alone brings the pixel to row 17, composed with nothing to row 7, and as a field to row 7, too.
# spatial_transform inverts a matrix before it uses it, and compose and affine_to_disp do not. A turn is as wrong: by
# 30 degrees to one side alone, and to the other side composed. The help says of a matrix here only "affine matrix".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	voxelmorph==0.3.4 neurite==0.3.4 torch==2.13.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 nibabel==5.4.2 \
	h5py==3.16.0 matplotlib==3.11.2 six==1.17.0 einops==0.8.2 pystrum==0.4
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import math

import torch
import voxelmorph as vxm
from voxelmorph.functional import affine_to_disp, compose, spatial_transform

SHAPE = (32, 40)
image = torch.zeros(1, 1, *SHAPE)
image[0, 0, 12, 20] = 1
nothing = torch.zeros(2, *SHAPE)
cosine, sine = math.cos(math.radians(30)), math.sin(math.radians(30))
matrices = {
    "5 rows": torch.tensor([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]]),
    "30 degrees": torch.tensor([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]),
}


def brightest(transform):
    moved = spatial_transform(image, transform, mode="linear", non_spatial_dims=(0, 1))
    return divmod(int(moved.argmax()), SHAPE[1])


print(f"voxelmorph {vxm.__version__}; the pixel lies at {brightest(nothing)}")
places = {}
for name, matrix in matrices.items():
    places[name] = [
        brightest(matrix),
        brightest(compose([matrix, nothing])),
        brightest(compose([nothing, matrix])),
        brightest(affine_to_disp(matrix, shape=SHAPE)),
        brightest(torch.linalg.inv(matrix)),
    ]
    print(f"{name}: alone {places[name][0]}, composed {places[name][1]} and {places[name][2]},", end=" ")
    print(f"as a field {places[name][3]}; the inverse alone {places[name][4]}")
alone, *others, _ = places["5 rows"]
assert alone == (17, 20)
assert others == [(7, 20)] * 3, "alone and composed the matrix moves the same way now"
alone, *others, inverse = places["30 degrees"]
assert others == [inverse] * 3 != [alone] * 3, "alone and composed the matrix turns the same way now"
END
