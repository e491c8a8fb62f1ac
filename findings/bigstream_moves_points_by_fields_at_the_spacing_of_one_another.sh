#!/bin/sh
# bigstream 5.0.3, apply_transform_to_coordinates with two displacement fields of one region, sampled each 2 mm and each
# 4 mm.
#
# Expected: with a tuple of spacings "each deformation can be given its own spacing". Points go where the same
# list takes an image by apply_transform, and where the functions behind the fields take them.
# Seen: the fields are taken from the end of the list, the spacings from its start. So each field is read at the spacing
# of the other: points are up to 8.7 mm off. With the tuple turned round they are right; the image is right as it is.
# With an origin, it is also taken off the caller's own points, which are moved after the call.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	bigstream==5.0.3 zarr==2.18.7 numcodecs==0.15.1 numpy==2.2.6 scipy==1.17.1 SimpleITK==2.5.7
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from bigstream.transform import apply_transform, apply_transform_to_coordinates


def small(x):
    return 3 * np.sin(np.pi * x / 64)


def large(x):
    return 8 * np.sin(np.pi * x / 64) ** 2


def field(displacement, step):
    places = np.arange(0, 64 + step, step)
    sampled = np.zeros((len(places),) * 3 + (3,))
    sampled[..., 0] = displacement(places)[:, None, None]
    return sampled


fields = [field(small, 2.0), field(large, 4.0)]  # the last one is applied first
spacings = (np.full(3, 2.0), np.full(3, 4.0))
places = np.arange(8.0, 56.0, 8.0)
points = np.stack([places, np.full(6, 20.0), np.full(6, 20.0)], axis=1)
true = places + large(places)
true = true + small(true)

given = apply_transform_to_coordinates(points.copy(), fields, transform_spacing=spacings)[:, 0]
turned = apply_transform_to_coordinates(points.copy(), fields, transform_spacing=spacings[::-1])[:, 0]
ramp = np.tile(np.arange(0.0, 90.0, 2.0)[:, None, None], (1, 33, 33))
image = apply_transform(np.zeros((33, 33, 33)), ramp, spacings[0], spacings[0], fields, transform_spacing=spacings)
errors = {
    "points": np.abs(given - true).max(),
    "points, spacings turned round": np.abs(turned - true).max(),
    "image": np.abs(image[(places / 2).astype(int), 10, 10] - true).max(),
}
for name, error in errors.items():
    print(f"{name}: up to {error:.2f} mm off")
mine = points.copy()
apply_transform_to_coordinates(mine, fields[1:], transform_spacing=spacings[1], transform_origin=np.full(3, 10.0))
print(f"the caller's points after a call with an origin of 10 mm: moved by {(mine - points)[0].tolist()} mm")
assert errors["image"] < 0.1 and errors["points, spacings turned round"] < 0.1
assert errors["points"] > 1, "each field has its own spacing now"
assert (mine - points == -10).all(), "the caller's points are left alone now"
END
