#!/bin/sh
# syntx 5.4.15 (diffeomorphic registration on top of ANTs), SyNToTransform.invert: a transform of an image of 40 x 48
# pixels of 2 mm that is a smooth field (4 mm at its middle), a shift of the whole by 12 mm, or the one after the
# other.
#
# Expected: a transform and then its inverse bring each point back to where it was.
# Seen: they do for the field alone and for the shift alone, within 0.1 mm. Of both together, points come back up to 3
# mm beside where they were. The transform moves by the field first and by the shift then, and so does the inverse,
# which would have to shift first. By hand in that order, with its own inverse field, all is right; so it is in the
# lists of files that it writes for ANTs. No message says so, and the field that is given back looks like an inverse.
# (Only its modules of transforms are loaded, as the whole asks for a package, antstorch, that it does not require.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	antspyx==0.6.1 torch==2.13.0 numpy==2.4.6 scipy==1.15.3
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps syntx==5.4.15
mkdir "$folder/alone"
cp -r "$folder"/lib/python3*/site-packages/syntx/core "$folder/alone"
cp "$folder"/lib/python3*/site-packages/syntx/transform.py "$folder/alone"
cp "$folder"/lib/python3*/site-packages/syntx/spatial.py "$folder/alone"
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from alone.transform import SyNToTransform
from scipy.ndimage import map_coordinates

SPACING, SHIFT, SIZE = 2.0, np.array([12.0, 0.0]), (40, 48)  # mm; mm along x and y; rows, columns
y, x = np.meshgrid(*(SPACING * np.arange(size) for size in SIZE), indexing="ij")
places = torch.tensor(np.stack([x, y])[None], dtype=torch.float32)  # an image of which each pixel holds its own place
bump = 4 * np.exp(-((x - 40) ** 2 + (y - 36) ** 2) / (2 * 10**2))
field = torch.tensor(np.stack([np.zeros_like(bump), bump], axis=-1)[None], dtype=torch.float32)
grid = {"shape": SIZE[::-1], "spacing": (SPACING, SPACING), "origin": (0.0, 0.0), "direction": np.eye(2)}
shift = (np.eye(2, dtype=np.float32), SHIFT.astype(np.float32))


def moved(transform):
    """Where each pixel of the grid is taken to, in mm (x, y)."""
    return transform.apply(places)[0].numpy()


def at(transform, points):
    """Where points (x, y) in mm are taken to, in mm."""
    return np.stack([map_coordinates(part, points[::-1] / SPACING, order=1) for part in moved(transform)])


def farthest(back):
    return float(np.hypot(*(back - places[0].numpy()))[6:-6, 6:-10].max())


def transform(warp, affine):
    return SyNToTransform(warp_field=warp, metadata=grid, is_physical=True, affine_matrix=affine)


off = {}
for name, given in (("field", (field, None)), ("shift", (0 * field, shift)), ("both", (field, shift))):
    there = transform(*given)
    off[name] = farthest(at(there.invert(), moved(there)))
    print(f"{name}: there and back, points lie up to {off[name]:.2f} mm beside where they were")
there = moved(transform(field, shift))
by_hand = farthest(at(transform(field, None).invert(), there - SHIFT[:, None, None]))
print(f"both, by hand (shifted back first, then its own inverse field): {by_hand:.2f} mm")
assert np.allclose(there[:, 18, 20], [40 + 12 + 4, 36], atol=0.01)
assert max(off["field"], off["shift"], by_hand) < 0.15
assert off["both"] > 2.5, "the inverse of both is right now"
END
