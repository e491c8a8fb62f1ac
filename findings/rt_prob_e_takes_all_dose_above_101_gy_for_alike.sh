#!/bin/sh
# rt-prob-e 0.1.0, DVH(dose, mask, max_DVH, spacing), on a target that gets between 60 and 150 Gy, as in stereotactic
# and brachytherapy and wherever doses are recalculated for 2 Gy a fraction. max_DVH=150 is "the maximum dose value for
# DVH calculation".
#
# Expected: volumes and doses as a count of the voxels has them, within a bin of 0.025 Gy, up to the maximum asked for.
# Seen: max_DVH is kept and never used. There are always 4096 bins to 101 Gy, the last of which holds all above: the
# volume that gets 120 Gy is 54 % where it is 33, and that of 140 Gy too, where it is 11. The median dose is 150 Gy
# where it is 105. The mean, the least and the largest dose are right, and a line in a log of the lowest level says that
# values above 101 Gy are "coarse". And whatever the doses are: D100, the dose that all of the volume gets, is 0.01 Gy,
# the middle of the first bin, where the least dose is 60, by the curve of the same structure.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rt-prob-e==0.1.0 numpy==2.4.6 scipy==1.17.1 pydicom==3.0.2 pandas==2.3.3 matplotlib==3.11.2 scikit-image==0.26.0
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from Probabilistic_Evaluation.data._DVH import DVH

found = {}
for highest in (90, 150):
    dose = np.random.default_rng(0).uniform(60, highest, (20, 20, 20))
    histogram = DVH(dose.copy(), np.ones(dose.shape), max_DVH=150.0, spacing=(2, 2, 2))
    for level in (70, 80, 120, 140):
        found[highest, f"V{level}"] = histogram.computeVx(level), 100 * float((dose >= level).mean())
    for share in (0.98, 0.5, 1.0):
        found[highest, f"D{100 * share:.0f}"] = histogram.computeDx(share), float(np.quantile(dose, 1 - share))
    found[highest, "mean"] = histogram.DMean, float(dose.mean())
    found[highest, "least"] = histogram.DMin, float(dose.min())

for (highest, name), (said, counted) in found.items():
    print(f"doses of 60 to {highest} Gy: {name} by rt-prob-e {said:.2f}, counted {counted:.2f}")
    off = abs(said - counted)
    if name == "D100":
        assert said < 0.02, "D100 is the least dose now"
    elif (highest, name) in ((150, "V120"), (150, "V140"), (150, "D50")):
        assert off > 15, "doses above 101 Gy are told apart now"
    else:
        assert off < 0.1
END
