#!/bin/sh
# miseval 1.3.0 (with hausdorff 0.2.6), evaluate with the metrics HD, AHD and BD on masks of squares of 8 by 8 pixels.
#
# Expected: HD is the Hausdorff distance of two masks: 20 for a square 20 pixels lower. AHD is a mean of the distances
# of which HD is the largest. BD is the distance of two borders: 0 for a mask and itself.
# Seen: HD hands the masks to a function of lists of points, so that each row of pixels is one point. A square 20 pixels
# lower has HD 0, one 20 pixels to the right 2.83. AHD is the largest distance: one stray pixel lifts it from 1 to 61.
# BD is the mean over all pairs of points of the two borders: 5.9 for a mask and itself. A target that is missed upwards
# or downwards has the HD of a perfect prediction.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	miseval==1.3.0 hausdorff==0.2.6 dictances==1.5.3 numba==0.68.1 numpy==2.2.6 \
	scikit-image==0.26.0 scikit-learn==1.9.1 scipy==1.17.1
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from miseval import evaluate
from scipy.ndimage import distance_transform_edt


def square(row, column):
    mask = np.zeros((64, 64), dtype=int)
    mask[row : row + 8, column : column + 8] = 1
    return mask


def hausdorff(one, other):
    return max(distance_transform_edt(far == 0)[near == 1].max() for near, far in ((one, other), (other, one)))


reference, stray = square(10, 10), square(11, 10)
stray[60, 60] = 1
predictions = {
    "itself": reference,
    "1 lower": square(11, 10),
    "1 lower, and a stray pixel": stray,
    "20 lower": square(30, 10),
    "20 to the right": square(10, 30),
}
found = {}
for name, mask in predictions.items():
    scores = {metric: evaluate(reference, mask, metric=metric, multi_class=False) for metric in ("HD", "AHD", "BD")}
    scores["true HD"] = hausdorff(reference, mask)
    found[name] = {metric: round(float(score), 2) for metric, score in scores.items()}
    print(f"{name}: {found[name]}")
assert found["20 lower"]["true HD"] == found["20 to the right"]["true HD"] == 20
distances = [found[name]["HD"] for name in ("1 lower", "20 lower", "20 to the right")]
assert distances == [0, 0, 2.83], "HD has changed"
assert (found["1 lower"]["AHD"], found["1 lower, and a stray pixel"]["AHD"]) == (1, 60.81), "AHD is a mean now"
assert found["itself"]["BD"] == 5.89, "BD of a mask and itself has changed"
END
