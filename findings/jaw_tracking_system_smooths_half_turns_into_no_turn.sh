#!/bin/sh
# jaw-tracking-system 1.1.1, helper.TransformationFilter with its defaults: a plate of markers that nods 3 degrees with
# each breath of 4 s. A camera sees it 25 times a second, from four sides, with 0.1 degree of noise.
#
# Expected: the filter is one "for smoothing transformation trajectories" by rotation vectors, "which better preserves
# the geometry of rotations": the noise is taken off, to within 0.2 degrees, whichever way the camera looks.
# Seen: so it is for a camera turned by 0, 90 and 150 degrees against the plate. Where it faces the plate (180 degrees),
# the smoothed plate is 122 degrees away in the middle, and up to 180. The rotation vector jumps from 180 to -180 as the
# noise has it, and both are averaged. What comes out is a proper rotation.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check jaw-tracking-system==1.1.1 numpy==2.4.6 \
	scipy==1.17.1 h5py==3.15.1 pandas==3.1.1 scikit-learn==1.8.0 matplotlib==3.10.8
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from jts.helper import TransformationFilter
from scipy.spatial.transform import Rotation

time = np.arange(0, 20, 1 / 25)
nod = np.radians(3) * np.sin(2 * np.pi * time / 4)
noise = np.random.default_rng(0).normal(size=(len(time), 3)) * np.radians(0.1)
for degrees in (0, 90, 150, 180):
    camera = Rotation.from_euler("z", degrees, degrees=True)
    true = Rotation.from_rotvec(nod[:, None] * [1, 0, 0]) * camera
    seen = np.tile(np.eye(4), (len(time), 1, 1))
    seen[:, :3, :3] = (Rotation.from_rotvec(noise) * true).as_matrix()
    smooth = TransformationFilter()(seen)[:, :3, :3]
    off = np.degrees((Rotation.from_matrix(smooth) * true.inv()).magnitude())
    print(f"camera turned by {degrees} degrees: {np.median(off):.2f} degrees off in the middle, up to {off.max():.2f}")
    assert np.allclose(smooth @ smooth.transpose(0, 2, 1), np.eye(3)) and np.allclose(np.linalg.det(smooth), 1)
    if degrees == 180:
        assert np.median(off) > 100 and off.max() > 170, "half turns are smoothed rightly now"
    else:
        assert off.max() < 0.2
END
