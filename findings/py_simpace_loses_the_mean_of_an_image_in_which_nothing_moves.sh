#!/bin/sh
# py-simpace 2.0.1, simulate_structural_motion, on a ball of value 1 in 32 x 32 x 32 voxels, without ghosts. The pairs
# for training that the package makes (generate_training_pairs) are blended of 8 segments.
#
# Expected: without motion (the identity in every segment of k-space) the result is the image; after a move by one voxel
# along x it is the image, one voxel on.
# Seen: blended, in an even number of segments, the image without motion has a mean of 0, and is off by 0.75 at the
# ball. Each plane of k-space is in one segment only, so that its weight falls out again, but for the first and the last
# of each segment, whose weight is 0: they are set to 0, and of 2, 4 or 8 segments one begins at the middle of k-space.
# Not blended, two segments without motion are off by 0.57, and a move by one voxel gives the negative of the image, by
# half a voxel one with a mean of 0: the phases are those of a k-space whose middle is at its corner. Moves by 2 voxels
# are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 nibabel==5.4.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps py-simpace==2.0.1 # without torch
"$folder/bin/python" - <<'END'
import numpy as np
from pysimpace.simulation.structural import simulate_structural_motion

places = np.stack(np.meshgrid(*3 * [np.arange(32)], indexing="ij"), axis=-1)


def ball(x):
    return 1 / (1 + np.exp(np.linalg.norm(places - [x, 16, 16], axis=-1) - 8))


def moved(x):
    motion = np.eye(4)
    motion[0, 3] = x  # voxels
    return motion


def off(motions, truth, **options):
    made = simulate_structural_motion(ball(16.0), transforms=motions, ghosting=False, **options)
    return float(np.abs(made - truth).max()), float(made.mean())


still = {number: off([np.eye(4)], ball(16.0), use_blended=True, num_segments=number) for number in (1, 2, 4, 8)}
for number, (error, mean) in still.items():
    print(f"no motion, blended, {number} segments: off by {error:.2f}, mean {mean:.3f} of {ball(16.0).mean():.3f}")
two = off(2 * [np.eye(4)], ball(16.0))[0]
print(f"no motion, not blended, 2 segments: off by {two:.2f}")
shifts = {x: off([moved(x)], ball(16.0 + x)) for x in (0.5, 1.0, 2.0)}
negative = off([moved(1.0)], -ball(17.0))[0]
for x, (error, mean) in shifts.items():
    print(f"moved by {x} voxels, not blended: off by {error:.2f}, mean {mean:.3f}")
print(f"moved by 1 voxel: off from the negative of the image by {negative:.3f}")
assert still[1][0] < 1e-3 and shifts[2.0][0] < 0.01
assert all(still[number][0] > 0.7 and abs(still[number][1]) < 1e-3 for number in (2, 4, 8)), "no motion is none now"
assert two > 0.5, "segments without motion make the image now"
assert negative < 0.01 and abs(shifts[0.5][1]) < 1e-3, "moves by one voxel and by half a voxel are right now"
END
