#!/bin/sh
# seg-metrics 1.2.8, write_metrics with hd, hd95 and msd.
#
# Expected: an empty prediction has no distance to a reference: nan, inf or an error.
# Seen: 0.0 for all three, the value of a perfect prediction, while Dice is 0. A mean over cases gets better with each
# target that is missed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check seg-metrics==1.2.8 SimpleITK==2.5.7 numpy==2.4.6
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from seg_metrics.seg_metrics import write_metrics

mask, reference = np.zeros((2, 20, 20), dtype=np.uint8)
mask[4:10, 3:11] = reference[4:10, 5:13] = reference[4:6, 13:17] = 1


def scores(prediction):
    names = ["dice", "hd", "hd95", "msd"]
    found = write_metrics(
        labels=[1], gdth_img=reference, pred_img=prediction, spacing=[1.0, 1.0], metrics=names, verbose=False
    )[0]
    return {name: round(float(found[name][0]), 4) for name in names}


empty, other = scores(mask * 0), scores(mask)
print(f"empty prediction {empty}\nprediction that overlaps {other}")
assert {empty[name] for name in ("hd", "hd95", "msd")} == {0.0}, "an empty prediction is not perfect any more"
assert empty["dice"] < 0.001
assert other["hd95"] == 5.0
END
