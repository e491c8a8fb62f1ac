#!/bin/sh
# essa 0.3 (singular spectrum analysis), Decompose and reconstruct: a breath of 400 frames with a drift, window of 40
# frames, all components in one group.
#
# Expected: the components of a series sum up to the series: "reconstruct" turns each matrix of windows, in which frame
# i + j stands at row i and column j, back into frames by the mean of its antidiagonals.
# Seen: the mean of its diagonals is taken, where i - j is the same: frames of all times. Of a breath from -10 to 14 mm,
# a smooth curve from 0 to 4 mm is left: all components together miss the series by up to 10 mm. The lengths are right.
# A column of an array of tracks is read with the step of a copy, so that x and y of its first half alternate in it: 12
# components for the 4 of the same column copied. With method="toeplitz", each component is multiplied by its
# eigenvalue, too: even along the right diagonals, the breath is 850 times as large.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	essa==0.3 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from essa import Decompose, reconstruct

COUNT, WINDOW = 400, 40  # frames
frame = np.arange(COUNT)
tracks = np.column_stack(
    [10 * np.sin(2 * np.pi * frame / 16) + 0.01 * frame, 3 * np.cos(2 * np.pi * frame / 50)]
)  # mm
breath = tracks[:, 0].copy()


def parts(series, method="basic"):
    model = Decompose(series, WINDOW, method=method)
    model.fit()
    return model, [index for index in range(len(model.components))]


def put_together(matrix, antidiagonals):
    rows, columns = np.indices(matrix.shape)
    place = rows + columns if antidiagonals else columns - rows + len(matrix) - 1
    return np.bincount(place.ravel(), matrix.ravel()) / np.bincount(place.ravel())


model, every = parts(breath)
found = reconstruct(model, [every])[0]
whole = np.sum(model.components, axis=0)
right, wrong = put_together(whole, True), put_together(whole, False)
print(f"breath from {breath.min():.1f} to {breath.max():.1f} mm, from its components {found.min():.1f} to "
      f"{found.max():.1f} mm, up to {np.abs(found - breath).max():.1f} mm off")
assert np.allclose(right, breath)
assert np.abs(found - breath).max() > 8, "components sum up to the series now"
assert np.allclose(found, wrong), "the means are of other frames now"

column, _ = parts(tracks[:, 0])
print(f"components of a copied column: {len(every)}, of the column itself: {len(column.components)}")
assert np.allclose(column.trajectory_matrix[0, :4], [breath[0], tracks[0, 1], breath[1], tracks[1, 1]], atol=1e-9), (
    "a column of tracks is read as such now"
)
whole = np.sum(parts(breath, "toeplitz")[0].components, axis=0)
size = np.ptp(put_together(whole, True)) / np.ptp(breath)
print(f"toeplitz, along the right diagonals: {size:.0f} times as large as the breath")
assert size > 100, "the parts of toeplitz have their size now"
END
