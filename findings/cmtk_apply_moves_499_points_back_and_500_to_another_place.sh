#!/bin/sh
# cmtk-apply 0.1.0 (registrations of CMTK in Python), inverse_transform_points, on a field of B-splines with smooth
# motion of up to 3.6 mm, written as displacements ("absolute no") and as places ("absolute yes"), and up to 500 points.
#
# Expected: the points come back to where they were, however many there are. The two files say the same field, and
# transform_points moves the points by both alike.
# Seen: from 500 points on, the solver takes derivatives of its own instead of differences. They are those of the
# displacement, without the 1 of the place itself, so that its steps go astray: all points end 3.2 mm, on average, from
# where they were, about as far as if nothing had been inverted. 499 points come back to 1e-6 mm. Nothing is said. With
# places, both numbers are right; so is solver="numerical".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	cmtk-apply==0.1.0 numpy==2.4.6 numba==0.66.0 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from cmtk_apply import load_registration

NODES, SPACING = np.array([9, 10, 11]), 10.0  # mm
z, y, x = np.meshgrid(*(np.arange(number) for number in NODES[::-1]), indexing="ij")
places = np.stack([x, y, z], axis=-1).reshape(-1, 3) * SPACING - SPACING
x, y, z = places.T
motion = np.stack([3 * np.sin(y / 15), 4 * np.sin(z / 12), 2 * np.cos(x / 14)], axis=-1)


def load(absolute):
    rows = [" ".join(f"{value:.12g}" for value in row) for row in (places + motion if absolute else motion)]
    domain = " ".join(str(SPACING * (number - 3)) for number in NODES)
    text = ["! TYPEDSTREAM 2.4", "", "registration {", "\treference_study \"a\"", "\tfloating_study \"b\"",
            "\tspline_warp {", f"\t\tabsolute {'yes' if absolute else 'no'}",
            f"\t\tdims {NODES[0]} {NODES[1]} {NODES[2]}", f"\t\tdomain {domain}",
            f"\t\torigin {-SPACING} {-SPACING} {-SPACING}",
            "\t\tcoefficients " + "\n\t\t\t".join(rows), "\t}", "}"]
    with open("registration", "w") as file:
        file.write("\n".join(text) + "\n")
    return load_registration("registration")


points = np.random.default_rng(0).uniform(5, 50, (500, 3))
moved, off = {}, {}
for absolute in (True, False):
    field = load(absolute)
    moved[absolute] = field.transform_points(points)
    for number in (499, 500):
        for solver in ("auto", "numerical"):
            back = field.inverse_transform_points(moved[absolute][:number], solver=solver)
            off[absolute, number, solver] = np.linalg.norm(back - points[:number], axis=1)
            mean, most = off[absolute, number, solver].mean(), off[absolute, number, solver].max()
            print(f"{'places' if absolute else 'displacements'}, {number} points, {solver}: {mean:.2g} mm off, "
                  f"{most:.2g} at most")
assert np.allclose(moved[True], moved[False], atol=1e-6)
print(f"the points were moved by {np.linalg.norm(moved[False] - points, axis=1).mean():.2f} mm")
wrong = off.pop((False, 500, "auto"))
assert all(error.max() < 1e-4 for error in off.values())
assert wrong.mean() > 2.5, "500 points come back now"
END
