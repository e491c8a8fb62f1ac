#!/bin/sh
# brainglobe-space 1.0.3 (1.0.4 has the same lines), AnatomicalSpace.map_stack_to and map_points_to: a stack of
# 20 x 30 x 40 voxels with five bright voxels, and the same five as points.
#
# Expected: the mapped points are the bright voxels of the mapped stack. In its README, the points of a stack of
# 3 x 2 x 4 are [0, 0, 0] and [2, 1, 3], its first and its last voxel, and points and stack move "together".
# Seen: right where axes only change places. On each axis that is turned round, i becomes n - i, as for the edges of
# voxels, and the voxel itself goes to n - 1 - i. The first voxel of the README ends outside its stack, at [2, 4, 3] of
# (2, 4, 3). Landmarks that are numbers of voxels, as argwhere and clicks give them, lie one beside their structure, in
# the next slice. Turned back, they are right again, so that no test there and back shows it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	brainglobe-space==1.0.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import brainglobe_space
import numpy as np

readme = np.random.default_rng(0).random((3, 2, 4))
space = brainglobe_space.AnatomicalSpace(("Left", "Superior", "Anterior"), readme.shape)
mapped, points = space.map_stack_to("ipr", readme), space.map_points_to("ipr", np.array([[0, 0, 0], [2, 1, 3]]))
found = [np.argwhere(mapped == readme[0, 0, 0])[0].tolist(), np.argwhere(mapped == readme[2, 1, 3])[0].tolist()]
print(f"README, stack of {mapped.shape}: points {points.tolist()}, their voxels {found}")
assert found == [[1, 3, 2], [0, 0, 0]]

voxels = np.random.default_rng(1).integers(3, 17, (5, 3))
stack = np.zeros((20, 30, 40))
for number, voxel in enumerate(voxels, start=1):
    stack[tuple(voxel)] = number
space = brainglobe_space.AnatomicalSpace("asr", stack.shape)
for target in ("sra", "psr", "pir", "lip"):
    mapped, points = space.map_stack_to(target, stack), space.map_points_to(target, voxels)
    right = np.array([np.argwhere(mapped == number)[0] for number in range(1, 6)])
    turned = np.array([axis not in "asr" for axis in target])
    print(f"asr to {target}: points minus voxels {(points - right)[0].tolist()}, for all: "
          f"{bool((points - right == (points - right)[0]).all())}")
    assert np.array_equal(points - right, np.tile(turned.astype(float), (5, 1))), "points are at their voxels now"
    there = brainglobe_space.AnatomicalSpace(target, mapped.shape)
    assert np.array_equal(there.map_points_to("asr", points), voxels)
END
