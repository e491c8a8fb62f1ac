#!/bin/sh
# pivpy 0.4.0, load_vc7, on vector fields that LaVision's own lvpyio 1.5.0 writes: a motion that grows by 0.1 per s in
# both directions, with y upwards, as DaVis counts (its scale is negative); and the same with one vector for which a
# second choice is the active one, as after the removal of outliers.
#
# Expected: the vectors are those that lvpyio itself gives of the file (as_masked_array), and those that were written.
# Seen: v has the other sign: the places of y are read with their scale, and the vectors without its sign. A motion
# that grows in both directions, of divergence 0.2 per s, becomes one that grows along x and shrinks along y, of
# divergence 0. And of each vector the first choice is taken, whatever the file says is active: the removed outlier is
# back.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	lvpyio==1.5.0 numpy==2.4.6 scipy==1.17.1 xarray==2026.9.0 pandas==3.1.1 matplotlib==3.11.2 h5py==3.16.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pivpy==0.4.0
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import copy

import lvpyio
import numpy as np
from pivpy.io import load_vc7

STEP, SPEED = 0.5, 0.1  # mm from pixel to pixel; mm/s for one unit of the stored numbers
x = 10 + STEP * (np.arange(9) + 0.5)  # mm
y = 30 - STEP * (np.arange(7) + 0.5)  # mm, upwards: the first row is the highest
u, v = np.meshgrid(0.1 * (x - x.mean()), 0.1 * (y - y.mean()))  # mm/s


def write(name, outlier):
    """The motion as DaVis stores it: along columns and rows; the vector in the middle perhaps in two choices."""
    stored = np.zeros(u.shape, lvpyio.vec2c)
    stored["u"], stored["v"] = u / SPEED, -v / SPEED
    buffer = lvpyio.arrays_to_buffer([stored])
    frame = buffer[0]
    frame.scales.x, frame.scales.y = lvpyio.Scale(STEP, 10, "mm", "x"), lvpyio.Scale(-STEP, 30, "mm", "y")
    frame.scales.i = lvpyio.Scale(SPEED, 0, "mm/s", "speed")
    if outlier:
        parts = frame.components
        parts["U1"], parts["V1"], frame.choices = copy.deepcopy(parts["U0"]), copy.deepcopy(parts["V0"]), 2
        parts["U0"].planes[0][3, 4] = 50  # 5 mm/s: the outlier
        parts["ACTIVE_CHOICE"].planes[0][3, 4] = 1
    lvpyio.write_buffer(buffer, name)
    return lvpyio.read_buffer(name).as_masked_array()


def growth(u, v):
    return float(np.mean(np.gradient(u, x, axis=1) + np.gradient(v, y, axis=0)))


own, read = write("growth.vc7", outlier=False), load_vc7("growth.vc7")
assert np.allclose(own["u"], u, atol=1e-5) and np.allclose(own["v"], v, atol=1e-5)
assert np.allclose(read.x, x) and np.allclose(read.y, y)
read_u, read_v = read.u.values[..., 0], read.v.values[..., 0]
print(f"highest row: v {v[0, 0]:+.2f} mm/s, by lvpyio {own['v'][0, 0]:+.2f}, by pivpy {read_v[0, 0]:+.2f}")
growths = [growth(u, v), growth(own["u"], own["v"]), growth(read_u, read_v)]
print("divergence {:.2f}, by lvpyio {:.2f}, by pivpy {:.2f}".format(*growths))
assert np.allclose(growths, [0.2, 0.2, 0], atol=1e-4)
assert np.allclose(read_u, u, atol=1e-5)
assert np.allclose(read_v, -v, atol=1e-5), "the vectors are read upright now"

own, read = write("mended.vc7", outlier=True), load_vc7("mended.vc7").u.values[..., 0]
print(f"mended vector: u {u[3, 4]:.2f} mm/s, by lvpyio {own['u'][3, 4]:.2f}, by pivpy {read[3, 4]:.2f}")
assert np.allclose(own["u"], u, atol=1e-5)
assert np.isclose(read[3, 4], 5), "the active choice is read now"
END
