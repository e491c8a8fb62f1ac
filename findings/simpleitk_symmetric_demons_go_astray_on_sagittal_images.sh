#!/bin/sh
# SimpleITK 2.5.7, its four demons filters, on one and the same motion of a soft target by (4, -2, 1.5) mm, imaged on an
# axial grid (direction 1), on one from feet to head and back to front (flipped), and on a sagittal one.
#
# Expected: the field is in mm in the patient, so it is the same on all three grids; 60 iterations leave next to nothing
# of the difference of the two images.
# Seen: so it is with three of the filters: at most 5 % is left. SymmetricForcesDemonsRegistrationFilter leaves 0.3 % on
# the axial grid, but 34 % on the sagittal one, and 116 % on the flipped one: its images are less alike than before. Its
# field is off by millimetres, as if gradients along the axes of the grid were gradients along those of the patient.
# It ends as it does elsewhere, and no word is said. FastSymmetricForces, the filter with the similar name, is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk

SIZE, SPACING, MOTION = np.array([48, 44, 40]), np.array([2.0, 3.0, 2.5]), np.array([4.0, -2.0, 1.5])
DIRECTIONS = {
    "axial": np.eye(3),
    "flipped": np.diag([1.0, -1, -1]),
    "sagittal": np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]]),
}
FILTERS = {
    "Demons": sitk.DemonsRegistrationFilter,
    "SymmetricForces": sitk.SymmetricForcesDemonsRegistrationFilter,
    "FastSymmetricForces": sitk.FastSymmetricForcesDemonsRegistrationFilter,
    "Diffeomorphic": sitk.DiffeomorphicDemonsRegistrationFilter,
}


def target(place, direction):
    index = np.stack(np.meshgrid(*map(np.arange, SIZE), indexing="ij"), axis=-1)
    origin = -direction @ (SPACING * (SIZE - 1) / 2)
    squares = np.sum(((index * SPACING) @ direction.T + origin - place) ** 2, axis=-1)
    image = sitk.GetImageFromArray((200 * np.exp(-squares / (2 * 12**2))).astype(np.float32).transpose(2, 1, 0))
    image.SetSpacing(SPACING.tolist())
    image.SetOrigin(origin.tolist())
    image.SetDirection(direction.ravel().tolist())
    return image


def difference(one, other):
    return float(np.sqrt(np.mean((sitk.GetArrayFromImage(one) - sitk.GetArrayFromImage(other)) ** 2)))


left, fields = {}, {}
for direction_name, direction in DIRECTIONS.items():
    fixed, moving = target(np.zeros(3), direction), target(MOTION, direction)
    beside = fixed.TransformPhysicalPointToIndex([8.0, 8, 8])
    for name, demons in FILTERS.items():
        demons = demons()
        demons.SetNumberOfIterations(60)
        demons.SetStandardDeviations(2)
        field = demons.Execute(fixed, moving)
        fields[name, direction_name] = np.array(field[beside])
        warped = sitk.Resample(moving, fixed, sitk.DisplacementFieldTransform(field))
        left[name, direction_name] = difference(fixed, warped) / difference(fixed, moving)
        vector = fields[name, direction_name].round(1).tolist()
        print(f"{direction_name}, {name}: {left[name, direction_name]:.1%} left, vector beside the middle {vector} mm")
for (name, direction_name), share in left.items():
    off = float(np.linalg.norm(fields[name, direction_name] - fields[name, "axial"]))
    if name == "SymmetricForces" and direction_name != "axial":
        assert share > 0.3 and off > 1, "symmetric forces heed the direction now"
    else:
        assert share < 0.06 and off < 0.35, (name, direction_name)
assert left["SymmetricForces", "flipped"] > 1
END
