#!/bin/sh
# MedPy 0.5.2, medpy.filter.image.resample, on 10 slices 10 mm apart, each of 60 x 60 pixels of 1 mm, to voxels of 1 mm.
#
# Expected: "resamples an image to a new voxel-spacing": slices 1 mm apart, a ball is where it was, and as large.
# Seen: there are 100 slices, spread from the first old slice to the last, so 90/99 mm apart. The header says 1 mm.
# A ball in the upper slices lies 7 mm too high, and holds 9 % more. Each axis has a factor of its own, so that
# distances are wrong by direction: here the rows and columns are right. No word is said, and header and pixels each
# look right. A mask drawn in such an image lies beside the target when it is taken back by its mm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	MedPy==0.5.2 numpy==2.2.6 scipy==1.17.1 SimpleITK==2.5.7
"$folder/bin/python" -W ignore - <<'END'
from importlib.metadata import version

import numpy as np
import SimpleITK
from medpy.filter.image import resample
from medpy.io import Header

print("MedPy", version("MedPy"))


def place_and_volume(image, spacing):
    grid = np.stack(np.meshgrid(*(np.arange(n) * step for n, step in zip(image.shape, spacing)), indexing="ij"), -1)
    inside = np.clip(image, 0, None)
    return (grid * inside[..., None]).sum((0, 1, 2)) / inside.sum(), inside.sum() * np.prod(spacing) / 1000


spacing, wanted = (1.0, 1.0, 10.0), (1.0, 1.0, 1.0)
grid = np.stack(np.meshgrid(np.arange(60), np.arange(60), 10 * np.arange(10), indexing="ij"), -1)
ball = np.exp(-(((grid - [30, 24, 70]) / 8) ** 2).sum(-1) / 2).astype(np.float32)
image, header = resample(ball.copy(), Header(spacing=spacing), wanted, bspline_order=1)

source = SimpleITK.GetImageFromArray(ball.transpose(2, 1, 0))
source.SetSpacing(spacing)
other = SimpleITK.Resample(source, (60, 60, 91), SimpleITK.Transform(), SimpleITK.sitkLinear, (0, 0, 0), wanted)
found = {}
for name, array, steps in (
    ("before", ball, spacing), ("MedPy", image, header.get_voxel_spacing()),
    ("SimpleITK", SimpleITK.GetArrayFromImage(other).transpose(2, 1, 0), other.GetSpacing()),
):
    place, volume = place_and_volume(array, steps)
    found[name] = float(place[2]), float(volume)
    print(f"{name}: {array.shape} voxels, said to be {tuple(float(step) for step in steps)} mm apart; "
          f"ball at {place.round(1).tolist()} mm, {volume:.2f} ml")
assert header.get_voxel_spacing() == wanted
assert abs(found["SimpleITK"][0] - found["before"][0]) < 0.5
assert found["MedPy"][0] - found["before"][0] > 6, "slices are as far apart as the header says now"
END
