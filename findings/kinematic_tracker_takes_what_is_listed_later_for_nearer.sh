#!/bin/sh
# kinematic-tracker 24.2.0 (tracks of boxes), its metric "mahalanobis-size-modulated", which is called experimental: one
# target of 20 mm, and six detections of 20 mm, 10 to 15 mm from where it is expected.
#
# Expected: how well a detection fits a target depends on the two: the covariance of the target and of the measurement,
# and the sizes of both. The other detections and their order do not matter, as they do not for "mahalanobis".
# Seen: the size of each detection is added to one matrix, which is cleared for the next target only. So the second is
# compared as if it were as wide as two, the sixth as wide as six, and each fits the better the later it is listed.
# Listed from near to far, the farthest fits best, 15 mm off, and the target is taken for it; listed from far to near,
# for the nearest. A detection that is alone is compared rightly.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	kinematic-tracker==24.2.0 opencv-python-headless==5.0.0.93 numpy==2.4.6 scipy==1.17.1 shapely==2.2.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from kinematic_tracker import NdKkfTracker

SIZE, FAR = 20.0, np.linspace(10, 15, 6)  # mm
FRAME = 250_000_000  # ns


def detections(distances):
    return np.array([[distance, 0, 0, SIZE, SIZE, SIZE] for distance in distances])


def tracker(metric):
    made = NdKkfTracker([2, 1], [3, 3])
    made.set_measurement_std_dev(0, 2.0)
    made.set_measurement_std_dev(1, 2.0)
    made.ini_der_vars[:] = 1.0
    made.set_association_metric(metric)
    made.set_association_threshold(0.05)
    for number in range(1, 5):
        made.advance(number * FRAME, detections([0.0]))
    return made


def followed(metric, distances):
    made = tracker(metric)
    made.advance(5 * FRAME, detections(distances))
    return float(made.tracks_c[0][0].kkf.kalman_filter.statePost[0, 0])


best = {}
for metric in ("mahalanobis", "mahalanobis-size-modulated"):
    made = tracker(metric)
    made.predict_all(5 * FRAME)
    filters = made.get_kalman_filters(0)
    alone = np.array([made.metric_driver.compute_metric(detections([far]), filters)[0, 0] for far in FAR])
    up = made.metric_driver.compute_metric(detections(FAR), filters)[:, 0].copy()
    down = made.metric_driver.compute_metric(detections(FAR[::-1]), filters)[::-1, 0].copy()
    print(f"{metric}: scores alone {alone.round(3)}, from near to far {up.round(3)}, from far to near {down.round(3)}")
    best[metric] = [followed(metric, FAR), followed(metric, FAR[::-1])]
    print(f"  then the target is at {best[metric][0]:.2f} mm, with the other order at {best[metric][1]:.2f} mm")
    assert np.all(np.diff(alone) < 0)
    same = np.allclose(up, alone) and np.allclose(down, alone)
    assert same == (metric == "mahalanobis"), "scores do not depend on the order of detections now"
assert up.argmax() == len(FAR) - 1, "the nearest fits best now"
assert best["mahalanobis"][0] == best["mahalanobis"][1] == best[metric][1]
assert np.isclose(best[metric][0], best[metric][1] * FAR[-1] / FAR[0]), "the target goes on to the nearest now"
END
