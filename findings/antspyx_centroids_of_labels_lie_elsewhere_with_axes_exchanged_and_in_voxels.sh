#!/bin/sh
# antspyx 0.6.3, label_image_centroids: "Converts a label image to coordinates summarizing their positions", and with
# physical=True those in "physical space". Two targets of 3 x 3 x 3 voxels, on grids of 24 x 24 x 24, 24 x 20 x 16 and
# 64 x 64 x 20 voxels of 1.5 x 1.5 x 3 mm whose origin is at (10, -20, 30) mm.
#
# Expected: the means of the indices of the voxels of each label, or their places in mm. get_center_of_mass and
# label_geometry_measures of the same package, and numpy, say so.
# Seen: the table of indices runs with x fastest, and the labels with z fastest. In a cube x and z are exchanged. On
# other grids all three numbers are wrong, all lie within the grid, and the target with the greater x may be said to
# have the smaller. physical=True changes nothing: these are voxels, not mm. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check antspyx==0.6.3 numpy==2.3.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import ants
import numpy as np

ORIGIN, SPACING = np.array([10.0, -20.0, 30.0]), np.array([1.5, 1.5, 3.0])  # mm
MIDDLES = np.array([[5, 8, 3], [14, 11, 9]])  # voxels

off = {}
for shape in ((24, 24, 24), (24, 20, 16), (64, 64, 20)):
    labels = np.zeros(shape, np.float32)
    for label, middle in enumerate(MIDDLES, 1):
        labels[tuple(slice(index - 1, index + 2) for index in middle)] = label
        assert np.allclose(np.argwhere(labels == label).mean(axis=0), middle)
    image = ants.from_numpy(labels, origin=tuple(ORIGIN), spacing=tuple(SPACING))
    found = ants.label_image_centroids(image)["vertices"]
    physical = ants.label_image_centroids(image, physical=True)["vertices"]
    for label, middle in enumerate(MIDDLES, 1):
        place = ORIGIN + SPACING * middle
        alone = ants.from_numpy((labels == label).astype(np.float32), origin=tuple(ORIGIN), spacing=tuple(SPACING))
        assert np.allclose(ants.get_center_of_mass(alone), place, atol=1e-4)
        off[shape, label] = found[label - 1] - middle
        print(f"{shape}, target {label}: middle {middle} voxels, said {np.round(found[label - 1], 2)}; "
              f"{place} mm, said {np.round(physical[label - 1], 2)}")
    assert np.array_equal(found, physical), "physical=True gives mm now"
    assert np.all((found >= 0) & (found < shape))
    if shape == (24, 24, 24):
        assert np.allclose(found, MIDDLES[:, ::-1]), "x and z are not exchanged in a cube now"
wrong = {key: np.abs(shift).max() for key, shift in off.items()}
assert min(wrong.values()) > 1, "centroids of labels are the means of their indices now"
END
