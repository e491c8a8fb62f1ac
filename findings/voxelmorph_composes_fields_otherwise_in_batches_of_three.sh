#!/bin/sh
# voxelmorph 0.3.4 (registration, the version with torch), nn.functional.compose, of two batches of fields of 16 x 18
# pixels: 1 to 5 frames at once, as against each frame by itself and as against plain numpy.
#
# Expected: "displacement fields (B, ndim, *spatial)": each frame of a batch is composed as it is alone.
# Seen: it is for 1, 2, 4 and 5 frames. For 3 frames the result is off by pixels, and no message says so: whether
# there is a batch is guessed by whether the first size is one less than the number of axes. Three frames of
# two-dimensional fields look like one three-dimensional field. (Four frames of three-dimensional ones stop with an
# error.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	voxelmorph==0.3.4 neurite==0.3.4 torch==2.13.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 nibabel==5.4.2 \
	h5py==3.16.0 matplotlib==3.11.2 six==1.17.0 einops==0.8.2 pystrum==0.4
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
import voxelmorph as vxm
from scipy.ndimage import map_coordinates
from voxelmorph.nn.functional import compose

SHAPE = (16, 18)
grid = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij")).astype(float)


def by_hand(left, right):
    """The motion x -> x + right(x) + left(x + right(x)), in pixels (row, column)."""
    return right + np.stack([map_coordinates(part, grid + right, order=1) for part in left])


def smooth(count, size):
    """Smooth motions of up to some pixels which are zero at the edge of the image, (count, 2, rows, columns)."""
    rows, columns = np.sin(np.pi * grid[0] / 15), np.sin(np.pi * grid[1] / 17)
    parts = np.random.default_rng(0).uniform(-size, size, (count, 2, 1, 1))
    return parts * rows * columns


print(f"voxelmorph {vxm.__version__}")
for count in range(1, 6):
    left, right = smooth(count, 3.0), smooth(count, 2.0)[:, ::-1].copy()
    fields = [torch.tensor(field, dtype=torch.float32) for field in (left, right)]
    together = compose(fields).numpy()
    alone = np.stack([compose([left[None], right[None]])[0].numpy() for left, right in zip(*fields)])
    expected = np.stack([by_hand(*pair) for pair in zip(left, right)])
    off = float(np.abs(together - expected).max())
    single = float(np.abs(alone - expected).max())
    print(f"{count} frame(s): a batch is off by up to {off:.3f} pixels, frames alone by {single:.3f}")
    assert single < 0.01
    assert (off > 0.5) == (count == 3), "batches of three are composed as others now"
END
