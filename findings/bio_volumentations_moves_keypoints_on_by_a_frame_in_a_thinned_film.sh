#!/bin/sh
# bio-volumentations 1.4.0, ResizeTemporal, on a film of a blob that breathes, with its place as one keypoint a frame.
# "Keypoints and bounding boxes are moved to integer time indices."
#
# Expected: the keypoint of each new frame lies on the blob of that frame, whether frames are added or left out.
# Seen: the images are right in both cases. When 11 frames become 8, keypoints lie up to 2.8 pixels beside the blob,
# which itself moves at most 3.1 pixels a frame. A new frame at 1.43 lies between the frames 1 and 2; its keypoint is
# that of frame 1 or 2, whichever is nearer, and is then moved by the part of the motion that begins at frame 1. So one
# that comes from frame 2 is moved on where it should be moved back, and is off by the motion of a whole frame. With
# more frames than before, or just every second one, no keypoint comes from the later frame, and all is well.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	bio-volumentations==1.4.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 simpleitk==2.5.7
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from bio_volumentations import Compose, ResizeTemporal

FRAMES, SIZE, COLUMN = 11, (5, 48, 40), 20
slices, rows, columns = np.meshgrid(*map(np.arange, SIZE), indexing="ij")


def row_of(time):
    return 24 + 10 * np.sin(2 * np.pi * time / 20)


def frame(time):
    return np.exp(-((rows - row_of(time)) ** 2 + (columns - COLUMN) ** 2) / 50)


film = np.stack([frame(time) for time in range(FRAMES)], axis=-1)[None].astype(np.float32)
points = [(2.0, float(row_of(time)), float(COLUMN), time) for time in range(FRAMES)]
worst = {}
for size in (6, 8, 16, 21):
    made = Compose([ResizeTemporal(size)], conversion=None)(image=film.copy(), keypoints=list(points))
    times, middle = np.linspace(0, FRAMES - 1, size), np.array(made["image"][0, 2])
    weights = np.where(middle > 0.3, middle, 0)  # rows, columns, time
    centre = (weights * np.arange(SIZE[1])[:, None, None]).sum(axis=(0, 1)) / weights.sum(axis=(0, 1))
    point_off = [point[1] - row_of(times[int(point[3])]) for point in made["keypoints"]]
    worst[size] = float(np.abs(centre - row_of(times)).max()), float(np.abs(point_off).max())
    image_off, keypoint_off = worst[size]
    print(f"{FRAMES} -> {size} frames: images at most {image_off:.2f} pixels off, keypoints {keypoint_off:.2f}")
assert max(image_off for image_off, _ in worst.values()) < 0.3
assert max(worst[size][1] for size in (6, 16, 21)) < 0.3
assert worst[8][1] > 2, "keypoints of a thinned film are in their places now"
END
