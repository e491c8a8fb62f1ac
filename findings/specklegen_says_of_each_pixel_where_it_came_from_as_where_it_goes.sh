#!/bin/sh
# specklegen 0.1.7 makes frames of moving speckle with their true flow, in .flo files, by which flows are trained and
# judged. Here its functions make 12 fields with --scales 10 10 and move spots by them.
#
# Expected: flow001.flo belongs to frame 1 and says where its pixels are in frame 2, as .flo files do. --scales are
# "the max u and v flow magnitudes": 10 pixels each.
# Seen: the field is used backwards, and written as it is: it says of each pixel of frame 2 where it came from. A spot
# of frame 1 is 0.3 pixels beside the place that the file says, on average, and up to 1.2 to 2.7; a perfect flow is
# said to be as much off. Looked up at the place where the spot arrives, the file is right to 0.02 pixels. And v is
# divided by the largest u, not v: in three runs its largest value was 2 to 116 pixels, and within a tenth of the 10
# asked for in one field of twelve. The fields are others in each run: set_seed does not reach them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	specklegen==0.1.7 gstools==1.7.0 opencv-python-headless==5.0.0.93 matplotlib==3.11.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from scipy.ndimage import map_coordinates
from specklegen.synthetic_data_generator import random_deformation_pattern, set_seed, warp_image_with_flow

SIZE, ASKED = 192, 10
rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
largest, written, arrived = [], [], []
for seed in range(12):
    set_seed(seed)
    u, v = random_deformation_pattern((SIZE // 2, SIZE // 2), (ASKED, ASKED))
    largest.append((np.abs(u).max(), np.abs(v).max()))
    if max(largest[-1]) > 15:
        continue
    for row in range(48, SIZE - 40, 45):
        for column in range(48, SIZE - 40, 45):
            spot = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 8)
            moved = warp_image_with_flow(spot.astype(np.float32), u, v)
            there = np.array([(moved * rows).sum(), (moved * columns).sum()]) / moved.sum()
            for errors, at in ((written, (row, column)), (arrived, there)):
                flow = [map_coordinates(part, np.reshape(at, (2, 1)), order=1)[0] for part in (v, u)]
                errors.append(np.hypot(*(there - (row, column) - flow)))
largest = np.array(largest)
near = np.abs(largest / ASKED - 1) < 0.1
print(f"flow at the spot in frame 1: off by {np.mean(written):.2f} pixels, up to {np.max(written):.2f}")
print(f"flow where it is in frame 2: off by {np.mean(arrived):.2f} pixels, up to {np.max(arrived):.2f}")
for name, wide, right in zip("uv", largest.T, near.T, strict=True):
    print(f"largest {name} of a field: {wide.min():.1f} to {wide.max():.1f} pixels; as asked in {right.mean():.0%}")
assert np.mean(arrived) < 0.05
assert np.mean(written) > max(0.1, 5 * np.mean(arrived)), "the flow is that of frame 1 now"
assert near[:, 1].mean() < 0.6, "v is as large as asked now"
END
