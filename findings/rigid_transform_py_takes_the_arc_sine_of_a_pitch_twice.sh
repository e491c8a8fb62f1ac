#!/bin/sh
# rigid-transform-py 0.1.1, Rotation(roll, pitch, yaw).ToEuler(): how far a couch or a head that was turned is turned.
#
# Expected: the angles that the rotation was made of, as for a turn about a single axis there is no choice of order; and
# for turns about three axes angles that make the same rotation again.
# Seen: roll and yaw alone come back. Of a pitch the arc sine is taken twice: 10 degrees are 10.05, 30 are 31.6, 50 are
# 60.8, and from 57.3 degrees on all are 90. With three angles roll and yaw are others too: a Rotation is made as turns
# about x, y and z in this order, and ToEuler is for the opposite one. Made of them again, it is 6.9 degrees away for
# 20, 10 and 15. Its matrix() is right each time.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rigid-transform-py==0.1.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from rigid_transform import Rotation
from scipy.spatial.transform import Rotation as Other

NAMES = ("roll", "pitch", "yaw")


def made(*degrees):
    return Rotation(**dict(zip(NAMES, np.radians(degrees))))


for number, name in enumerate(NAMES):
    for angle in (10, 30, 50, 60, 80):
        given = np.eye(3)[number] * angle
        rotation = made(*given)
        assert np.allclose(rotation.matrix(), Other.from_euler("xyz"[number], angle, degrees=True).as_matrix())
        found = np.degrees(rotation.ToEuler())
        if name == "pitch":
            twice = np.degrees(np.arcsin(np.radians(angle))) if np.radians(angle) < 1 else 90
            print(f"a pitch of {angle} degrees is said to be {found[1]:.2f} degrees")
            assert np.isclose(found[1], twice) and found[1] > angle, "a pitch is what it was now"
        else:
            assert np.allclose(found, given)

given = np.array([20, 10, 15])
rotation = made(*given)
assert np.allclose(rotation.matrix(), Other.from_euler("XYZ", given, degrees=True).as_matrix())
found = np.degrees(rotation.ToEuler())
again = made(*found)
away = np.degrees(Other.from_matrix(again.matrix() @ rotation.matrix().T).magnitude())
print(f"{given} degrees are said to be {np.round(found, 1)}; made of these it is {away:.1f} degrees away")
assert away > 5, "the angles make the same rotation again now"
END
