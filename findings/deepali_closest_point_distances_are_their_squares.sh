#!/bin/sh
# hf-deepali 0.6.5 (deepali: registration of images, points and surfaces), core.functional.closest_point_distances: how
# far landmarks and the points of a contour lie from those of another, in mm.
#
# Expected: "Compute minimum Euclidean distance from each point in x to point set y", "Tensor of shape (N, X) with
# minimum distances": as of a k-d tree. ClosestPointDistance, the loss of the same package, is one in mm too.
# Seen: their squares. 0.5, 2 and 3 mm become 0.25, 4 and 9. For two contours 1.1 mm apart on average 1.6 is found, and
# a largest distance of 2 mm is 4. Which point is the closest is right. Below 1 mm the values are too small, so that a
# good registration looks better than it is, and a bad one worse.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check hf-deepali==0.6.5 torch==2.13.0 numpy==2.4.6 \
	scipy==1.17.1 pandas==3.0.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from deepali.core import functional
from deepali.losses import ClosestPointDistance
from scipy.spatial import cKDTree

turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
circle = np.column_stack([20 * np.cos(turns), 20 * np.sin(turns), np.zeros_like(turns)])
reach = 1.1 + 0.9 * np.sin(3 * turns)  # mm that the other contour lies further out
other = circle * ((20 + reach) / 20)[:, None]
landmarks, found = np.array([[0.0, 0, 0], [50, 0, 0], [0, 50, 0]]), np.array([[0.5, 0, 0], [50, 2, 0], [0, 50, 3.0]])
for name, one, two in (("landmarks", landmarks, found), ("contours", other, circle)):
    right, nearest = cKDTree(two).query(one)
    tensors = torch.tensor(one)[None], torch.tensor(two)[None]
    seen = functional.closest_point_distances(*tensors)[0].numpy()
    indices = functional.closest_point_indices(*tensors)[0].numpy()
    loss = float(ClosestPointDistance(scale=1)(tensors[0].float(), tensors[1].float()))
    print(f"{name}: first ones {seen[:3].round(2)} mm, by a k-d tree {right[:3].round(2)}; mean {seen.mean():.2f}, by "
          f"a k-d tree {right.mean():.2f}, by the loss of the package {loss:.2f}; largest {seen.max():.2f} of "
          f"{right.max():.2f}")
    assert np.array_equal(indices, nearest) and np.isclose(loss, right.mean(), rtol=1e-4)
    assert np.allclose(seen, right**2, rtol=1e-4, atol=1e-5) and not np.allclose(seen, right), "they are distances now"
END
