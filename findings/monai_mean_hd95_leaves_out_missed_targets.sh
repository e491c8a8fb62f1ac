#!/bin/sh
# MONAI 1.6.1, HausdorffDistanceMetric(percentile=95).aggregate().
#
# Expected: where one of two predictions is empty, the mean HD95 shows it: inf or nan, as the mean surface distance does.
# Seen: the empty prediction has an HD95 of nan, which the mean leaves out without a word. Two frames, one of them missed:
# mean HD95 5.5, as if it had not been there; mean surface distance inf; mean Dice 0.35. A model that misses more targets
# has no worse, and often a better, mean HD95.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	monai==1.6.1 torch==2.13.0 numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from monai.metrics import DiceMetric, HausdorffDistanceMetric, SurfaceDistanceMetric

mask, reference = np.zeros((2, 20, 20), dtype=bool)
mask[4:10, 3:11] = reference[4:10, 5:13] = reference[4:6, 13:17] = True
predictions = torch.tensor(np.stack([mask, mask & False])[:, np.newaxis])
references = torch.tensor(np.stack([reference, reference])[:, np.newaxis])
means = {}
for metric in (HausdorffDistanceMetric(percentile=95), SurfaceDistanceMetric(), DiceMetric()):
    metric.include_background = True
    each = metric(predictions, references).ravel().tolist()
    means[type(metric).__name__] = float(metric.aggregate())
    print(f"{type(metric).__name__}: frames {each}, mean {float(metric.aggregate())}")
assert means["HausdorffDistanceMetric"] == 5.5, "the missed target is not left out of the mean any more"
assert np.isinf(means["SurfaceDistanceMetric"])
assert abs(means["DiceMetric"] - 0.3462) < 5e-5
END
