#!/bin/sh
# imumocap 1.3.1, Matrix.slerp (1.4.0, which asks for Python 3.12, has the same lines): five poses from one to another
# that is turned about z.
#
# Expected: spherical linear interpolation turns at a constant speed: 0, 1/4, 1/2, 3/4 and all of the angle.
# Seen: the weights of both quaternions are made of the angle of the turn, and not of the half of it that lies between
# them. The ends and the middle are right. In between the pose is 25.5 for 22.5 degrees at 90 degrees,
# 38 for 30 at 120, and 90 for 45 at 180. From -100 to -170 degrees the middle is 45 for -135 degrees, the long way
# round, as the sign of the quaternions is not looked at.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	imumocap==1.3.1 numpy==2.4.6 scipy==1.17.1 matplotlib==3.10.8
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from imumocap import Matrix
from scipy.spatial.transform import Rotation, Slerp

PARTS = np.linspace(0, 1, 5)


def between(first, last):
    """Angles about z of slerp of the package and of SciPy, in degrees."""
    poses = Matrix.slerp(Matrix(rot_z=first), Matrix(rot_z=last), len(PARTS))
    found = np.array([pose.rot_xyz[2] for pose in poses])
    ends = Rotation.from_euler("z", [[first], [last]], degrees=True)
    return found, Slerp([0, 1], ends)(PARTS).as_euler("zxy", degrees=True)[:, 0]


for angle in (10, 90, 120, 180):
    found, right = between(0, angle)
    print(f"0 to {angle} degrees: {np.round(found, 1) + 0.0}, SciPy {np.round(right, 1) + 0.0}")
    assert np.allclose(np.abs(right), PARTS * angle) and np.allclose(np.abs(found[[0, 4]]), [0, angle])
    weights = np.sin((1 - PARTS) * np.radians(angle)), np.sin(PARTS * np.radians(angle))
    half = np.radians(angle / 2)
    said = 2 * np.degrees(np.arctan2(weights[1] * np.sin(half), weights[0] + weights[1] * np.cos(half)))
    assert np.allclose(np.abs(found), said, atol=1e-3), "poses are interpolated another way now"
    assert abs(found[1] - angle / 4) > {10: 0, 90: 2, 120: 5, 180: 40}[angle]
found, right = between(-100, -170)
print(f"-100 to -170 degrees: {np.round(found, 1)}, SciPy {np.round(right, 1)}")
assert abs(found[2] - 45) < 1 and abs(right[2] + 135) < 1, "poses go the short way round now"
END
