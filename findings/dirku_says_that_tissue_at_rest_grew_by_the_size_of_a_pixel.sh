#!/bin/sh
# dirku 1.0.1 (deformable registration), measure_jacobian: the growth of tissue after a registration, from the folder
# of its results. In images of 12 x 14 pixels nothing has moved, or an affine registration stretched the rows by 10 %.
# The parameter voxelToMm must be given: "cell dimensions in mm".
#
# Expected: the determinant of the Jacobian has no unit. It is 1 where nothing moved and 1.1 where rows are stretched
# by 10 %, whatever the size of the pixels.
# Seen: the places are turned into mm, but their differences are taken per pixel. So each determinant is multiplied by
# the area of a pixel in mm2, in 3D by its volume. With pixels of 3.5 mm tissue at rest is said to have grown to 12.25
# times its size, and with pixels of 0.9 mm to have shrunk by 19 %. The stretch by 10 % is given as 13.5 or 0.89. With
# pixels of 1 mm all is right. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	torch==2.13.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 scikit-fmm==2025.6.23 libigl==2.6.3 shapely==2.2.0 \
	matplotlib==3.11.2 tqdm
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps dirku==1.0.1
mkdir "$folder/results"
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import contextlib
import io
from pathlib import Path

import numpy as np
import torch
from dirku.postprocessing import measure_jacobian

for name in ("moving_mask.npy", "fixed_mask.npy"):
    np.save(name, np.ones((12, 14), dtype=np.float32))
found = {}
for motion, rows in (("at rest", 1.0), ("rows stretched by 10 %", 1.1)):
    if rows != 1:
        np.save("results/transformation_affine.npy", np.diag([rows, 1, 1]).astype(np.float32))
    for size in (1.0, 0.9, 3.5):
        with contextlib.redirect_stdout(io.StringIO()):
            fields = measure_jacobian("cpu", str(Path.cwd()), torch.tensor([size, size]))
        growth = np.array(fields["overall"])
        found[rows, size] = float(growth.mean())
        print(f"{motion}, pixels of {size} mm: determinant {growth.min():.3f} to {growth.max():.3f}")
for (rows, size), growth in found.items():
    assert np.isclose(growth, rows * size**2, rtol=1e-3), "the determinant has no unit now"
END
