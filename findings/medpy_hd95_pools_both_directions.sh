#!/bin/sh
# MedPy 0.5.2, medpy.metric.binary.hd95 and assd.
#
# Expected: HD95 is the Hausdorff distance with its two directed maxima replaced by 95 % quantiles, so the larger of the
# two quantiles, as in MONAI. assd, the mean of the two directed means.
# Seen: both pool the distances of both directions, and take one quantile or one mean of all. On these two masks the
# larger of the two quantiles is 5.5 and hd95 gives 5.0; the mean of the two directed means is 1.2876 and assd gives
# 1.3455. A border that is short on one side counts for less than it should.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check medpy==0.5.2 numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" - <<'END'
import numpy as np
from medpy.metric.binary import asd, assd, hd95
from scipy.ndimage import binary_erosion, distance_transform_edt

one, other = np.zeros((2, 20, 20), dtype=bool)
one[4:10, 3:11] = other[4:10, 5:13] = other[4:6, 13:17] = True
borders = [mask & ~binary_erosion(mask) for mask in (one, other)]
there = distance_transform_edt(~borders[1])[borders[0]]
back = distance_transform_edt(~borders[0])[borders[1]]
larger = max(np.percentile(there, 95), np.percentile(back, 95))
pooled = np.percentile(np.concatenate([there, back]), 95)
print(f"hd95 {hd95(one, other):.4f}; larger of two quantiles {larger:.4f}; quantile of all {pooled:.4f}")
means = (asd(one, other) + asd(other, one)) / 2
print(f"assd {assd(one, other):.4f}; mean of asd both ways {means:.4f}; mean of all {np.concatenate([there, back]).mean():.4f}")
assert hd95(one, other) == pooled == 5.0, "hd95 is not pooled any more"
assert larger == 5.5
assert abs(assd(one, other) - 1.3455) < 5e-5, "assd is not pooled any more"
assert abs(means - 1.2876) < 5e-5
END
